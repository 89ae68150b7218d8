"""How fast one host is asked, whoever asks: delay, back-off and circuit breaker, as a state machine without clock and network.

Times are seconds on any clock that never goes back. Chances are numbers from 0 to 1, given by the caller.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crawlers.states import State

JITTER: Final = 0.3
"""Share of the delay by which a request may come later than agreed, never earlier: a crawler need not tick like a clock."""
BREAKS_AT: Final = 5
"""Failures in a row after which a host is no longer waited for, but left alone."""
PATIENCE: Final = 60.0
"""Seconds that a visit waits for a host at most; where it would be longer the visit ends and the host rests."""
FIRST_REST: Final = 1.0
"""Seconds after a first failure, or the agreed delay if that is longer; each further one in a row doubles them."""
BROKEN_REST: Final = 60.0
"""Seconds for which a host is left alone at least when the circuit breaks."""
LONGEST_REST: Final = 3600.0
"""Seconds that failures alone make a host rest, at most."""
LONGEST_ASKED: Final = 86_400.0
"""Seconds of a Retry-After that are believed; a site can't silence a source for years by one header."""
FOREVER: Final = float("inf")


class Outcome(StrEnum):
    """How a request ended, as far as the host's health goes."""

    ANSWERED = "answered"
    BUSY = "busy"
    """The host asks to slow down (429, 503)."""
    FAILED = "failed"
    """No answer, or one that says that the host is not well (502, 504)."""
    UNKNOWN = "unknown"
    """It was given up for reasons of our own."""


@dataclass(frozen=True)
class Pace:
    """What has become of the requests to a host so far."""

    last: float = -FOREVER
    """When the last one began."""
    late: float = 0.0
    """Share of the delay by which the next one comes later."""
    rests_until: float = -FOREVER
    """Nothing is asked before."""
    failures: int = 0
    """In a row."""
    state: State = State.RUNNING
    """`throttled` or `unreachable` while `failures` are counted."""
    reason: str = ""
    """What the last failure was."""

    @property
    def is_broken(self) -> bool:
        """Whether the circuit is open: one request is tried after each rest, and all wait for what becomes of it."""
        return self.failures >= BREAKS_AT


@dataclass(frozen=True)
class Rest:
    """A host that is not to be asked for longer than a visit waits."""

    until: float
    state: State
    reason: str


def next_at(pace: Pace, delay: float, now: float) -> float | Rest:
    """When the next request may begin (it may be past), or that the host rests; `delay`: agreed seconds between two beginnings."""
    if pace.rests_until > now and (pace.is_broken or pace.rests_until - now > PATIENCE):
        return Rest(pace.rests_until, pace.state, pace.reason)
    return max(pace.last + delay * (1 + pace.late), pace.rests_until)


def begun(pace: Pace, now: float, chance: float) -> Pace:
    """A request begins."""
    return replace(pace, last=now, late=JITTER * chance)


def ended(pace: Pace, outcome: Outcome, delay: float, now: float, chance: float, *, asked: float = 0.0, reason: str = "") -> Pace:
    """A request ended; `asked`: seconds of rest that the host itself asked for; `reason`: for people."""
    if outcome is Outcome.UNKNOWN:
        return pace
    if outcome is Outcome.ANSWERED:
        return replace(pace, failures=0, rests_until=-FOREVER, state=State.RUNNING, reason="")
    failures = pace.failures + 1
    rest = rest_after(failures, delay) * (1 + JITTER * chance)
    return replace(
        pace,
        failures=failures,
        rests_until=now + max(rest, min(asked, LONGEST_ASKED)),
        state=State.THROTTLED if outcome is Outcome.BUSY else State.UNREACHABLE,
        reason=reason,
    )


def rest_after(failures: int, delay: float) -> float:
    """Seconds that a host rests after so many failures in a row."""
    rest = max(FIRST_REST, delay) * 2.0 ** min(failures - 1, 30)
    if failures >= BREAKS_AT:
        rest = max(rest, BROKEN_REST * 2.0 ** min(failures - BREAKS_AT, 30))
    return min(max(LONGEST_REST, delay), rest)
