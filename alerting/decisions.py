"""Decisions of people on alerts: the chain of events is the judge of who was first, the alert's status follows it."""

from datetime import datetime
from typing import Final, Literal

from alerting import events
from humiao.alert import Alert, Status
from humiao.errors import Conflict, NotFound, StoreUnavailable
from humiao.event import Event
from humiao.store import Store, Versioned

Decision = Literal["confirm", "dismiss"]
STATUS_OF: Final[dict[str, Status]] = {"confirm": Status.CONFIRMED, "dismiss": Status.DISMISSED}


def resolve(store: Store, id: str) -> Versioned[Alert]:
    """The alert that `id` leads to: itself, or the one that its posts were merged into.

    Raises:
        NotFound: no alert has this id.
    """
    seen = {id}
    while True:
        found = store.alert(id)
        if found is None:
            raise NotFound(f"alert {id}: there is none with this id; see humiao alerts")
        if found.value.status is not Status.MERGED or found.value.merged_into in seen:
            return found
        id = found.value.merged_into
        seen.add(id)


def standing(chain: list[Event]) -> Event | None:
    """The decision that stands: the last one, unless the alert was reopened after it."""
    for event in reversed(chain):
        if event.kind == "reopened":
            return None
        if event.kind == "decided":
            return event
    return None


def follow_chain(store: Store, id: str) -> Alert:
    """Make status, decider and time of an alert what its chain says; returns the alert as it then is.

    A merged alert is left alone, and so is a withdrawn one that nobody decided.
    """
    for attempt in range(events.ATTEMPTS):
        found = store.alert(id)
        if found is None:
            raise NotFound(f"alert {id}: there is none with this id; see humiao alerts")
        alert = found.value
        decided = standing(store.events(id))
        if alert.status is Status.MERGED or (alert.status is Status.WITHDRAWN and decided is None):
            return alert
        due = {
            "status": STATUS_OF[decided.data["decision"]] if decided else Status.OPEN,
            "decided_by": decided.actor if decided else "",
            "decided_at": _when(decided) if decided else None,
        }
        changed = alert.model_copy(update=due)
        if changed == alert:
            return alert
        try:
            store.put_alert(changed, found.version)
        except Conflict:
            events.yield_to_others(attempt)
        else:
            return changed
    raise StoreUnavailable(f"alert {id}: keeps changing under {events.ATTEMPTS} attempts to write its status; try again")


def hand_over(store: Store, source: Alert, heir: str, now: datetime) -> None:
    """Give the decision on `source` to `heir`, the alert that it is merged into, unless that has one of its own."""
    decided = standing(store.events(source.id))
    if decided is None:
        return
    data = {**decided.data, "taken_from": source.id, "decided_at": _when(decided).isoformat()}

    def unless_decided(chain: list[Event]) -> events.Entry | None:
        answered = any(event.kind in {"decided", "reopened"} for event in chain)
        return None if answered else ("decided", data)

    if events.append_if(store, heir, decided.actor, now, unless_decided) is not None:
        follow_chain(store, heir)


def _when(decided: Event) -> datetime:
    """When a person decided; an event that was taken over from a merged alert was written later."""
    return datetime.fromisoformat(decided.data["decided_at"]) if "decided_at" in decided.data else decided.at
