"""Streams of counts with planted spikes, made by seed, from families that no compared method assumes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from alerting.spikes.hours import Hours

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 8, 20, 16, tzinfo=UTC)
"""Midnight in China; the weeks after it hold two holidays and three weekend days that are worked."""
HISTORY = 28 * 24
LASTS = 4
"""Hours that a planted spike lasts."""
TIMES = 3.0


@dataclass(frozen=True)
class Streams:
    counts: np.ndarray
    """[series, hours] with the planted spikes; the first `HISTORY` hours are history."""
    usual: np.ndarray
    """Expected counts without them, noise aside."""
    planted: list[tuple[int, int]]
    """Series and first hour of each planted spike."""
    rates: np.ndarray
    """Mean posts an hour of each series."""


def make(seed: int, series: int, days: int) -> Streams:
    """Half of the series Poisson–lognormal with slowly changing noise, half of them clusters of replies."""
    dice = np.random.default_rng(seed)
    length = HISTORY + days * 24
    rates = np.exp(dice.uniform(np.log(0.1), np.log(100), series))
    usual = rates[:, None] * shapes(dice, series, length)
    noisy = usual * slow_noise(dice, series, length)
    half = series // 2
    counts = np.empty((series, length), np.int64)
    counts[:half] = dice.poisson(noisy[:half])
    counts[half:] = clustered(dice, usual[half:] * drift(dice, series - half, length))
    planted: list[tuple[int, int]] = []
    for row in range(series):
        for start in dice.integers(24, HISTORY - 24, 3):  # its own past: taller and longer than what is planted
            lasts = int(dice.integers(2, 7))
            counts[row, start : start + lasts] += dice.poisson(usual[row, start : start + lasts] * dice.uniform(2, 9))
        for day in range(2, days - 2, 7):
            start = HISTORY + 24 * day + int(dice.integers(0, 72))
            counts[row, start : start + LASTS] += dice.poisson((TIMES - 1) * usual[row, start : start + LASTS])
            planted.append((row, start))
    return Streams(counts, usual, planted, rates)


def shapes(dice: np.random.Generator, series: int, length: int, begin: datetime = BEGIN) -> np.ndarray:
    """A week for each series: an evening, a lunch break, quiet nights, other hours and more posts on days of rest; mean about 1."""
    where = Hours.of(begin, length, HOUR)
    hour, rest = where.hour % 24, where.hour >= 24
    peak = dice.uniform(18, 22, (series, 1))
    evening = np.exp(-0.5 * (((hour - peak + 12) % 24 - 12) / 2.5) ** 2)
    lunch = np.exp(-0.5 * ((hour - 12.5) / 1.2) ** 2)
    working = 0.15 + dice.uniform(1.2, 3, (series, 1)) * evening + dice.uniform(0.3, 1.2, (series, 1)) * lunch + 0.4 * (hour > 7)
    resting = 0.25 + dice.uniform(1, 2, (series, 1)) * evening + 0.9 * (hour > 9)
    days = np.exp(dice.normal(0, 0.12, (series, 9)))
    days[:, 7] *= dice.choice([0.6, 1.0, 1.5], series)
    shape = np.where(rest, resting, working) * days[:, where.day]
    return shape / shape[:, :HISTORY].mean(axis=1, keepdims=True)


def drift(dice: np.random.Generator, series: int, length: int) -> np.ndarray:
    """A level that wanders by 3% a day."""
    daily = np.cumsum(dice.normal(0, 0.03, (series, length // 24 + 1)), axis=1)
    return np.exp(np.repeat(daily, 24, axis=1)[:, :length])


def slow_noise(dice: np.random.Generator, series: int, length: int) -> np.ndarray:
    """Lognormal noise of mean 1 that forgets half of itself in an hour, on top of the drift."""
    spread, keeps = dice.uniform(0.1, 0.4, (series, 1)), 0.5
    noise = dice.normal(0, 1, (series, length))
    for place in range(1, length):
        noise[:, place] = keeps * noise[:, place - 1] + np.sqrt(1 - keeps**2) * noise[:, place]
    return np.exp(spread * noise - spread**2 / 2) * drift(dice, series, length)


def clustered(dice: np.random.Generator, usual: np.ndarray) -> np.ndarray:
    """Each post draws replies within hours (0.1 to 0.5 on average), and they draw more: a branching process by the hour."""
    replies = dice.uniform(0.1, 0.5, (len(usual), 1))
    delays = np.array([0.5, 0.3, 0.2])
    generation = dice.poisson(usual * (1 - replies))
    total = generation.copy()
    while generation.any():
        born = dice.poisson(replies * generation)
        generation = np.zeros_like(born)
        left = born
        for delay, share in enumerate(delays / np.cumsum(delays[::-1])[::-1]):
            part = dice.binomial(left, share)
            left = left - part
            generation[:, delay:] += part[:, : part.shape[1] - delay]
        total += generation
    return total
