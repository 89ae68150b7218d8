"""Fitting the n-gram weights: one regularised logistic regression for each output (scikit-learn), convex and quick."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifier.encoding import Window
from classifier.model import AUXILIARY, HARMS, OUTPUTS, SENTIMENTS, STANCES
from classifier.ngrams import NgramTable, keys_of
from classifier.rows import Row
from humiao.labels import Harm, Stance

IN_OWN: Final = 2
"""An n-gram is kept from so many own posts on …"""
IN_ALL: Final = 25
"""… or from so many posts of all."""
MOST: Final = 170_000
"""N-grams kept at most (a checkpoint stays below 25 MiB)."""
STRENGTH: Final = 20.0
"""Inverse of the regularisation (scikit-learn's C)."""
PUBLIC_WEIGHT: Final = 0.5
"""Weight of a public row beside an own one, besides its own weight."""


def fit_ngrams(ours: Sequence[Row], rest: Sequence[Row], windows: Sequence[Window], core: int | None = None) -> NgramTable:
    """A table fitted on own posts and on what is known of the public rows; `windows`: of `ours`, then of `rest`.

    Harms learn from the first `core` public rows only (none = all): more of them would drown our own posts. Sentiment, the
    auxiliary outputs and `bullying`, which public sets teach well, learn from all; so does the stance, whose ``other`` is what
    everyday posts show.
    """
    core = len(rest) if core is None else core
    counts = [_counted(window) for window in windows]
    keys = _kept(counts[: len(ours) + core], len(ours))
    features, rarity = _features(counts, keys)
    mine, others = features[: len(ours)], features[len(ours) :]
    weight, bias = np.zeros((len(keys), OUTPUTS)), np.zeros(OUTPUTS)

    def harm(column: int) -> None:
        name = HARMS[column]
        taught = rest if name is Harm.BULLYING else rest[:core]
        known = [place for place, row in enumerate(taught) if name in row.harm]
        truth = [row.harm[name] >= 0.5 for row in ours] + [rest[place].harm[name] >= 0.5 for place in known]  # noqa: PLR2004
        one = LogisticRegression(C=STRENGTH, solver="liblinear")
        one.fit(sparse.vstack([mine, others[known]]), truth, sample_weight=_weights(len(ours), [rest[place] for place in known]))
        weight[:, column], bias[column] = one.coef_[0], one.intercept_[0]

    def stances() -> None:
        quiet = [place for place, row in enumerate(rest) if len(row.harm) == len(HARMS) and not any(row.harm.values())]
        taken = [STANCES.index(row.stance) for row in ours if row.stance] + [STANCES.index(Stance.OTHER)] * len(quiet)
        both = sparse.vstack([mine, others[quiet]])
        _several(both, taken, [rest[place] for place in quiet], weight, bias, len(HARMS))

    def sentiments() -> None:
        felt = [place for place, row in enumerate(rest) if row.sentiment]
        sure = [place for place, row in enumerate(ours) if row.sentiment]
        moods = [SENTIMENTS.index(row.sentiment) for row in (*ours, *(rest[place] for place in felt)) if row.sentiment]
        both = sparse.vstack([mine[sure], others[felt]])
        _several(both, moods, [rest[place] for place in felt], weight, bias, len(HARMS) + len(STANCES))

    def auxiliary(column: int, name: str) -> None:
        known = [place for place, row in enumerate(rest) if name in row.auxiliary]
        truth = [rest[place].auxiliary[name] >= 0.5 for place in known]  # noqa: PLR2004 (a vote)
        if len(set(truth)) == 2:  # noqa: PLR2004 (there is something to tell apart)
            one = LogisticRegression(C=STRENGTH / 5, solver="liblinear")
            one.fit(others[known], truth)
            weight[:, column], bias[column] = one.coef_[0], one.intercept_[0]

    first = len(HARMS) + len(STANCES) + len(SENTIMENTS)
    Parallel(n_jobs=-1, prefer="threads")(  # each writes its own columns
        [
            delayed(sentiments)(),
            delayed(stances)(),
            *(delayed(harm)(column) for column in range(len(HARMS))),
            *(delayed(auxiliary)(column, name) for column, name in enumerate(AUXILIARY, start=first)),
        ]
    )
    table = NgramTable(len(keys), OUTPUTS)
    table.fill(keys.tolist(), rarity.tolist(), torch.tensor(weight), torch.tensor(bias))
    return table


_Counts = tuple[np.ndarray, np.ndarray]
"""Sorted keys of a post's n-grams and how often each occurs."""


def _counted(window: Window) -> _Counts:
    own = window.ids[: len(window.ids) - window.context]
    keys = keys_of(torch.tensor([window.letters]), torch.tensor([own]))[0].numpy()
    found, times = np.unique(keys[keys > 0], return_counts=True)
    return found, times


def _kept(counts: list[_Counts], own: int) -> np.ndarray:
    """Sorted keys of the n-grams that stay: frequent enough among our own posts or among all, at most MOST of them."""
    everywhere, in_all = np.unique(np.concatenate([keys for keys, _ in counts]), return_counts=True)
    among_own, times = np.unique(np.concatenate([keys for keys, _ in counts[:own]]), return_counts=True)
    in_own = np.zeros(len(everywhere), dtype=np.int64)
    in_own[np.searchsorted(everywhere, among_own)] = times
    worth = np.where((in_own >= IN_OWN) | (in_all >= IN_ALL), in_own + in_all / (IN_ALL / IN_OWN), 0.0)
    order = np.argsort(-worth, kind="stable")[:MOST]
    kept: np.ndarray = np.sort(everywhere[order[worth[order] > 0]])
    return kept


def _features(counts: list[_Counts], keys: np.ndarray) -> tuple[Any, np.ndarray]:
    """TF-IDF rows of length 1 and the inverse document frequency of each key."""
    values, columns, ends = [], [], [0]
    for found, times in counts:
        place = np.searchsorted(keys, found).clip(max=len(keys) - 1)
        known = keys[place] == found
        columns.append(place[known])
        values.append(times[known].astype(np.float64))
        ends.append(ends[-1] + int(known.sum()))
    column, value = np.concatenate(columns), np.concatenate(values)
    rarity = np.log(len(counts) / np.maximum(1, np.bincount(column, minlength=len(keys))))
    weighted = value * rarity[column]
    # The network sums repeated n-grams one by one, so the length is over occurrences, not over distinct ones.
    row = np.repeat(np.arange(len(counts)), np.diff(ends))
    length = np.sqrt(np.bincount(row, weights=weighted * rarity[column], minlength=len(counts)))
    shares = weighted / np.maximum(length, 1e-9)[row]
    return sparse.csr_matrix((shares, column, ends), shape=(len(counts), len(keys))), rarity


def _weights(own: int, public: Sequence[Row]) -> np.ndarray:
    return np.array([1.0] * own + [PUBLIC_WEIGHT * row.weight for row in public])


def _several(features: Any, truth: list[int], public: Sequence[Row], weight: np.ndarray, bias: np.ndarray, first: int) -> None:
    """One softmax regression, written into the columns from `first` on."""
    one = LogisticRegression(C=STRENGTH / 2, max_iter=200)
    one.fit(features, truth, sample_weight=_weights(len(truth) - len(public), public))
    for row, name in enumerate(one.classes_):
        weight[:, first + name] = one.coef_[row]
        bias[first + name] = one.intercept_[row]
