"""Shares of encoder and n-grams, temperatures and thresholds, chosen on posts that the training did not see."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from classifier.encoding import CONTEXT_CHARACTERS, Reader, batch_of
from classifier.evaluation import any_harm, figures
from classifier.joint import LEAST, Joint, independent
from classifier.model import HARMS, SENTIMENTS, STANCES, JudgeModel, Logits
from classifier.ngrams import NgramTable
from classifier.normalise import normalise
from classifier.rows import Row
from humiao.labels import CRISIS, Stance

GRID = np.round(1 / (1 + np.exp(-np.linspace(-5.0, 2.2, 73))), 4)
"""Cuts that are tried, evenly spaced in logits: 0.0067 to 0.9."""
SHARES = np.linspace(0.0, 1.0, 11)
"""Shares of the encoder in the sum that are tried; the n-grams have the rest."""
PREVALENCE = 0.3
"""Share of harmful posts that thresholds are chosen for. Of our writers' posts more are harmful, of a forum's far fewer: harmless
held-back posts weigh as much more as makes up for it."""
BIAS_PRIOR = 8.0
"""Posts' worth of belief that a harm needs no bias."""
POOLED_POSTS = 30
"""Held-back posts of a harm at which its own best cut weighs as much as the cut that is best for all harms together."""
CRISIS_BETA = 1.75
"""How many times recall counts more than precision where a child's life may hang on it."""


def calibrate(
    model: JudgeModel, table: NgramTable, reader: Reader, held: list[Row], shares_of_harms: Sequence[float]
) -> dict[str, Any]:
    """Join `table` to `model`; temperatures by head, shares, and what `decisions` makes of them.

    `shares_of_harms`: how many of all posts like them show each harm, which biases are fitted for; among the few held back a
    harm's share is partly luck.
    """
    truth = torch.tensor([[row.harm[harm] for harm in HARMS] for row in held])
    stance = torch.tensor([STANCES.index(row.stance) for row in held])
    mood = torch.tensor([SENTIMENTS.index(row.sentiment) for row in held if row.sentiment])
    read, counted = _both(model, table, reader, held)
    losses: dict[str, Callable[[Logits], Tensor]] = {
        "harm": lambda out: functional.binary_cross_entropy_with_logits(out.harm, truth),
        "stance": lambda out: functional.cross_entropy(out.stance, stance),
        "sentiment": lambda out: functional.cross_entropy(out.sentiment, mood),
    }
    shares, temperatures = {}, {}
    for head, loss in losses.items():
        shares[head], temperatures[head] = _share(loss, read, counted)
    columns = torch.cat([torch.full((width,), shares[head]) for head, width in _WIDTHS.items()])
    model.join(table, columns)
    return {
        "temperatures": temperatures,
        "encoder_share": shares,
        **decisions(_parted(columns * read + (1 - columns) * counted), temperatures, held, shares_of_harms),
    }


def decisions(logits: Logits, temperatures: dict[str, float], held: list[Row], shares_of_harms: Sequence[float]) -> dict[str, Any]:
    """Biases, joint weights and thresholds by harm for the `logits` of the held-back rows, and the figures they give on them."""
    truth = torch.tensor([[row.harm[harm] for harm in HARMS] for row in held])
    warm = logits.harm / temperatures["harm"]
    biases = [_bias(warm[:, place], truth[:, place], share) for place, share in enumerate(shares_of_harms)]
    harm = torch.sigmoid(warm + torch.tensor(biases))
    other = torch.softmax(logits.stance / temperatures["stance"], 1)[:, STANCES.index(Stance.OTHER)]
    harmful = truth.bool().any(1)
    together = _joint(harm, other, harmful)
    chances = together.agreed(harm, other).numpy()
    odds = (1 - PREVALENCE) / PREVALENCE * float(harmful.sum()) / max(1.0, float((~harmful).sum()))
    thresholds = _thresholds(chances, truth.numpy(), torch.where(harmful, 1.0, odds).numpy())
    flagged = [[harm for place, harm in enumerate(HARMS) if row[place] >= thresholds[harm.value]] for row in chances]
    stances = [STANCES[int(place)] for place in logits.stance.argmax(1)]
    moods = [SENTIMENTS[int(place)] for place in logits.sentiment.argmax(1)]
    return {
        "thresholds": thresholds,
        "biases": dict(zip((harm.value for harm in HARMS), biases, strict=True)),
        "joint": asdict(together),
        "held_back": figures(held, flagged, stances, moods, [any_harm(row) for row in chances.tolist()]),
    }


def _joint(harm: Tensor, other: Tensor, harmful: Tensor) -> Joint:
    """Weights with the smallest loss."""
    known = torch.stack([torch.logit(1 - other, LEAST), independent(harm)], dim=1)
    model = LogisticRegression(C=10.0).fit(known.numpy(), harmful.numpy())
    stance, alone = (round(float(weight), 4) for weight in model.coef_[0])
    return Joint(stance, alone, round(float(model.intercept_[0]), 4))


