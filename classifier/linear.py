"""Fitting the n-gram weights: one regularised logistic regression for each output (scikit-learn), convex and quick."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifier.model import HARMS, OUTPUTS, SENTIMENTS, STANCES
from classifier.ngrams import NgramTable, keys_of
from classifier.rows import Row

IN_OWN: Final = 2
"""An n-gram is kept from so many own posts on …"""
IN_ALL: Final = 5
"""… or from so many posts of all."""
STRENGTH: Final = 10.0
"""Inverse of the regularisation (scikit-learn's C)."""
PUBLIC_WEIGHT: Final = 0.5
"""Weight of a public row beside an own one, besides its own weight."""


def fit_ngrams(ours: Sequence[Row], rest: Sequence[Row], ids: dict[int, list[int]]) -> NgramTable:
    """A table fitted on own posts and on what is known of the public rows; `ids` by ``id(row)``."""
    counts = [Counter(keys_of(torch.tensor([ids[id(row)]]))[0].tolist()) for row in (*ours, *rest)]
    keys = _kept(counts, len(ours))
    rows = len(counts)
    frequency = Counter(key for each in counts for key in each)
    rarity = [float(np.log(rows / frequency[key])) for key in keys]
    features = _features(counts, keys, rarity)
    mine, others = features[: len(ours)], features[len(ours) :]
    weight, bias = np.zeros((len(keys), OUTPUTS)), np.zeros(OUTPUTS)
    for column, harm in enumerate(HARMS):
        known = [place for place, row in enumerate(rest) if harm in row.harm]
        truth = [row.harm[harm] >= 0.5 for row in ours] + [rest[place].harm[harm] >= 0.5 for place in known]  # noqa: PLR2004
        one = LogisticRegression(C=STRENGTH, solver="liblinear")
        one.fit(sparse.vstack([mine, others[known]]), truth, sample_weight=_weights(len(ours), [rest[place] for place in known]))
        weight[:, column], bias[column] = one.coef_[0], one.intercept_[0]
    first = len(HARMS)
    _several(mine, [STANCES.index(row.stance) for row in ours if row.stance], [], weight, bias, first)
    felt = [place for place, row in enumerate(rest) if row.sentiment]
    moods = [SENTIMENTS.index(row.sentiment) for row in (*ours, *(rest[place] for place in felt)) if row.sentiment]
    both = sparse.vstack([mine, others[felt]])
    _several(both, moods, [rest[place] for place in felt], weight, bias, first + len(STANCES))
    table = NgramTable(len(keys), OUTPUTS)
    table.fill(keys, rarity, torch.tensor(weight), torch.tensor(bias))
    return table


def _kept(counts: list[Counter[int]], own: int) -> list[int]:
    in_own = Counter(key for each in counts[:own] for key in each)
    in_all = Counter(key for each in counts for key in each)
    return sorted(key for key, number in in_all.items() if key and (in_own[key] >= IN_OWN or number >= IN_ALL))


def _features(counts: list[Counter[int]], keys: list[int], rarity: list[float]) -> Any:
    place = {key: number for number, key in enumerate(keys)}
    values, columns, ends = [], [], [0]
    for each in counts:
        known = [(place[key], number * rarity[place[key]]) for key, number in each.items() if key in place]
        # The network sums repeated n-grams one by one, so the length is over occurrences, not over distinct ones.
        length = float(np.sqrt(sum(value * rarity[column] for column, value in known))) or 1.0
        columns += [column for column, _ in known]
        values += [value / length for _, value in known]
        ends.append(len(columns))
    return sparse.csr_matrix((values, columns, ends), shape=(len(counts), len(keys)))


def _weights(own: int, public: Sequence[Row]) -> np.ndarray:
    return np.array([1.0] * own + [PUBLIC_WEIGHT * row.weight for row in public])


def _several(features: Any, truth: list[int], public: Sequence[Row], weight: np.ndarray, bias: np.ndarray, first: int) -> None:
    """One softmax regression, written into the columns from `first` on."""
    one = LogisticRegression(C=STRENGTH / 2, max_iter=200)
    one.fit(features, truth, sample_weight=_weights(len(truth) - len(public), public))
    for row, name in enumerate(one.classes_):
        weight[:, first + name] = one.coef_[row]
        bias[first + name] = one.intercept_[row]
