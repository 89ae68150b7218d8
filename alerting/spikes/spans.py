"""Series and gaps on a grid of intervals."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from alerting.spikes.hours import in_utc
from alerting.spikes.model import Flags, Floats


def counted(series: Mapping[datetime, int], begin: datetime, end: datetime, interval: timedelta) -> Floats:
    """Counts of the intervals that start from `begin` on and before `end`; what stands outside of them is left out.

    Raises:
        ValueError: a time without an offset.
    """
    first = in_utc(begin)
    counts = np.zeros(max(0, math.ceil((in_utc(end) - first) / interval)), np.float32)
    for start, count in series.items():
        number = (in_utc(start) - first) // interval
        if 0 <= number < len(counts):
            counts[number] += count
    return counts


def known_of(begin: datetime, count: int, interval: timedelta, gaps: Sequence[tuple[datetime, datetime]]) -> Flags:
    """False for each interval that a gap touches."""
    first = in_utc(begin)
    known = np.ones(count, np.bool_)
    for since, until in gaps:
        low = max(0, (in_utc(since) - first) // interval)
        high = max(0, math.ceil((in_utc(until) - first) / interval))
        known[low:high] = False
    return known
