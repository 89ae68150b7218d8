"""How far the classifier is behind, and how long whoever pushes posts should wait until it has caught up."""

import math
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from humiao.log import POSTS, Log

GROUP: Final = "classify"
EVERY: Final = timedelta(seconds=1)
"""How often the log is asked at most."""
WINDOW: Final = timedelta(minutes=10)
"""How old a sample may be that the rate is measured from."""
SAMPLES: Final = 120
SHORTEST, LONGEST, UNKNOWN = 1, 300, 60
"""Seconds to wait: at least, at most, and where nothing is drained or its rate is not known yet."""


@dataclass(frozen=True, slots=True)
class _Sample:
    at: datetime
    lag: int
    done: int
    """Messages that the group had committed."""


class Drain:
    """Measures on demand; shared by the threads of one console."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES)
        self._sent = 0

    def seconds_to_wait(self, log: Log, limit: int, now: datetime) -> int | None:
        """None while no more than `limit` posts wait for the classifier; otherwise the seconds after which they should be so few.

        Raises:
            LogUnavailable: the log can't be asked.
        """
        with self._lock:
            last = self._samples[-1] if self._samples else None
            if last is None or not timedelta() <= now - last.at < EVERY:
                last = self._measure(log, now)
            waiting = last.lag + self._sent
            if waiting <= limit:
                return None
            rate = self._rate()
            return min(LONGEST, max(SHORTEST, math.ceil((waiting - limit) / rate))) if rate else UNKNOWN

    def sent(self, posts: int) -> None:
        """So many went to the log since it was asked last."""
        with self._lock:
            self._sent += posts

    def _measure(self, log: Log, now: datetime) -> _Sample:
        lag = log.lag(POSTS, GROUP)
        sample = _Sample(now, lag, log.size(POSTS) - lag)
        if self._samples and now < self._samples[-1].at:  # the clock was put back
            self._samples.clear()
        self._samples.append(sample)
        while len(self._samples) > 2 and now - self._samples[0].at > WINDOW:  # noqa: PLR2004 (a rate takes two)
            self._samples.popleft()
        self._sent = 0
        return sample

    def _rate(self) -> float:
        """Messages a second that the group commits; 0 = none, or not known."""
        first, last = self._samples[0], self._samples[-1]
        seconds = (last.at - first.at).total_seconds()
        return max(0.0, (last.done - first.done) / seconds) if seconds > 0 else 0.0
