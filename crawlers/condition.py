"""The state of a source after a visit, kept from one visit to the next, and how long to leave the site alone because of it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import TypeAdapter

from crawlers.states import State, Wall

QUIET_AFTER: Final = timedelta(hours=24)
"""Without a new post for so long a source that answers counts as quiet."""
LONGEST_REST: Final = 86_400.0
"""Seconds between two tries of a site that refuses us, at most."""


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
    return Condition(
        state=state,
        since=before.since if same and before else visit.at.astimezone(UTC),
        evidence=evidence[:300],
        visits=before.visits + 1 if same and before else 1,
        last_new=last_new,
    )


def rest_after(condition: Condition, interval: float) -> float:
    """Seconds until the next visit: the usual ones, and twice as many after each visit that met a refusal."""
    if condition.state in {State.RUNNING, State.QUIET, State.WINDOW_CLOSED, State.PAUSED}:
        return interval
    return max(interval, min(LONGEST_REST, interval * 2.0 ** min(condition.visits, 20)))


def described(condition: Condition) -> dict[str, object]:
    """For a log line."""
    return {key: str(value) for key, value in asdict(condition).items() if key in {"state", "since", "evidence"}}


def _judged(visit: Visited, last_new: datetime | None) -> tuple[State, str]:
    if visit.wall:
        return visit.wall.state, visit.wall.evidence
    if visit.layout:
        return State.LAYOUT_CHANGED, visit.layout
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
