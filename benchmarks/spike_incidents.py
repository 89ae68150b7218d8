"""Real times of incidents' comments on top of a board's ordinary traffic: how long after the true rise they are raised."""

import gzip
import json
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from spike_streams import HISTORY, HOUR, drift, shapes, slow_noise

from alerting import spikes
from alerting.calendar import SHANGHAI
from alerting.spikes.hours import Hours

QUARTER = timedelta(minutes=15)
WINDOW = HISTORY * 4
ORDINARY = 4.0
"""Other posts an hour on the board."""
AROUND = 24
"""Quarter hours before and after the rise in which an alarm counts for it."""
RISES = (5, 8, 10, 20)
"""Distinct comments in a quarter hour that make a rise."""


def incidents(path: Path) -> list[list[datetime]]:
    """Times (UTC) of each incident's comments, each wording once."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            ts = datetime.strptime(row["ts"], "%Y/%m/%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)
            texts = found[row["incident"]]
            texts[row["text"]] = min(ts, texts.get(row["text"], ts))
    return [sorted(texts.values()) for texts in found.values()]


def measure(path: Path, seed: int, quiet_quarters: int) -> dict:
    """Delays from the begin of the quarter hour in which an incident first has k comments to the end of the first alarm's."""
    dice = np.random.default_rng(seed)
    delays: dict[int, list[float]] = {k: [] for k in RISES}
    quiet_alarms = quiet = 0
    for times in incidents(path):
        begin = (times[0] - HISTORY * HOUR - timedelta(days=2)).astimezone(SHANGHAI).replace(hour=0, minute=0).astimezone(UTC)
        length = math.ceil((times[-1] - begin) / QUARTER) + 2 * AROUND
        own = np.bincount([(ts - begin) // QUARTER for ts in times], minlength=length)
        board = ordinary(dice, begin, length)
        pool = spikes.pooled(board[1:, :WINDOW], np.ones(board[1:, :WINDOW].shape, np.bool_), Hours.of(begin, WINDOW, QUARTER))
        counts = (board[0] + own).astype(np.float32)
        first = int(np.flatnonzero(own)[0])
        known: dict[int, bool] = {}

        def alarm(place: int, counts=counts, known=known, begin=begin, pool=pool) -> bool:
            if place not in known:
                since = place + 1 - WINDOW
                window = counts[None, since : place + 1]
                judged = spikes.find_many(window, begin + since * QUARTER, QUARTER, pool=pool, newest=1)
                known[place] = bool(judged.surprise[0, 0] >= -math.log10(spikes.UNLIKELY))
            return known[place]

        before = False
        for place in range(first - quiet_quarters, first):
            now = alarm(place)
            quiet_alarms += now and not before
            before, quiet = now, quiet + 1
        for k in RISES:
            rises = np.flatnonzero(own >= k)
            if len(rises):
                rise = int(rises[0])
                span = range(max(first, rise - AROUND), min(rise + AROUND, length))
                raised = next((place for place in span if alarm(place)), None)
                delays[k].append(math.inf if raised is None else 15.0 * (raised + 1 - rise))
    return {"rises": {k: summary(found) for k, found in delays.items()}, "quiet_days": quiet / 96, "quiet_alarms": quiet_alarms}


def ordinary(dice: np.random.Generator, begin: datetime, length: int, boards: int = 12) -> np.ndarray:
    """Boards without the incident, [boards, quarter hours]: the first gets it, the others are the pool."""
    hours = length // 4 + 1
    usual = ORDINARY / 4 * shapes(dice, boards, hours, begin) * slow_noise(dice, boards, hours) * drift(dice, boards, hours)
    return dice.poisson(np.repeat(usual, 4, axis=1)[:, :length]).astype(np.float32)


def summary(delays: list[float]) -> dict:
    within = sum(delay <= 30 for delay in delays)
    return {
        "incidents": len(delays),
        "within_30_min": within,
        "raised_before_the_rise": sum(delay <= 0 for delay in delays),
        "never": sum(math.isinf(delay) for delay in delays),
        "median_minutes": float(np.median(delays)) if delays else None,
    }
