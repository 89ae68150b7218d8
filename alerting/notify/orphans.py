"""Messages for channels that the routes file no longer has: they become dead letters, which a person may send elsewhere."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from alerting.notify import lease, outbox
from alerting.notify.packing import pack
from alerting.notify.routes import Routes
from alerting.notify.wording import Words
from humiao import metrics
from humiao.store import Store

PREFIX: Final = "to "
"""Beginning of the names of leases on channels."""
_lines = structlog.get_logger()


def bury(store: Store, routes: Routes, words: Words, clock: Callable[[], datetime]) -> int:
    """Make dead letters of what waits for channels that `routes` lacks; returns how many. Without channels nothing is done."""
    if not routes.channels:
        return 0
    names = (name.removeprefix(PREFIX) for name in lease.held(store) if name.startswith(PREFIX))
    return sum(_bury(store, name, words, clock()) for name in names if name not in routes.channels)


def _bury(store: Store, name: str, words: Words, now: datetime) -> int:
    box = outbox.read(store, name)
    box = outbox.settled(store, name, outbox.Box(box.items + outbox.later(store, name), box.parcels))
    outbox.pack(store, pack(name, box.items, words, now))
    parcels = outbox.read(store, name).parcels
    for parcel in parcels:
        outbox.bury(store, parcel.model_copy(update={"problem": "its channel is no longer in the routes file"}))
        metrics.NOTIFICATIONS.labels(name, "dead").inc()
    if parcels:
        _lines.warning("messages of a channel that is gone are dead letters now", channel=name, messages=len(parcels))
    return len(parcels)
