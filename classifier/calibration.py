"""Temperatures and thresholds, chosen on posts that the training did not see."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from classifier.characters import Characters
from classifier.evaluation import figures
from classifier.judge import WINDOW, tensor, windows_of
from classifier.model import HARMS, SENTIMENTS, STANCES, JudgeModel, Logits
from classifier.normalise import normalise
from classifier.rows import Row
from humiao.labels import CRISIS, Harm

GRID = np.round(1 / (1 + np.exp(-np.linspace(-5.0, 2.2, 73))), 4)
"""Cuts that are tried, evenly spaced in logits: 0.0067 to 0.9."""


PREVALENCE = 0.05
"""Share of harmful posts that thresholds are chosen for. Our writers' posts are mostly harmful, a forum's are mostly not: harmless
held-back posts weigh as much more as makes up for it."""


def calibrate(
    model: JudgeModel, characters: Characters, held: list[Row]
) -> tuple[dict[str, float], dict[str, float], dict[str, Any]]:
    """Thresholds by harm, temperatures by head, and the figures on the held-back rows with them."""
    logits = _logits(model, characters, held)
    truth = torch.tensor([[row.harm[harm] for harm in HARMS] for row in held])
    stance = torch.tensor([STANCES.index(row.stance) for row in held])
    mood = torch.tensor([SENTIMENTS.index(row.sentiment) for row in held])
    harmful = truth.bool().any(1)
    odds = (1 - PREVALENCE) / PREVALENCE * float(harmful.sum()) / max(1.0, float((~harmful).sum()))
    weight = torch.where(harmful, 1.0, odds)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    temperatures = {
        "harm": _temperature(lambda t: cross_entropy(logits.harm / t, truth, weight=weight[:, None])),
        "stance": _temperature(lambda t: torch.nn.functional.cross_entropy(logits.stance / t, stance)),
        "sentiment": _temperature(lambda t: torch.nn.functional.cross_entropy(logits.sentiment / t, mood)),
    }
    chances = torch.sigmoid(logits.harm / temperatures["harm"]).numpy()
    thresholds = {
        harm.value: _threshold(chances[:, place], truth[:, place].numpy(), weight.numpy(), harm) for place, harm in enumerate(HARMS)
    }
    flagged = [[harm for place, harm in enumerate(HARMS) if row[place] >= thresholds[harm.value]] for row in chances]
    stances = [STANCES[int(place)] for place in logits.stance.argmax(1)]
    moods = [SENTIMENTS[int(place)] for place in logits.sentiment.argmax(1)]
    return thresholds, temperatures, figures(held, flagged, stances, moods, chances.max(1).tolist())


def _logits(model: JudgeModel, characters: Characters, rows: list[Row]) -> Logits:
    parts = []
    with torch.inference_mode():
        for start in range(0, len(rows), 64):
            ids = [windows_of(characters, normalise(row.text).text[:WINDOW])[0] for row in rows[start : start + 64]]
            parts.append(model(tensor(ids)))
    return Logits(*(torch.cat([getattr(part, name) for part in parts]) for name in ("harm", "stance", "sentiment", "auxiliary")))


def _temperature(loss: Any) -> float:
    """The divisor with the smallest loss, from 0.5 to 4."""
    grid = np.exp(np.linspace(np.log(0.5), np.log(4.0), 60))
    return round(float(min(grid, key=lambda value: float(loss(Tensor([value]))))), 4)


def _threshold(chances: np.ndarray, truth: np.ndarray, weight: np.ndarray, harm: Harm) -> float:
    """The cut with the best F-beta; beta 1.5 (recall counts more) for crisis labels, else 1; the middle of the best plateau.

    Few positives make the raw optimum jump, so every cut is judged with one imagined hit and one imagined false alarm added.
    """
    beta = 1.5 if harm in CRISIS else 1.0
    scores = []
    for cut in GRID:
        hit = float(((chances >= cut) & (truth == 1)).sum()) + 1
        false = float(weight[(chances >= cut) & (truth == 0)].sum()) + 1
        missed = float(((chances < cut) & (truth == 1)).sum())
        scores.append((1 + beta**2) * hit / ((1 + beta**2) * hit + beta**2 * missed + false))
    best = np.flatnonzero(np.isclose(scores, max(scores)))
    return float(GRID[best[len(best) // 2]])
