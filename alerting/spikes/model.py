"""What counts are usual: rate × hour of the day × kind of day, with a variance of its own, fitted to many series at once.

Every part is a Gamma–Poisson compromise between the series and what is known before: a series with many posts shows its own week,
one with few borrows it. Intervals far above what is usual, and unknown ones, have no say: two rounds of leaving out, in place of
the weights of Farrington et al., J. R. Statist. Soc. A 159 (1996). The variance has a linear and a quadratic part, since clusters
of replies show in the one and days of more or less activity in the other.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerting.spikes.hours import DAYS, HOURS, Hours

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

HOUR_WEIGHT: Final = 20.0
"""Posts that what is known before about an hour is worth; the series' own posts count one each."""
DAY_WEIGHT: Final = 40.0
"""The same for a kind of day."""
SPREAD_WEIGHT: Final = 10.0
"""Intervals that what is known before about the variance is worth."""
OUTLYING: Final = 3.0
"""Standard deviations above the mean from which on an interval has no say."""
CAPPED: Final = 0.95
"""Quantile at which the first round caps counts: it has no variance yet to tell what is outlying."""
ROUNDS: Final = 3
_TINY: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Baseline:
    """What many series together say; the default is what is assumed of a series that stands alone."""

    hours: Floats = field(default_factory=lambda: np.ones(HOURS, np.float32))
    """Factor of each of the `HOURS`."""
    days: Floats = field(default_factory=lambda: np.ones(DAYS, np.float32))
    """Factor of each of the `DAYS`."""
    rate: float = 1.0
    """Mean posts per interval."""
    rate_weight: float = 0.0
    """Posts that `rate` is worth; 0 = nothing is known, and one post more than seen is assumed."""
    linear: float = 1.1
    """Variance = linear · mean + square · mean²."""
    square: float = 0.05
    echo: float = 0.1
    """Correlation of neighbouring intervals."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Usual counts of some series, [series, intervals] where nothing else is said."""

    counts: Floats
    weight: Floats
    """1 where the interval had a say."""
    mean: Floats
    """Usual count, the interval itself left out."""
    doubt: Floats
    """Relative variance of `mean`."""
    linear: Floats
    """[series, 1]"""
    square: Floats
    """[series, 1]"""
    echo: Floats
    """[series, 1]"""
    rate: Floats
    """[series, 1]"""
    hour_posts: Floats
    """[series, HOURS], and what to expect there if all hours were alike."""
    hour_expected: Floats

    def variance(self) -> Floats:
        """Of a count around its usual one, what is not known of the mean included."""
        return self.linear * self.mean + (self.square + self.doubt) * self.mean**2


def fit(counts: Floats, known: Flags, hours: Hours, pool: Baseline) -> Fit:
    """Fit every series.

    Args:
        counts: [series, intervals].
        known: False where the source was not read; same shape.
        hours: the intervals' places in the week.
        pool: what is known before.
    """
    in_hour, in_day = _members(hours.hour, HOURS), _members(hours.day, DAYS)
    weight = known.astype(np.float32)
    place = min(counts.shape[1] - 1, int(CAPPED * counts.shape[1]))
    cap = np.maximum(np.partition(counts, place, axis=1)[:, place : place + 1], 1.0)
    seen = np.minimum(counts, cap)
    for number in range(ROUNDS):
        fitted = _round(seen, weight, hours, in_hour, in_day, pool)
        if number < ROUNDS - 1:
            seen = counts
            weight = (known & (counts <= fitted.mean + 1.0 + OUTLYING * np.sqrt(fitted.variance()))).astype(np.float32)
    return fitted


def _members(places: NDArray[np.intp], count: int) -> Floats:
    """[intervals, count], 1 where the interval belongs."""
    found: Floats = (places[:, None] == np.arange(count)).astype(np.float32)
    return found


def _round(seen: Floats, weight: Floats, hours: Hours, in_hour: Floats, in_day: Floats, pool: Baseline) -> Fit:
    own = weight * seen
    posts = own.sum(axis=1, keepdims=True)
    day, hour = pool.days[None, hours.day], pool.hours[None, hours.hour]
    rate = _rate(posts, (weight * (day * hour)).sum(axis=1, keepdims=True), pool)
    day_posts, hour_posts = own @ in_day, own @ in_hour
    days = (DAY_WEIGHT * pool.days + day_posts) / (DAY_WEIGHT + rate * ((weight * hour) @ in_day))
    day = days[:, hours.day]
    hour_expected = rate * ((weight * day) @ in_hour)
    factor = (HOUR_WEIGHT * pool.hours + hour_posts) / (HOUR_WEIGHT + hour_expected)
    rate = _rate(posts, (weight * day * factor[:, hours.hour]).sum(axis=1, keepdims=True), pool)
    level = rate * day
    others = np.maximum(HOUR_WEIGHT * pool.hours[None, hours.hour] + hour_posts[:, hours.hour] - own, _TINY)
    usual = level * others / np.maximum(HOUR_WEIGHT + hour_expected[:, hours.hour] - weight * level, _TINY)
    usual = np.maximum(usual, _TINY)
    linear, square = _spread(seen, weight, usual, rate, pool)
    doubt = 1.0 / others + 1.0 / (1.0 + pool.rate_weight + posts)
    residual = np.clip((seen - usual) / np.sqrt(linear * usual + square * usual**2), -OUTLYING, OUTLYING) * weight
    near = (residual[:, 1:] * residual[:, :-1]).sum(axis=1, keepdims=True)
    echo = (near + SPREAD_WEIGHT * pool.echo) / ((residual**2).sum(axis=1, keepdims=True) + SPREAD_WEIGHT)
    return Fit(seen, weight, usual, doubt, linear, square, np.clip(echo, 0.0, 0.9), rate, hour_posts, hour_expected)


def _rate(posts: Floats, exposure: Floats, pool: Baseline) -> Floats:
    if pool.rate_weight > 0:
        found: Floats = (posts + pool.rate_weight) / (exposure + pool.rate_weight / pool.rate)
    else:
        found = (posts + 1.0) / np.maximum(exposure, 1.0)
    return found


def _spread(seen: Floats, weight: Floats, usual: Floats, rate: Floats, pool: Baseline) -> tuple[Floats, Floats]:
    """Linear and quadratic part by least squares on squared residuals over the mean, drawn to the pool's."""
    squared = (seen - usual) ** 2 / usual
    say = weight * usual / (1.0 + 2.0 * usual)
    scale = np.maximum(rate, _TINY) ** 2

    def total(values: Floats) -> Floats:
        found: Floats = values.sum(axis=1, keepdims=True)
        return found

    one, cross, two = total(say) + SPREAD_WEIGHT, total(say * usual), total(say * usual**2) + SPREAD_WEIGHT * scale
    first = total(say * squared) + SPREAD_WEIGHT * pool.linear
    second = total(say * squared * usual) + SPREAD_WEIGHT * scale * pool.square
    square = (one * second - cross * first) / (one * two - cross**2)
    linear = (first - cross * np.maximum(square, 0.0)) / one
    square = np.where(linear < 1.0, (second - cross) / two, square)
    return np.maximum(linear, 1.0), np.maximum(square, 0.0)
