"""Decisions of people on alerts: the chain of events is the judge of who was first, the alert's status follows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from alerting import events, life
from humiao.alert import STATUS_NAMES, Alert, Status
from humiao.errors import Conflict, NotFound, StoreUnavailable
from humiao.event import Event
from humiao.store import Store, Versioned

Decision = Literal["confirm", "dismiss", "duplicate", "transfer"]
STATUS_OF: Final[dict[str, Status]] = {
    "confirm": Status.CONFIRMED,
    "dismiss": Status.DISMISSED,
    "duplicate": Status.DISMISSED,
    "transfer": Status.CONFIRMED,
}
"""A transfer is a confirmed alert in another department's hands; a duplicate leaves the queue, its original stays."""
HAS_DUPLICATE: Final = "has_duplicate"


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
    return life.read(chain).decided


def already(alert: str, decided: Event) -> str:
    """The one line for who decides second."""
    what = STATUS_NAMES[STATUS_OF[decided.data["decision"]]]
    when = decided.at.isoformat(timespec="seconds")
    return f"alert {alert}: {decided.actor} decided already ({what}) at {when}; reopen it to change that"


def follow_chain(store: Store, id: str) -> Alert:
    """Make status, decider and time of an alert what its chain says; returns the alert as it then is.

    A merged alert is left alone, and so is a withdrawn one that nobody decided. One that a suppression window hides has the
    status ``dismissed`` meanwhile, in the name of who opened the window.
    """
    return rewritten(store, id, "status", lambda alert: followed(alert, life.read(store.events(id))))


def rewritten(store: Store, id: str, what: str, change: Callable[[Alert], Alert]) -> Alert:
    """Write `change` of an alert, asked again whenever somebody else wrote in between; returns the alert as it then is.

    Raises:
        NotFound: there is no such alert.
        StoreUnavailable: others keep changing it; the message names `what` could not be written.
    """
    for attempt in range(events.ATTEMPTS):
        found = store.alert(id)
        if found is None:
            raise NotFound(f"alert {id}: there is none with this id; see humiao alerts")
        changed = change(found.value)
        if changed == found.value:
            return changed
        try:
            store.put_alert(changed, found.version)
        except Conflict:
            events.yield_to_others(attempt)
        else:
            return changed
    raise StoreUnavailable(f"alert {id}: keeps changing under {events.ATTEMPTS} attempts to write its {what}; try again")


def followed(alert: Alert, stands: life.Life) -> Alert:
    """`alert` with status, decider and time as `stands` says."""
    decided, hidden = stands.decided, stands.hidden
    if alert.status is Status.MERGED or (alert.status is Status.WITHDRAWN and decided is None and hidden is None):
        return alert
    if decided:
        status, by, when = STATUS_OF[decided.data["decision"]], decided.actor, life.decided_when(decided)
    elif hidden:
        status, by, when = Status.DISMISSED, str(hidden.data["by"]), hidden.at
    else:
        return alert.model_copy(update={"status": Status.OPEN, "decided_by": "", "decided_at": None})
    return alert.model_copy(update={"status": status, "decided_by": by, "decided_at": when})


def hand_over(store: Store, source: Alert, heir: str, now: datetime) -> None:
    """Give what people did to `source` to `heir`, the alert that it is merged into.

    A decision goes over unless `heir` has one of its own; where none does, a claim and the wish for a second view do.
    """
    past = store.events(source.id)
    before = life.read(past)

    def unless_decided(chain: list[Event]) -> events.Entry | None:
        if before.decided is None or any(event.kind in {life.DECIDED, life.REOPENED} for event in chain):
            return None
        when = life.decided_when(before.decided).isoformat()
        return life.DECIDED, {**before.decided.data, "taken_from": source.id, "decided_at": when}

    if before.decided and events.append_if(store, heir, before.decided.actor, now, unless_decided) is not None:
        follow_chain(store, heir)
    for event in (before.second_view, life.in_force(past, now)):
        if event is not None:
            _carry(store, event, heir, now)


def _carry(store: Store, event: Event, heir: str, now: datetime) -> None:
    """Write a claim or a wish of a merged alert into the chain of its heir, once, unless that has one itself."""

    def unless_there(chain: list[Event]) -> events.Entry | None:
        stands = life.read(chain)
        taken = life.in_force(chain, now) if event.kind == life.CLAIMED else stands.second_view
        told = any(one.kind == event.kind and one.data.get("taken_from") == event.alert for one in chain)
        if told or taken or stands.decided:
            return None
        return event.kind, {**event.data, "taken_from": event.alert}

    events.append_if(store, heir, event.actor, now, unless_there)


def original(store: Store, decided: Event) -> str:
    """Id of the alert that a decision ``duplicate`` names, followed through merging."""
    return resolve(store, decided.data["of"]).value.id


def leads_to(store: Store, start: str, target: str) -> bool:
    """Whether `start` is a duplicate of `target`, perhaps by way of other duplicates."""
    seen: set[str] = set()
    while start not in seen:
        if start == target:
            return True
        seen.add(start)
        decided = standing(store.events(start))
        if decided is None or decided.data["decision"] != "duplicate":
            return False
        start = original(store, decided)
    return False