def logits_of(model: JudgeModel, reader: Reader, rows: list[Row]) -> Logits:
    """What a whole network says of each row's first window."""
    read, counted = _both(model, model.ngrams, reader, rows)
    return _parted(read + counted)


_WIDTHS = {"harm": len(HARMS), "stance": len(STANCES), "sentiment": len(SENTIMENTS)}


def _both(model: JudgeModel, table: NgramTable, reader: Reader, rows: list[Row]) -> tuple[Tensor, Tensor]:
    """What the encoder and what the n-grams say of the whole of each row's first window, [rows, outputs of verdicts]."""
    width = sum(_WIDTHS.values())
    texts = [normalise(row.text).text for row in rows]
    parents = [normalise(row.parent[:CONTEXT_CHARACTERS]).text if row.parent else "" for row in rows]
    windows = [several[0] for several in reader.windows(texts, parents)]
    read, counted = [], []
    with torch.inference_mode():
        for start in range(0, len(windows), 64):
            batch = batch_of(windows[start : start + 64], reader.pieces.pad)
            read.append(model.read(batch)[:, :width])
            counted.append(table(batch.letters, batch.own)[:, :width].float())
    return torch.cat(read), torch.cat(counted)


def _share(loss: Callable[[Logits], Tensor], read: Tensor, counted: Tensor) -> tuple[float, float]:
    """The encoder's share and the divisor of the sum with the smallest loss."""
    divisors = np.exp(np.linspace(np.log(0.25), np.log(4.0), 60))
    tried = [
        (float(loss(_parted((share * read + (1 - share) * counted) / divisor))), float(share), float(divisor))
        for share in SHARES
        for divisor in divisors
    ]
    _, share, divisor = min(tried)
    return round(share, 4), round(divisor, 4)


def _bias(warm: Tensor, truth: Tensor, share: float) -> float:
    """What is added to a harm's logits so that its probabilities are right on average where `share` of the posts show it.

    BIAS_PRIOR holds it near 0.
    """
    tried = np.linspace(-2.0, 2.0, 81)
    there = float(truth.mean())
    weight = torch.where(truth > 0, share / max(there, 1e-6), (1 - share) / max(1 - there, 1e-6))
    losses = [
        float(functional.binary_cross_entropy_with_logits(warm + bias, truth, weight, reduction="sum")) + BIAS_PRIOR * bias**2 / 2
        for bias in tried
    ]
    return round(float(tried[int(np.argmin(losses))]), 4)


def _parted(out: Tensor) -> Logits:
    harm, stance, sentiment = out.split(list(_WIDTHS.values()), dim=1)
    return Logits(harm, stance, sentiment, sentiment)


def _thresholds(chances: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """A cut for each harm: its own best one, drawn towards the best one of all crisis (or all other) harms together.

    The fewer posts of a harm are held back, the nearer to the common cut; distances are in logits.
    """
    common = {}
    for crisis in (True, False):
        places = [place for place, harm in enumerate(HARMS) if (harm in CRISIS) is crisis]
        wide = np.repeat(weight[:, None], len(places), axis=1).ravel()
        common[crisis] = _logit(_cut(chances[:, places].ravel(), truth[:, places].ravel(), wide, crisis=crisis))
    cuts = {}
    for place, harm in enumerate(HARMS):
        trust = float(truth[:, place].sum()) / (float(truth[:, place].sum()) + POOLED_POSTS)
        alone = _logit(_cut(chances[:, place], truth[:, place], weight, crisis=harm in CRISIS))
        logit = trust * alone + (1 - trust) * common[harm in CRISIS]
        cuts[harm.value] = round(1 / (1 + math.exp(-logit)), 4)
    return cuts


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


def _cut(chances: np.ndarray, truth: np.ndarray, weight: np.ndarray, *, crisis: bool) -> float:
    """The cut with the best F-beta (CRISIS_BETA for crisis labels, else 1); the middle of the best plateau.

    Few positives make the raw optimum jump, so every cut is judged with one imagined hit and one imagined false alarm added.
    """
    beta = CRISIS_BETA if crisis else 1.0
    scores = []
    for cut in GRID:
        hit = float(((chances >= cut) & (truth == 1)).sum()) + 1
        false = float(weight[(chances >= cut) & (truth == 0)].sum()) + 1
        missed = float(((chances < cut) & (truth == 1)).sum())
        scores.append((1 + beta**2) * hit / ((1 + beta**2) * hit + beta**2 * missed + false))
    best = np.flatnonzero(np.isclose(scores, max(scores)))
    return float(GRID[best[len(best) // 2]])
