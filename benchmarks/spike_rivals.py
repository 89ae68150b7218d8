"""What others do with a series of counts: a score for each interval, higher = more of a spike, from the past alone."""

import numpy as np

Grid = np.ndarray
"""[series, intervals]"""


def elastalert(counts: Grid, frame: int, height: float, current: int, reference: int) -> Grid:
    """1 where ElastAlert 2's rule of type `spike`, `spike_type: up`, matches on counts by interval.

    Two neighbouring windows of `frame` intervals; a match needs current ≥ height · reference, current ≥ threshold_cur and
    reference ≥ threshold_ref. Nothing matches until two windows are full, and after a match until two windows have passed.
    """
    sums = window_sums(counts, frame)
    before = shifted(sums, frame)
    fits = (sums >= height * before) & (sums >= current) & (before >= reference)
    fits[:, : 2 * frame] = False
    found = np.zeros(counts.shape)
    free = np.zeros(len(counts), np.int64)
    for place in range(counts.shape[1]):
        now = fits[:, place] & (place >= free)
        found[now, place] = 1
        free[now] = place + 1 + 2 * frame
    return found


def ewma(counts: Grid, share: float) -> Grid:
    """Standard deviations above an exponentially weighted mean (of the intervals before), which a standard control chart uses."""
    mean, variance = counts[:, :24].mean(axis=1), counts[:, :24].var(axis=1) + 0.5
    found = np.zeros(counts.shape)
    for place in range(24, counts.shape[1]):
        off = counts[:, place] - mean
        found[:, place] = off / np.sqrt(variance)
        mean = mean + share * off
        variance = np.maximum((1 - share) * (variance + share * off**2), 0.25)
    return found


def ears_c2(counts: Grid, step: int) -> Grid:
    """EARS C2: standard deviations above the mean of 7 counts that end 2 before.

    `step` 1: neighbouring intervals; 24: the same hour of neighbouring days.
    """
    past = np.stack([shifted(counts, step * back) for back in range(3, 10)])
    return (counts - past.mean(axis=0)) / np.maximum(past.std(axis=0, ddof=1), 0.5)


def farrington(counts: Grid) -> Grid:
    """Quasi-Poisson after Farrington et al. (1996) with Noufaily's (2013) weights, without trend.

    Reference: the hour and its neighbours, on the same day of the 4 weeks before. Score: deviations on the 2/3 power scale.
    """
    past = np.stack([shifted(counts, 168 * week + near) for week in range(1, 5) for near in (-1, 0, 1)]).astype(float)
    weight = np.ones_like(past)
    for _ in range(2):
        mean = np.maximum((weight * past).sum(axis=0) / weight.sum(axis=0), 0.1)
        spread = np.maximum((weight * (past - mean) ** 2 / mean).sum(axis=0) / np.maximum(weight.sum(axis=0) - 1, 1), 1)
        residual = 1.5 * (past ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(spread))
        weight = np.maximum(residual, 1.0) ** -2.0 * (residual > 2.58) + (residual <= 2.58)
    return (counts ** (2 / 3) - mean ** (2 / 3)) / (2 / 3 * mean ** (1 / 6) * np.sqrt(spread * (1 + 1 / weight.sum(axis=0))))


def window_sums(counts: Grid, frame: int) -> Grid:
    total = np.cumsum(counts, axis=1)
    return total - shifted(total, frame)


def shifted(counts: Grid, back: int) -> Grid:
    """The values `back` intervals earlier; 0 before the first."""
    found = np.zeros_like(counts)
    found[:, back:] = counts[:, : counts.shape[1] - back]
    return found
