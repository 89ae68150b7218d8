"""Hints that an alert is about to have news: written before the event itself, so that no event goes untold after a kill.

A kill in between leaves a hint whose event never came. It is looked at again and again, and forgotten after a day.
"""

from datetime import timedelta
from typing import Final

from humiao.event import Event
from humiao.store import Store

KIND: Final = "notify/hints"
"""Kind of the notes; the key is ``ALERT-SEQ``, the text the time of the event (ISO 8601, UTC)."""
NEWS: Final = frozenset({"raised", "regraded", "deadline_near", "deadline_passed", "reopened", "duty_called"})
"""Kinds of events that people are told of."""
PATIENCE: Final = timedelta(days=1)
"""How long a hint waits for its event."""


def leave(store: Store, event: Event) -> None:
    """Leave the hint of `event`, which is about to be appended.

    Raises:
        StoreUnavailable: the store doesn't answer; don't append the event then.
    """
    if event.kind in NEWS:
        store.put_notes(KIND, {key(event): event.at.isoformat()})


def key(event: Event) -> str:
    """Key of the hint of `event`."""
    return f"{event.alert}-{event.seq}"


def read(key: str) -> tuple[str, int]:
    """Alert and seq that the key of a hint names."""
    alert, _, seq = key.partition("-")
    return alert, int(seq)
