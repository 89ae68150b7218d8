"""The sources as the desk looks at them: what the crawl processes tell in the store's notes, most urgent first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from humiao.source_status import (
    CRAWLER_NOTES,
    PAUSE_NOTES,
    SOURCE_NOTES,
    STATE_NAMES,
    CrawlerNote,
    Pause,
    SourceStatus,
    State,
    alive,
)
from humiao.store import Store

STALE: Final = timedelta(hours=3)
"""A status that is older, though it is written every hour, comes from a process that no longer crawls the source."""
_RANKS: Final = {state: rank for rank, state in enumerate(STATE_NAMES)}


@dataclass(frozen=True, slots=True)
class SeenSource:
    """One source."""

    status: SourceStatus
    pause: Pause | None
    """Somebody paused it, whether or not that was obeyed yet."""
    orphaned: bool
    """No living process crawls it."""

    @property
    def state(self) -> State | None:
        """The present state; None = not visited yet."""
        return self.status.now.state if self.status.now else None


@dataclass(frozen=True, slots=True)
class Overview:
    """All sources, and who crawls them."""

    sources: list[SeenSource]
    crawlers: list[CrawlerNote]
    """Living processes, by name."""

    def counts(self) -> Mapping[State | None, int]:
        """Sources in each state that occurs, in the order of attention; None = not visited yet."""
        found = [one.state for one in self.sources]
        return {state: found.count(state) for state in (*STATE_NAMES, None) if state in found}


def overview(store: Store, now: datetime) -> Overview:
    """Everything that the notes say; raises StoreUnavailable."""
    told = {id: CrawlerNote.model_validate_json(note.value) for id, note in store.notes(CRAWLER_NOTES).items()}
    crawlers = sorted(alive(told, now).values(), key=lambda one: one.name)
    names = {one.name for one in crawlers}
    pauses = {name: Pause.model_validate_json(note.value) for name, note in store.notes(PAUSE_NOTES).items()}
    statuses = [SourceStatus.model_validate_json(note.value) for note in store.notes(SOURCE_NOTES).values()]
    sources = [_seen(status, pauses, names, now) for status in statuses]
    return Overview(sorted(sources, key=_urgency), crawlers)


def one_source(store: Store, name: str, now: datetime) -> SeenSource | None:
    """The source of this name."""
    return next((one for one in overview(store, now).sources if one.status.name == name), None)


def chosen(sources: list[SeenSource], state: str, words: str) -> list[SeenSource]:
    """Those in `state` (a state's word, `unvisited`, or empty = any) whose name, platform, owner or place holds `words`."""
    wanted = words.strip().lower()
    return [
        one
        for one in sources
        if (not state or state == (one.state or "unvisited"))
        and any(wanted in text.lower() for text in (one.status.name, one.status.platform, one.status.owner, one.status.place))
    ]


def _seen(status: SourceStatus, pauses: Mapping[str, Pause], crawlers: set[str], now: datetime) -> SeenSource:
    return SeenSource(status, pauses.get(status.name), status.crawler not in crawlers or now - status.at > STALE)


def _urgency(one: SeenSource) -> tuple[int, float, str]:
    """By state, then the latest change first, then by name."""
    rank = _RANKS[one.state] if one.state else len(_RANKS)
    return rank, -one.status.now.since.timestamp() if one.status.now else 0.0, one.status.name
