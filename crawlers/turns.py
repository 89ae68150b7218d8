"""Whose turn it is: many sources, few places, whoever waits longest first. Seconds on any clock that never goes back."""

import math
from dataclasses import dataclass
from typing import Final

STAGGER: Final = 0.05
"""Seconds between the first visits of sources that come at the same time."""


@dataclass
class _Place:
    due: float
    """When its next visit is wanted; infinite = not before somebody says so."""
    began: float | None = None
    """When the visit under way began."""


class Turns:
    """The sources of one process. A visit is `ready`, `began` and `ended`; one that lasts while others wait is told to yield."""

    def __init__(self, places: int, patience: float) -> None:
        """`places`: visits at once; `patience`: seconds that a visit may last while another source waits for a place."""
        self._places, self._patience = places, patience
        self._sources: dict[str, _Place] = {}
        self._last_first = -math.inf

    def add(self, name: str, due: float) -> None:
        """A source that is to be visited at `due`, or a little later if others come at the same time."""
        self._last_first = max(due, self._last_first + STAGGER)
        self._sources[name] = _Place(self._last_first)

    def remove(self, name: str) -> None:
        """The source is no longer ours."""
        self._sources.pop(name, None)

    def set_due(self, name: str, due: float) -> None:
        """When the next visit is wanted; infinite = not for the time being."""
        if name in self._sources:
            self._sources[name].due = due

    def ready(self, now: float) -> list[str]:
        """Sources whose visits may begin now: those that wait longest, as many as there are places."""
        free = self._places - sum(place.began is not None for place in self._sources.values())
        return self._waiting(now)[:free] if free > 0 else []

    def began(self, name: str, now: float) -> None:
        """Its visit is under way."""
        self._sources[name].began = now

    def ended(self, name: str, due: float) -> None:
        """Its visit is over; `due`: when the next one is wanted."""
        if name in self._sources:
            self._sources[name] = _Place(due)

    def is_visited(self, name: str) -> bool:
        """Whether a visit is under way."""
        return name in self._sources and self._sources[name].began is not None

    def should_yield(self, name: str, now: float) -> bool:
        """Whether its visit has lasted long enough for another source to have its place."""
        place = self._sources.get(name)
        if place is None or place.began is None:
            return False
        return now - place.began > self._patience and len(self._waiting(now)) > 0

    def waiting(self, now: float) -> int:
        """Sources that wait for a place."""
        return len(self._waiting(now))

    def next_due(self) -> float:
        """When the next source is due that has no visit; infinite = none."""
        return min((place.due for place in self._sources.values() if place.began is None), default=math.inf)

    def _waiting(self, now: float) -> list[str]:
        due = [(place.due, name) for name, place in self._sources.items() if place.began is None and place.due <= now]
        return [name for _, name in sorted(due)]
