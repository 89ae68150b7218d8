"""Where an alert stands in its life: read from its chain of events and nothing else, so that every reader sees the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from humiao.event import Event

DECIDED: Final = "decided"
REOPENED: Final = "reopened"
CLAIMED: Final = "claimed"
RELEASED: Final = "released"
SECOND_VIEW: Final = "second_view"
REPOSTED: Final = "reposted"
SUPPRESSED: Final = "suppressed"

_BRINGS_POSTS: Final = frozenset({"raised", "joined", "merged"})
"""Kinds of events that bring flagged posts; a harmless revision (``revised``) is no news."""


@dataclass(frozen=True, slots=True)
class Life:
    """What the chain of an alert says of it."""

    decided: Event | None = None
    """The decision that stands; None = the alert waits for one."""
    hidden: Event | None = None
    """What took the undecided alert out of the queue for a time (``suppressed``)."""
    claim: Event | None = None
    """The last claim that nobody gave up; it may have run out (`in_force`)."""
    second_view: Event | None = None
    """The wish for another person's view that the next decision must fulfil."""
    reopened: Event | None = None
    """What opened the alert again after the last decision."""


@dataclass(frozen=True, slots=True)
class Since:
    """What came after the last decision: the mark "new since you closed"."""

    closed: Event
    """The decision."""
    new: tuple[str, ...]
    """``POST/REVISION`` of what says something new, in the order of arrival."""
    reposts: int
    """Revisions that only repeat what was decided on."""


def read(chain: Iterable[Event]) -> Life:
    """Where the alert stands after `chain`."""
    decided = hidden = claim = wish = reopened = None
    for event in chain:
        if event.kind == DECIDED:
            decided, hidden, claim, wish, reopened = event, None, None, None, None
        elif event.kind == REOPENED:
            decided, hidden, reopened = None, None, event
        elif event.kind == SUPPRESSED and decided is None:
            hidden = hidden or event
        elif event.kind == CLAIMED:
            claim = event
        elif event.kind == RELEASED:
            claim = None
        elif event.kind == SECOND_VIEW:
            claim, wish = None, event
    return Life(decided, hidden, claim, wish, reopened)


def since_closed(chain: list[Event]) -> Since | None:
    """What came since the last decision, whether or not the alert is open again; None if nobody ever decided.

    What a system event ``reopened`` names counts too: a decision may have been taken over after posts that its taker never saw.
    """
    closed = next((event for event in reversed(chain) if event.kind == DECIDED), None)
    if closed is None:
        return None
    after = chain[closed.seq :]
    news = [one for event in after for one in event.data.get("new", ())] + brought(after)
    repeats = repeated(after)
    new = dict.fromkeys(one for one in news if one not in repeats)
    return Since(closed, tuple(new), len(repeats))


def brought(chain: Iterable[Event]) -> list[str]:
    """``POST/REVISION`` of the flagged posts that `chain` brought, in order."""
    return list(dict.fromkeys(one for event in chain if event.kind in _BRINGS_POSTS for one in event.data.get("added", ())))


def repeated(chain: Iterable[Event]) -> set[str]:
    """``POST/REVISION`` of what `chain` counted as reposts."""
    return {one for event in chain if event.kind == REPOSTED for one in event.data["counted"]}


def suppressed(chain: Iterable[Event], windows: Iterable[str]) -> set[str]:
    """``POST/REVISION`` of what `chain` says that `windows` hid."""
    wanted = set(windows)
    hid = (event for event in chain if event.kind == SUPPRESSED and event.data["window"] in wanted)
    return {one for event in hid for one in event.data["items"]}


def windows_in(chain: Iterable[Event]) -> set[str]:
    """Ids of the windows that ever hid something in the alert."""
    return {event.data["window"] for event in chain if event.kind == SUPPRESSED}


def hidden_by(chain: list[Event]) -> set[str]:
    """Ids of the windows that hide the alert now; empty when none does."""
    hidden = read(chain).hidden
    return windows_in(chain[hidden.seq - 1 :]) if hidden else set()


def decided_when(decided: Event) -> datetime:
    """When a person decided; an event that was taken over from a merged alert was written later."""
    return datetime.fromisoformat(decided.data["decided_at"]) if "decided_at" in decided.data else decided.at


def until(claim: Event) -> datetime:
    """When a claim runs out (UTC)."""
    return datetime.fromisoformat(claim.data["until"])


def in_force(chain: Iterable[Event], now: datetime) -> Event | None:
    """The claim that holds at `now` (UTC), if there is one."""
    claim = read(chain).claim
    return claim if claim is not None and now < until(claim) else None
