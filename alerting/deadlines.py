"""Deadlines of open alerts: each is told once when it nears and once when it has passed, in the alert's own chain.

The alert stage looks every few seconds. What was told stands in the chain, so that neither a restart nor a second worker tells it
again; a deadline that moved is told anew.
"""

from datetime import datetime
from itertools import takewhile
from typing import Final, Literal

from alerting import events
from alerting.duty import Roster
from alerting.grades import GRADES
from humiao import metrics
from humiao.alert import Alert, Grade, Status
from humiao.event import Event
from humiao.post import utc_text
from humiao.store import AlertFilter, Store

Stage = Literal["deadline_near", "deadline_passed"]
NEAR: Final[Stage] = "deadline_near"
PASSED: Final[Stage] = "deadline_passed"
CALLED: Final = "duty_called"
TO: Final[dict[Stage, str]] = {NEAR: "patrol", PASSED: "supervisor"}
"""Role that a deadline is brought before."""
_PAGE: Final = 200
_REMEMBERED: Final = 100_000


class Watch:
    """Looks at the deadlines of open alerts."""

    def __init__(self, store: Store, roster: Roster) -> None:
        self._store, self._roster = store, roster
        self._told: dict[str, tuple[datetime, Stage]] = {}
        """What this process knows to be told already: spares reading the chains of everything overdue at every look."""

    def look(self, now: datetime) -> int:
        """Tell what is due at `now` (UTC); returns how much was told.

        Raises:
            StoreUnavailable: what was told stays so; the rest is told next time.
        """
        return sum(self._tell(alert, now) for grade in Grade for alert in self._urgent(grade, now))

    def _urgent(self, grade: Grade, now: datetime) -> list[Alert]:
        """Open alerts of `grade` whose deadline is near or has passed."""
        narrow = AlertFilter(statuses=frozenset({Status.OPEN}), grades=frozenset({grade}))
        limit = now + GRADES[grade].warning
        found: list[Alert] = []
        after: str | None = None
        while True:
            page = self._store.alerts(narrow, limit=_PAGE, after=after)
            near = list(takewhile(lambda alert: alert.deadline <= limit, page.items))
            found += near
            after = page.after
            if after is None or len(near) < len(page.items):
                return found

    def _tell(self, alert: Alert, now: datetime) -> bool:
        stage: Stage = PASSED if alert.deadline <= now else NEAR
        if stage == NEAR and now < alert.deadline - (alert.deadline - alert.created_at) / 2:
            return False  # a short time is not near at its very beginning
        if self._told.get(alert.id) == (alert.deadline, stage):
            return False
        data = {
            "deadline": utc_text(alert.deadline),
            "grade": alert.grade.value,
            "to": TO[stage],
            "on_duty": self._roster.at(now),
        }

        def once(chain: list[Event]) -> events.Entry | None:
            known = any(event.kind == stage and event.data.get("deadline") == data["deadline"] for event in chain)
            return None if known else (stage, data)

        told = events.append_if(self._store, alert.id, events.SYSTEM, now, once) is not None
        if told:
            metrics.DEADLINES.labels(stage.removeprefix("deadline_"), alert.grade.value).inc()
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[alert.id] = (alert.deadline, stage)
        return told


def call_duty(store: Store, roster: Roster, alert: Alert, merged: list[str], now: datetime) -> None:
    """Note in the chain of `alert` who is called because a policy says so; once, also across alerts merged into it.

    Args:
        store: where its chain is.
        roster: who is on duty.
        alert: an alert with `duty`.
        merged: ids of alerts that are about to be merged into it.
        now: the time (UTC).
    """
    earlier = next((event for id in merged for event in store.events(id) if event.kind == CALLED), None)
    people = roster.at(now)

    def once(chain: list[Event]) -> events.Entry | None:
        if any(event.kind == CALLED for event in chain):
            return None
        if earlier is not None:
            return CALLED, {**earlier.data, "taken_from": earlier.alert}
        return CALLED, {"on_duty": people, "grade": alert.grade.value}

    if events.append_if(store, alert.id, events.SYSTEM, now, once) is not None and earlier is None:
        metrics.DUTY_CALLS.labels("called" if people else "nobody").inc()


__all__ = ["CALLED", "NEAR", "PASSED", "TO", "Watch", "call_duty"]
