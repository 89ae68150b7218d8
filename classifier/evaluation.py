"""Figures of a set of verdicts against the truth, in the shape of interfaces.md."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from classifier.rows import Row
from humiao.labels import Harm, Sentiment, Stance

BINS = 15


def any_harm(chances: Iterable[float]) -> float:
    """Probability that a post harms in any way, the harms taken as independent."""
    return 1 - math.prod(1 - chance for chance in chances)


def figures(
    rows: Sequence[Row],
    flags: Sequence[Sequence[Harm]],
    stances: Sequence[Stance],
    moods: Sequence[Sentiment],
    top: Sequence[float],
) -> dict[str, Any]:
    """`top`: each row's probability of any harm, which its calibration error is measured on."""
    truth = np.array([[row.harm.get(harm, 0.0) >= 0.5 for harm in Harm] for row in rows], dtype=bool)  # noqa: PLR2004 (a vote)
    found = np.array([[harm in given for harm in Harm] for given in flags], dtype=bool)
    per_class = {harm.value: _scores(truth[:, place], found[:, place]) for place, harm in enumerate(Harm)}
    supported = [scores["f1"] for scores in per_class.values() if scores["support"]]
    any_truth, any_found = np.asarray(truth.any(axis=1)), np.asarray(found.any(axis=1))
    return {
        "harm": {
            "macro_f1": round(float(np.mean(supported)), 4) if supported else 0.0,
            "micro_f1": _scores(truth.ravel(), found.ravel())["f1"],
            "per_class": per_class,
        },
        "any_harm": _scores(any_truth, any_found),
        "stance": _one_of(Stance, [row.stance for row in rows], stances),
        "sentiment": _one_of(Sentiment, [row.sentiment for row in rows], moods),
        "ece": calibration_error(np.array(top), any_truth),
        "rows": len(rows),
    }


def _scores(truth: np.ndarray, found: np.ndarray) -> dict[str, float | int]:
    hit, given, real = int((truth & found).sum()), int(found.sum()), int(truth.sum())
    precision, recall = (hit / given if given else 0.0), (hit / real if real else 0.0)
    f1 = 2 * hit / (given + real) if given + real else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), "support": real}


def _one_of(classes: Any, truth: Sequence[Any], found: Sequence[Any]) -> dict[str, float]:
    known = [(right, said) for right, said in zip(truth, found, strict=True) if right is not None]
    if not known:
        return {"macro_f1": 0.0, "accuracy": 0.0}
    right = np.array([pair[0] for pair in known], dtype=object)
    said = np.array([pair[1] for pair in known], dtype=object)
    present = [name for name in classes if (right == name).any()]
    macro = float(np.mean([_scores(right == name, said == name)["f1"] for name in present]))
    return {"macro_f1": round(macro, 4), "accuracy": round(float((right == said).mean()), 4)}


def calibration_error(chances: np.ndarray, truth: np.ndarray) -> float:
    """Expected calibration error: mean distance of probability and frequency over 15 equal bins, weighted by their size."""
    error = 0.0
    which = np.minimum((chances * BINS).astype(int), BINS - 1)
    for number in range(BINS):
        inside = which == number
        if inside.any():
            error += inside.mean() * abs(float(chances[inside].mean()) - float(truth[inside].mean()))
    return round(float(error), 4)
