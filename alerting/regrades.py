"""A person's word on the grade: an event in the alert's chain, which the alert follows.

It stands until policies and facts say something more urgent than they did when the person looked (`grading.in_force`).
"""

from datetime import datetime
from typing import Final

from alerting import events, grading
from alerting.decisions import already, resolve, rewritten
from alerting.life import read
from alerting.remarks import given
from humiao import metrics
from humiao.alert import Alert, Grade, Regrade, Status
from humiao.errors import BadInput, Conflict
from humiao.event import Event
from humiao.post import utc_text
from humiao.store import Store

REGRADED: Final = "regraded"


def regrade(store: Store, alert_id: str, actor: str, grade: Grade, reason: str, now: datetime) -> Alert:
    """Give the alert that `alert_id` leads to another grade; returns it as it then is.

    Args:
        store: where the alert is.
        alert_id: an alert, or one that was merged into it.
        actor: account name.
        grade: what it shall be.
        reason: why, in a person's words.
        now: the time (UTC); the time limit of the new grade runs from then.

    Raises:
        NotFound: there is no such alert.
        Conflict: it is decided, or was re-graded by somebody else in the meantime so that nothing is left to change.
        BadInput: the reason is missing or too long, or the alert is a spike.
    """
    told = given("reason", reason, "say why the grade is changed")
    alert = follow(store, resolve(store, alert_id).value.id)
    if alert.kind != "content":
        raise BadInput(f"alert {alert.id}: is a spike, its grade follows the counts; decide on it instead")

    def unless_so(chain: list[Event]) -> events.Entry:
        if decided := read(chain).decided:
            raise Conflict(already(alert.id, decided))
        before = events.last_grade(chain) or alert.grade
        if before is grade:
            raise Conflict(f"alert {alert.id}: is {grade.value} already")
        over = alert.derived or alert.grade
        return REGRADED, {"before": before.value, "grade": grade.value, "over": over.value, "reason": told}

    events.append_if(store, alert.id, actor, now, unless_so)
    metrics.REGRADES.labels(grade.value).inc()
    settled = follow(store, alert.id)
    if settled.status is not Status.MERGED:
        return settled
    hand_over(store, settled.id, settled.merged_into, now)  # whoever merged may have looked before the word was there
    return follow(store, resolve(store, settled.id).value.id)


def word(chain: list[Event]) -> Regrade | None:
    """The last word of a person on the grade in `chain`."""
    event = next((one for one in reversed(chain) if one.kind == REGRADED and "over" in one.data), None)
    if event is None:
        return None
    at = datetime.fromisoformat(event.data["regraded_at"]) if "regraded_at" in event.data else event.at
    grade, over = Grade(event.data["grade"]), Grade(event.data["over"])
    return Regrade(grade=grade, over=over, by=event.actor, at=at, reason=event.data["reason"])


def follow(store: Store, id: str) -> Alert:
    """Make grade and deadline of an alert what the last word in its chain says; returns the alert as it then is.

    Raises:
        NotFound: there is no such alert.
        StoreUnavailable: others keep changing it.
    """

    def spoken(alert: Alert) -> Alert:
        last = word(store.events(id))
        if alert.status is Status.MERGED or last is None or (alert.regrade and alert.regrade.at >= last.at):
            return alert
        return applied(alert, last)

    return rewritten(store, id, "grade", spoken)


def applied(alert: Alert, last: Regrade) -> Alert:
    """`alert` with a person's word."""
    derived, due = alert.derived or alert.grade, alert.derived_deadline or alert.deadline
    grade, deadline, says = grading.in_force(derived, due, last)
    reasons = [one for one in alert.reasons if not one.startswith(grading.BY_PERSON)]
    update = {"grade": grade, "deadline": deadline, "derived": derived, "derived_deadline": due, "regrade": last}
    return alert.model_copy(update={**update, "reasons": [*reasons, *says]})


def hand_over(store: Store, source: str, heir: str, now: datetime) -> None:
    """Write the last word on `source` into the chain of `heir`, which it is merged into, once; the later word counts."""
    last = word(store.events(source))
    if last is None:
        return
    data = {
        "grade": last.grade.value,
        "over": last.over.value,
        "reason": last.reason,
        "taken_from": source,
        "regraded_at": utc_text(last.at),
    }

    def unless_later(chain: list[Event]) -> events.Entry | None:
        own = word(chain)
        return None if own is not None and own.at >= last.at else (REGRADED, data)

    events.append_if(store, heir, last.by, now, unless_later)
