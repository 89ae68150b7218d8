"""Posts of alerts that are no longer to be seen: what the crawl stage noted of them becomes part of the alert's history."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from alerting import events
from alerting.decisions import resolve
from alerting.events import Entry
from humiao import metrics
from humiao.disappearance import KIND, Disappearance
from humiao.event import Event
from humiao.store import Store

PATIENCE: Final = timedelta(days=1)
"""How long a note waits for its post to come through the classifier."""
AT_A_TIME: Final = 500

_lines = structlog.get_logger()


def record(store: Store, now: datetime) -> int:
    """Write them into the chains of their alerts, once each; returns how many were written. `now` in UTC.

    Raises:
        StoreUnavailable: what was written stays so; the rest is done next time.
    """
    waiting = {key: Disappearance.model_validate_json(note.value) for key, note in store.notes(KIND).items()}
    written = 0
    keys = sorted(waiting, key=lambda key: (waiting[key].at, key))
    for start in range(0, len(keys), AT_A_TIME):
        some = keys[start : start + AT_A_TIME]
        posts = store.posts({waiting[key].post for key in some})
        done = []
        for key in some:
            one = waiting[key]
            stored = posts.get(one.post)
            if stored and stored.alert:
                alert = resolve(store, stored.alert).value.id
                written += _append(store, alert, one, now)
            if stored or now - one.at > PATIENCE:
                done.append(key)
        store.drop_notes(KIND, done)
    return written


def _append(store: Store, alert: str, one: Disappearance, now: datetime) -> bool:
    data = {"post": one.post, "seen_at": one.at.isoformat(), "thread": one.thread, "thread_gone": one.thread_gone}
    kind = "post_back" if one.back else "post_gone"

    def choose(chain: list[Event]) -> Entry | None:
        known = any(event.kind == kind and event.data == data for event in chain)
        return None if known else (kind, data)

    if events.append_if(store, alert, events.SYSTEM, now, choose) is None:
        return False
    metrics.ALERTED_POSTS_GONE.labels("back" if one.back else "gone").inc()
    _lines.info(kind, alert=alert, post=one.post, source=one.source)
    return True


def vanished(chain: list[Event]) -> dict[str, datetime]:
    """Posts of an alert that can no longer be seen, and since when that is known (UTC)."""
    gone: dict[str, datetime] = {}
    for event in chain:
        if event.kind == "post_gone":
            gone[event.data["post"]] = datetime.fromisoformat(event.data["seen_at"])
        elif event.kind == "post_back":
            gone.pop(event.data["post"], None)
    return gone
