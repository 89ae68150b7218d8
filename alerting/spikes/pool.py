"""What many series together say of the week, of rates and of variance, for those with too few posts of their own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from alerting.calendar import Calendar
from alerting.spikes.hours import DAYS, Hours
from alerting.spikes.model import DAY_WEIGHT, HOUR_WEIGHT, Baseline, Flags, Floats, fit
from alerting.spikes.spans import counted, known_of

ENOUGH = 60.0
"""Posts from which on a series has a say about the variance."""
RATE_WEIGHTS = (0.2, 5.0)
"""Fewest and most posts that the mean rate of the others is worth; the more alike they are, the more."""
_DAY = 24


def baseline(
    many: Iterable[Mapping[datetime, int]],
    begin: datetime,
    end: datetime,
    interval: timedelta,
    *,
    gaps: Sequence[tuple[datetime, datetime]] = (),
    calendar: Calendar | None = None,
) -> Baseline:
    """What `many` series say together; times, `gaps` and `calendar` as for `find`. No series: what is assumed of one alone."""
    rows = [counted(series, begin, end, interval) for series in many]
    if not rows or not len(rows[0]):
        return Baseline()
    counts = np.array(rows, np.float32)
    known = np.broadcast_to(known_of(begin, len(rows[0]), interval, gaps), counts.shape)
    return pooled(counts, known, Hours.of(begin, counts.shape[1], interval, calendar))


def pooled(counts: Floats, known: Flags, hours: Hours) -> Baseline:
    """The same for [series, intervals]."""
    alone = fit(counts, known, hours, Baseline())
    own = (alone.weight * counts).sum(axis=0)
    level = (alone.weight * alone.rate).sum(axis=0)
    days = np.ones(DAYS, np.float32)
    for _ in range(2):
        daily = days[hours.day]
        factor = _hours(own, level * daily, hours)
        shaped = level * factor[hours.hour]
        days = _days(own, shaped, hours)
    rates = alone.rate[alone.weight.any(axis=1), 0]
    heard = (alone.weight * counts).sum(axis=1) >= ENOUGH
    default = Baseline()
    several = len(rates) > 1
    mean = float(rates.mean()) if several else default.rate
    return Baseline(
        hours=factor,
        days=days,
        rate=mean,
        rate_weight=float(np.clip(mean**2 / max(float(rates.var()), 1e-9), *RATE_WEIGHTS)) if several else 0.0,
        linear=float(np.median(alone.linear[heard])) if heard.any() else default.linear,
        square=float(np.median(alone.square[heard])) if heard.any() else default.square,
        echo=float(np.median(alone.echo[heard])) if heard.any() else default.echo,
    )


def _hours(own: Floats, level: Floats, hours: Hours) -> Floats:
    """Hour of the day first; working days and days of rest may then differ from it as far as their own posts show."""
    both = hours.hour % _DAY
    common = (HOUR_WEIGHT + np.bincount(both, own, _DAY)) / (HOUR_WEIGHT + np.bincount(both, level, _DAY))
    common = np.tile(common, 2)
    posts, expected = (np.bincount(hours.hour, values, 2 * _DAY) for values in (own, level))
    found: Floats = ((HOUR_WEIGHT * common + posts) / (HOUR_WEIGHT + expected)).astype(np.float32)
    return found


def _days(own: Floats, level: Floats, hours: Hours) -> Floats:
    posts, expected = (np.bincount(hours.day, values, DAYS) for values in (own, level))
    found: Floats = ((DAY_WEIGHT + posts) / (DAY_WEIGHT + expected)).astype(np.float32)
    return found
