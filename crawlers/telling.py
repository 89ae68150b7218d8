"""What the crawl stage tells of its sources: notes in the store for the console, and metrics."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from crawlers.condition import Condition, totals
from crawlers.source import Source
from crawlers.states import State
from humiao import metrics
from humiao.source_status import SOURCE_NOTES, SourceStatus
from humiao.store import Store

FRESH: Final = timedelta(hours=1)
"""A note is written again after so long, though nothing changed."""
STALE: Final = timedelta(days=7)
"""The note of a source that nobody crawls any more is dropped after so long."""

_lines = structlog.get_logger()


class Telling:
    """Collects what changed from the event loop; `tell` writes it from a thread."""

    def __init__(self, crawler: str) -> None:
        """`crawler`: name of this process."""
        self._crawler = crawler
        self._current: dict[str, SourceStatus] = {}
        self._changed: set[str] = set()

    def note(self, source: Source, condition: Condition | None, now: datetime, next_at: datetime | None) -> None:
        """A source is in `condition` (None = not visited yet) and will be visited at `next_at`."""
        posts, pages = totals(condition, now) if condition else (0, 0)
        self._current[source.name] = SourceStatus(
            name=source.name, platform=source.platform, family=source.family, owner=source.owner, permission=source.permission,
            place=source.place, start=source.start[0], delay=source.rate.seconds,
            now=condition.shown() if condition else None,
            history=condition.history if condition else (),
            last_new=condition.last_new if condition else None,
            visited_at=condition.visited_at if condition else None,
            next_at=next_at, posts_day=posts, pages_day=pages, crawler=self._crawler, at=now,
        )  # fmt: skip
        self._changed.add(source.name)
        for state in State:
            metrics.SOURCE_STATE.labels(source.name, state.value).set(int(condition is not None and state == condition.state))

    def forget(self, name: str) -> None:
        """Another process tells of this source from now on."""
        self._current.pop(name, None)
        self._changed.discard(name)
        for state in State:
            metrics.SOURCE_STATE.remove(name, state.value)

    def tell(self, store: Store, now: datetime) -> None:
        """Write what changed since the last time, and what was last written long ago. Raises StoreUnavailable."""
        changed, self._changed = self._changed, set()
        changed |= {name for name, status in self._current.items() if now - status.at > FRESH}
        texts: dict[str, str] = {}
        for name in changed:
            if status := self._current.get(name):
                self._current[name] = status.model_copy(update={"at": now})
                texts[name] = self._current[name].model_dump_json()
        if not texts:
            return
        try:
            store.put_notes(SOURCE_NOTES, texts)
        except Exception:
            self._changed |= set(texts)
            raise


def drop_stale(store: Store, configured: Mapping[str, Source], now: datetime) -> None:
    """Forget sources that are no longer configured here and that nobody has told of for a week."""
    stale = [
        name
        for name, note in store.notes(SOURCE_NOTES).items()
        if name not in configured and now - SourceStatus.model_validate_json(note.value).at > STALE
    ]
    if stale:
        _lines.info("sources that nobody crawls any more are no longer shown", sources=stale)
        store.drop_notes(SOURCE_NOTES, stale)
