"""The state of a source after a visit, kept from one visit to the next, and how long to leave the site alone because of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import TypeAdapter

from crawlers.evidence import in_chinese
from crawlers.states import Rested, State, Wall
from humiao.source_status import KEPT_CHANGES, Change

DAY: Final = timedelta(hours=24)
QUIET_AFTER: Final = DAY
"""Without a new post for so long a source that answers counts as quiet."""
LONGEST_REST: Final = 86_400.0
"""Seconds between two tries of a site that refuses us, at most."""
RESTING: Final = frozenset({State.PAUSED.value, State.WINDOW_CLOSED.value})
"""States in which nothing is asked."""


@dataclass(frozen=True)
class Visited:
    """What a visit showed."""

    at: datetime
    complete: bool
    pages: int
    fresh: int
    """Posts that were new."""
    wall: Wall | None = None
    layout: str = ""
    """Why the layout seems to have changed."""
    forbidden: str = ""
    """A start page that may not be read, and why."""
    failure: str = ""
    """Why a page could not be had."""
    ended: str = "finished"
    """Scrapy's reason, or a state that ended the visit."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """Requests by what they were for."""
    unfinished: bool = False
    """It gave its place to a source that waited: the rest is read next time."""
    said: str = ""
    """Why a person paused the source."""


@dataclass(frozen=True)
class Condition:
    """State of a source, since when, and what shows it."""

    state: State
    since: datetime
    evidence: str
    visits: int
    """In this state, in a row."""
    last_new: datetime | None
    """When a new post last came."""
    visited_at: datetime | None = None
    hours: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """New posts and pages by hour (UTC, ISO 8601), of the last 24."""
    history: tuple[Change, ...] = ()
    """What it was in before, latest first."""
    rested: Rested | None = None
    """A host of it that asked to be left alone."""

    def shown(self) -> Change:
        """State, beginning and evidence as people see them."""
        return Change(state=self.state, since=self.since, evidence=self.evidence, evidence_zh=in_chinese(self.evidence))

    def to_note(self) -> str:
        """As text, for the crawl state."""
        return TypeAdapter(Condition).dump_json(self).decode()

    @classmethod
    def from_note(cls, note: str) -> "Condition | None":
        """What `to_note` gave; None for an empty note."""
        return TypeAdapter(cls).validate_json(note) if note else None


def after(before: Condition | None, visit: Visited) -> Condition:
    """The condition after a visit."""
    last_new = visit.at if visit.fresh else before.last_new if before else None
    state, evidence = _judged(visit, last_new)
    same = before is not None and before.state == state
    left = (before.shown(),) if before and not same else ()
    return Condition(
        state=state,
        since=before.since if same and before else visit.at.astimezone(UTC),
        evidence=evidence[:300],
        visits=before.visits + 1 if same and before else 1,
        last_new=last_new,
        visited_at=visit.at if visit.ended not in RESTING else before.visited_at if before else None,
        hours=_hours(before.hours if before else {}, visit),
        history=(left + (before.history if before else ()))[:KEPT_CHANGES],
        rested=visit.wall.rested if visit.wall else before.rested if before and visit.ended in RESTING else None,
    )


def rest_after(condition: Condition, interval: float) -> float:
    """Seconds until the next visit: the usual ones, and twice as many after each visit that met a refusal."""
    if condition.state in {State.RUNNING, State.QUIET, State.WINDOW_CLOSED, State.PAUSED}:
        return interval
    return max(interval, min(LONGEST_REST, interval * 2.0 ** min(condition.visits, 20)))


def totals(condition: Condition, now: datetime) -> tuple[int, int]:
    """New posts and pages of the 24 hours before `now`."""
    recent = [both for hour, both in condition.hours.items() if datetime.fromisoformat(hour) > now - DAY]
    return sum(posts for posts, _ in recent), sum(pages for _, pages in recent)


def described(condition: Condition) -> dict[str, object]:
    """For a log line."""
    return {key: str(value) for key, value in asdict(condition).items() if key in {"state", "since", "evidence"}}


def _judged(visit: Visited, last_new: datetime | None) -> tuple[State, str]:
    if visit.wall:
        return visit.wall.state, visit.wall.evidence
    if visit.layout:
        return State.LAYOUT_CHANGED, visit.layout
    if visit.ended == State.PAUSED:
        return State.PAUSED, visit.said
    if visit.ended == State.WINDOW_CLOSED:
        return State.WINDOW_CLOSED, "the hours in the source file are over"
    if visit.forbidden:
        unread = "could not be read" in visit.forbidden or "answered" in visit.forbidden
        return (State.UNREACHABLE if unread else State.ROBOTS_FORBIDDEN), visit.forbidden
    return _of_a_reader(visit, last_new)


def _of_a_reader(visit: Visited, last_new: datetime | None) -> tuple[State, str]:
    """The state of a source that nothing keeps from being read."""
    if visit.failure and not visit.pages:
        return State.UNREACHABLE, visit.failure
    if last_new is None or visit.at - last_new > QUIET_AFTER:
        return State.QUIET, f"no new post since {last_new:%Y-%m-%d %H:%M} UTC" if last_new else "no post yet"
    return State.RUNNING, f"{visit.fresh} new posts, {visit.pages} pages"


def _hours(before: Mapping[str, tuple[int, int]], visit: Visited) -> Mapping[str, tuple[int, int]]:
    hour = visit.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    kept = {name: both for name, both in before.items() if datetime.fromisoformat(name) > hour - DAY}
    posts, pages = kept.get(hour.isoformat(), (0, 0))
    return kept | {hour.isoformat(): (posts + visit.fresh, pages + visit.pages)}
