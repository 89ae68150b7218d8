"""Spikes in series of counts: intervals with more posts than their hour, day and series make believable."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from alerting.calendar import Calendar
from alerting.spikes.hours import Hours, in_utc
from alerting.spikes.model import Baseline, Fit, Flags, Floats, fit
from alerting.spikes.pool import pooled
from alerting.spikes.spans import counted, known_of
from alerting.spikes.tail import tail_probability

FEWEST: Final = 8
"""Counts below are no spike, however quiet it is otherwise."""
UNLIKELY: Final = 1e-4
"""Tail probability from which on a count is a spike."""
TIMES: Final = 2.0
"""Times the usual count below which there is no spike, however many posts make it certain."""
HISTORY: Final = 48
"""Fewest other known intervals to compare with, and hours that they fill."""
HIGHEST: Final = 300.0
"""Largest surprise given."""
ROWS: Final = 1000
"""Series fitted at a time, so that they stay in the processor's cache."""
_WORTH: Final = 1.64
"""Standard deviations above the mean from which on an interval is looked at closer."""


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


@dataclass(frozen=True, slots=True)
class Judged:
    """What `find_many` found, [series, newest intervals]."""

    expected: Floats
    surprise: Floats
    """-log10 of the tail probability; 0 where nothing is unusual, unknown or too little known to compare with."""


def find(
    series: Mapping[datetime, int],
    begin: datetime,
    end: datetime,
    interval: timedelta,
    *,
    gaps: Sequence[tuple[datetime, datetime]] = (),
    pool: Baseline | None = None,
    calendar: Calendar | None = None,
) -> list[Spike]:
    """Spikes of a series, in order.

    Args:
        series: interval start -> count; absent = 0.
        begin: start of the first interval observed.
        end: no interval that starts here or later is looked at.
        interval: width of the intervals.
        gaps: spans in which the source was not read: intervals that they touch are unknown, neither usual nor a spike.
        pool: what many series together say (`baseline`); None = only this one is known.
        calendar: days off and worked; None = the shipped one.

    Raises:
        ValueError: a time without an offset.
    """
    counts = counted(series, begin, end, interval)
    if len(counts) <= HISTORY:
        return []
    known = known_of(begin, len(counts), interval, gaps)
    judged = find_many(counts[None], begin, interval, known=known[None], pool=pool, calendar=calendar)
    first = in_utc(begin)
    spikes: list[Spike] = []
    for number in np.flatnonzero(judged.surprise[0] >= -math.log10(UNLIKELY)).tolist():
        start, count = first + number * interval, round(float(counts[number]))
        expected, surprise = float(judged.expected[0, number]), float(judged.surprise[0, number])
        if spikes and spikes[-1].end == start:
            last = spikes.pop()
            start, count, expected = last.start, last.count + count, last.expected + expected
            surprise = max(last.surprise, surprise)
        spikes.append(Spike(start, first + (number + 1) * interval, count, expected, surprise))
    return spikes


def find_many(
    counts: Floats,
    begin: datetime,
    interval: timedelta,
    *,
    known: Flags | None = None,
    pool: Baseline | None = None,
    newest: int | None = None,
    calendar: Calendar | None = None,
) -> Judged:
    """Judge the `newest` intervals (None = all) of many series by all of their intervals.

    Args:
        counts: [series, intervals].
        begin: start of the first interval.
        interval: width of the intervals.
        known: False where the source was not read; None = all known.
        pool: as for `find`; None = each series stands alone.
        newest: how many intervals at the end to judge.
        calendar: as for `find`.
    """
    rows, length = counts.shape
    judged = length if newest is None else min(newest, length)
    expected, surprise = np.zeros((rows, judged), np.float32), np.zeros((rows, judged), np.float32)
    if length <= HISTORY:
        return Judged(expected, surprise)
    hours = Hours.of(begin, length, interval, calendar)
    seen = np.ones(counts.shape, np.bool_) if known is None else known
    fewest = max(HISTORY, math.ceil(timedelta(hours=HISTORY) / interval))
    step = ROWS if pool is not None else 1
    for start in range(0, rows, step):
        part = slice(start, start + step)
        some, here = counts[part].astype(np.float32, copy=False), seen[part]
        found = fit(some, here, hours, pool if pool is not None else pooled(some, here, hours))
        expected[part] = found.mean[:, length - judged :]
        usable = here & (here.sum(axis=1, keepdims=True) > fewest)
        surprise[part] = _surprise(some, usable, found, judged)
    return Judged(expected, surprise)


def _surprise(counts: Floats, usable: Flags, found: Fit, judged: int) -> Floats:
    """The smaller tail probability of the interval alone and together with the one before, as -log10."""
    first = max(0, counts.shape[1] - judged - 1)
    counts, usable, mean, variance = counts[:, first:], usable[:, first:], found.mean[:, first:], found.variance()[:, first:]
    worth = usable & (counts > mean + _WORTH * np.sqrt(variance)) & (counts >= TIMES * mean)
    surprise = np.zeros(counts.shape, np.float32)
    for row, column in np.argwhere(worth).tolist():
        cases = [(float(counts[row, column]), float(mean[row, column]), float(variance[row, column]))]
        if column and usable[row, column - 1]:
            before = variance[row, column - 1]
            shared = 2 * found.echo[row, 0] * math.sqrt(before * variance[row, column])
            cases.append(
                (
                    float(counts[row, column - 1 : column + 1].sum()),
                    float(mean[row, column - 1 : column + 1].sum()),
                    float(before + variance[row, column] + shared),
                )
            )
        tails = [tail_probability(round(count), usual, spread) for count, usual, spread in cases if count >= FEWEST]
        tail = min(tails, default=1.0)
        surprise[row, column] = HIGHEST if tail <= 0 else min(HIGHEST, -math.log10(tail))
    return surprise[:, counts.shape[1] - judged :]
