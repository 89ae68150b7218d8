"""Slow down guessing: after some failures in a row a door stays shut for a while, each time for twice as long."""

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(minutes=15)
FORGET: Final = timedelta(hours=1)
"""Failures older than this count no more."""
REMEMBERED: Final = 10_000
"""Most doors kept in memory; the oldest is forgotten first."""

Door = tuple[str, ...]
"""What is counted: ``("pair", name, address)``, ``("name", name)`` or ``("address", address)``."""
ALLOWED: Final = {"pair": 5, "name": 20, "address": 40}
"""Failures in a row before a door of this kind shuts."""


@dataclass(slots=True)
class _Tally:
    failures: int
    last: datetime
    shut_until: datetime | None = None


def doors(name: str, address: str) -> list[Door]:
    """The doors that one attempt passes: so one stranger can't shut an officer out from elsewhere with five guesses."""
    return [("pair", name, address), ("name", name), ("address", address)]


class Backoff:
    """Counts failures per door in this process. A restart forgets them; the guesser has to find that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: OrderedDict[Door, _Tally] = OrderedDict()

    def wait(self, at: Collection[Door], now: datetime) -> timedelta:
        """How long until all the doors are open; zero = now."""
        with self._lock:
            shut = [tally.shut_until for door in at if (tally := self._tallies.get(door)) and tally.shut_until]
            return max((until - now for until in shut if until > now), default=timedelta(0))

    def failed(self, at: Collection[Door], now: datetime) -> None:
        """Note a failure at each door."""
        with self._lock:
            for door in at:
                tally = self._tallies.get(door)
                if tally is None or now - tally.last > FORGET:
                    tally = _Tally(0, now)
                tally.failures, tally.last = tally.failures + 1, now
                if (over := tally.failures - ALLOWED[door[0]]) >= 0:
                    tally.shut_until = now + min(FIRST * 2 ** min(over, 10), LONGEST)
                self._tallies[door] = tally
                self._tallies.move_to_end(door)
            while len(self._tallies) > REMEMBERED:
                self._tallies.popitem(last=False)

    def succeeded(self, at: Collection[Door]) -> None:
        """Forget the failures of pair and name; those of the address stay: an account of one's own clears no guesses at others."""
        with self._lock:
            for door in at:
                if door[0] != "address":
                    self._tallies.pop(door, None)
