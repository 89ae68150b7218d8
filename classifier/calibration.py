"""Shares of encoder and n-grams, temperatures and thresholds, chosen on posts that the training did not see."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from classifier.encoding import CONTEXT_CHARACTERS, Reader, batch_of
from classifier.evaluation import any_harm, figures
from classifier.model import HARMS, SENTIMENTS, STANCES, JudgeModel, Logits
from classifier.ngrams import NgramTable
from classifier.normalise import normalise
from classifier.rows import Row
from humiao.labels import CRISIS, Harm

GRID = np.round(1 / (1 + np.exp(-np.linspace(-5.0, 2.2, 73))), 4)
"""Cuts that are tried, evenly spaced in logits: 0.0067 to 0.9."""
SHARES = np.linspace(0.0, 1.0, 11)
"""Shares of the encoder in the sum that are tried; the n-grams have the rest."""
PREVALENCE = 0.15
"""Share of harmful posts that thresholds are chosen for. Of our writers' posts more are harmful, of a forum's far fewer: harmless
held-back posts weigh as much more as makes up for it."""
BIAS_PRIOR = 4.0
"""Posts' worth of belief that a harm needs no bias."""
CRISIS_BETA = 1.5
"""How many times recall counts more than precision where a child's life may hang on it."""


def calibrate(model: JudgeModel, table: NgramTable, reader: Reader, held: list[Row]) -> dict[str, Any]:
    """Join `table` to `model`; temperatures by head, thresholds by harm, shares and the figures on the held-back rows."""
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
    logits = _parted(columns * read + (1 - columns) * counted)
    warm = logits.harm / temperatures["harm"]
    biases = [_bias(warm[:, place], truth[:, place]) for place in range(len(HARMS))]
    chances = torch.sigmoid(warm + torch.tensor(biases)).numpy()
    harmful = truth.bool().any(1)
    odds = (1 - PREVALENCE) / PREVALENCE * float(harmful.sum()) / max(1.0, float((~harmful).sum()))
    weight = torch.where(harmful, 1.0, odds).numpy()
    thresholds = {
        harm.value: _threshold(chances[:, place], truth[:, place].numpy(), weight, harm) for place, harm in enumerate(HARMS)
    }
    flagged = [[harm for place, harm in enumerate(HARMS) if row[place] >= thresholds[harm.value]] for row in chances]
    stances = [STANCES[int(place)] for place in logits.stance.argmax(1)]
    moods = [SENTIMENTS[int(place)] for place in logits.sentiment.argmax(1)]
    return {
        "thresholds": thresholds,
        "temperatures": temperatures,
        "biases": dict(zip((harm.value for harm in HARMS), biases, strict=True)),
        "encoder_share": shares,
        "held_back": figures(held, flagged, stances, moods, [any_harm(row) for row in chances.tolist()]),
    }


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


def _bias(warm: Tensor, truth: Tensor) -> float:
    """What is added to a harm's logits so that its probabilities are right on average; BIAS_PRIOR holds it near 0."""
    tried = np.linspace(-2.0, 2.0, 81)
    losses = [
        float(functional.binary_cross_entropy_with_logits(warm + bias, truth, reduction="sum")) + BIAS_PRIOR * bias**2 / 2
        for bias in tried
    ]
    return round(float(tried[int(np.argmin(losses))]), 4)


def _parted(out: Tensor) -> Logits:
    harm, stance, sentiment = out.split(list(_WIDTHS.values()), dim=1)
    return Logits(harm, stance, sentiment, sentiment)


def _threshold(chances: np.ndarray, truth: np.ndarray, weight: np.ndarray, harm: Harm) -> float:
    """The cut with the best F-beta (CRISIS_BETA for crisis labels, else 1); the middle of the best plateau.

    Few positives make the raw optimum jump, so every cut is judged with one imagined hit and one imagined false alarm added.
    """
    beta = CRISIS_BETA if harm in CRISIS else 1.0
    scores = []
    for cut in GRID:
        hit = float(((chances >= cut) & (truth == 1)).sum()) + 1
        false = float(weight[(chances >= cut) & (truth == 0)].sum()) + 1
        missed = float(((chances < cut) & (truth == 1)).sum())
        scores.append((1 + beta**2) * hit / ((1 + beta**2) * hit + beta**2 * missed + false))
    best = np.flatnonzero(np.isclose(scores, max(scores)))
    return float(GRID[best[len(best) // 2]])
