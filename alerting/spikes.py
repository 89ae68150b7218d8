"""Spikes in a series of counts: intervals with more posts than the other intervals make believable.

Each count is held against the negative binomial distribution (Poisson where the counts vary no more than that) whose mean and
variance are those of the other intervals without their highest twentieth, so that one spike does not hide another. A tail
probability below one in a million is a spike. After C. P. Farrington et al., "A statistical algorithm for the early detection of
outbreaks of infectious disease", J. R. Statist. Soc. A 159 (1996), with trimming in place of its reweighting; negative binomial
as in A. Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance systems", Stat. Med. 32 (2013).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FEWEST: Final = 8
"""Counts below are no spike, however quiet it is otherwise."""
UNLIKELY: Final = 1e-6
"""Tail probability from which on a count is a spike."""
HISTORY: Final = 48
"""Fewest other intervals to compare with."""
TRIMMED: Final = 0.05
"""Share of the highest other counts left out of the baseline."""
HIGHEST: Final = 300.0
"""Largest surprise given."""


@dataclass(frozen=True, slots=True)
class Spike:
    """A run of neighbouring intervals, each of them a spike."""

    start: datetime
    """Begin of the first interval (UTC)."""
    end: datetime
    """End of the last one."""
    count: int
    expected: float
    """Posts that the baseline makes one expect in the run."""
    surprise: float
    """-log10 of the smallest tail probability in the run."""


def find(series: Mapping[datetime, int], begin: datetime, end: datetime, interval: timedelta) -> list[Spike]:
    """Spikes of a series, in order.

    Args:
        series: interval start -> count; absent = 0.
        begin: start of the first interval observed (UTC).
        end: no interval that starts here or later is looked at.
        interval: width of the intervals.
    """
    starts = [begin + number * interval for number in range(max(0, math.ceil((end - begin) / interval)))]
    counts = [series.get(start, 0) for start in starts]
    spikes: list[Spike] = []
    for number, (start, count) in enumerate(zip(starts, counts, strict=True)):
        if (judged := _judge(counts, number)) is None:
            continue
        expected, surprise = judged
        if spikes and spikes[-1].end == start:
            last = spikes.pop()
            spikes.append(
                Spike(last.start, start + interval, last.count + count, last.expected + expected, max(last.surprise, surprise))
            )
        else:
            spikes.append(Spike(start, start + interval, count, expected, surprise))
    return spikes


def _judge(counts: Sequence[int], number: int) -> tuple[float, float] | None:
    """Expected count and surprise of one interval, None if it is no spike."""
    count = counts[number]
    if count < FEWEST or len(counts) <= HISTORY:
        return None
    others = sorted([*counts[:number], *counts[number + 1 :]])
    others = others[: len(others) - math.ceil(TRIMMED * len(others))]
    mean = (sum(others) + 1) / len(others)  # one post more than seen: a silent board is not silent for ever
    variance = sum((other - mean) ** 2 for other in others) / (len(others) - 1)
    tail = tail_probability(count, mean, variance)
    if tail > UNLIKELY:
        return None
    return mean, HIGHEST if tail <= 0 else min(HIGHEST, -math.log10(tail))


def tail_probability(count: int, mean: float, variance: float) -> float:
    """P(X ≥ count) for a negative binomial X with this mean and variance; Poisson if the variance is not above the mean."""
    if count <= 0:
        return 1.0
    if variance <= mean * 1.0001:
        size, share = math.inf, 0.0
        term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    else:
        size = mean * mean / (variance - mean)
        share = mean / (size + mean)
        log = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        term = math.exp(log + size * math.log1p(-share) + count * math.log(share))
    if count < mean:  # the upper tail is the larger part: sum the lower one
        return 1.0 - _sum_down(count, term, mean, size, share)
    return min(1.0, _sum_up(count, term, mean, size, share))


def _sum_up(count: int, term: float, mean: float, size: float, share: float) -> float:
    total = 0.0
    while term > total * 1e-15:
        total += term
        term *= mean / (count + 1) if math.isinf(size) else share * (count + size) / (count + 1)
        count += 1
    return total


def _sum_down(count: int, term: float, mean: float, size: float, share: float) -> float:
    """Sum of the probabilities below `count`, whose own is `term`."""
    total = 0.0
    while count > 0:
        count -= 1
        term *= (count + 1) / mean if math.isinf(size) else (count + 1) / (share * (count + size))
        total += term
    return total
