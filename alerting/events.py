"""Writing events: each takes the next place in its alert's chain, whoever else is writing."""

import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from alerting.notify import hints
from humiao.alert import Grade
from humiao.errors import Conflict, StoreUnavailable
from humiao.event import GENESIS, Event
from humiao.store import Store

ATTEMPTS: Final = 100
SYSTEM: Final = "system:alert"
"""Actor of what the alert stage does by itself."""

Entry = tuple[str, dict[str, Any]]
"""Kind and data of an event."""


def append(store: Store, alert: str, kind: str, actor: str, data: dict[str, Any], at: datetime) -> Event:
    """Append an event to the chain of `alert`; `at` in UTC."""
    event = append_if(store, alert, actor, at, lambda _chain: (kind, data))
    assert event is not None
    return event


def append_if(store: Store, alert: str, actor: str, at: datetime, choose: Callable[[list[Event]], Entry | None]) -> Event | None:
    """Append what `choose` makes of the chain as it stands, or nothing if it gives None.

    When somebody else appends in between, `choose` is asked again: what it decided on is what the event follows.

    Raises:
        StoreUnavailable: others were faster a hundred times.
    """
    for attempt in range(ATTEMPTS):
        chain = store.events(alert)
        entry = choose(chain)
        if entry is None:
            return None
        kind, data = entry
        prev = chain[-1].hash if chain else GENESIS
        event = Event(alert=alert, seq=len(chain) + 1, kind=kind, actor=actor, at=at, data=data, prev=prev).sealed()
        hints.leave(store, event)
        try:
            store.append_event(event)
        except Conflict:
            yield_to_others(attempt)
        else:
            return event
    raise StoreUnavailable(f"alert {alert}: its events keep changing under {ATTEMPTS} attempts to append one; try again")


def yield_to_others(attempt: int) -> None:
    """Wait a few milliseconds, longer and less even with every failed attempt, so that two writers fall out of step."""
    time.sleep(min(0.2, 0.002 * 2 ** min(attempt, 6)) * random.random())  # noqa: S311 (no secret)


def histories(store: Store, alert: str) -> list[Event]:
    """The alert's events, then those of the alerts that were merged into it, each chain whole."""
    seen, found = [alert], []
    for id in seen:
        for event in store.events(id):
            found.append(event)
            source = event.data.get("from")
            if event.kind == "merged" and source and source not in seen:
                seen.append(source)
    return found


def named(chain: list[Event]) -> set[str]:
    """Every ``POST/REVISION`` that a chain says was added to its alert."""
    return {one for event in chain for one in event.data.get("added", ())}


def last_grade(chain: list[Event]) -> Grade | None:
    """The grade that the chain last spoke of; None if it never did."""
    return next((Grade(event.data["grade"]) for event in reversed(chain) if "grade" in event.data), None)
