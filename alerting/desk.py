"""What people do with alerts. The console and the command line call this; every act leaves an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alerting import decisions, events
from alerting.decisions import Decision, resolve, standing
from alerting.grouping import post_ids
from humiao import metrics
from humiao.alert import STATUS_NAMES, Alert, Status, StoredPost
from humiao.errors import BadInput, Conflict
from humiao.event import Event, broken_links
from humiao.evidence import Evidence
from humiao.labels import Harm
from humiao.store import Store
from humiao.verdict import Change, Span, Verdict

LONGEST_REASON: Final = 2000
_CHUNK: Final = 500

__all__ = ["Decision", "Dossier", "Flag", "decide", "dossier", "explain", "note", "reopen", "resolve", "viewed"]


def decide(store: Store, alert_id: str, actor: str, decision: Decision, reason: str, now: datetime) -> Alert:
    """Confirm or dismiss the alert that `alert_id` leads to; returns it as it then is.

    Args:
        store: where the alert is.
        alert_id: an alert; if it was merged, the decision goes to the alert that has its posts now.
        actor: account name.
        decision: ``confirm`` (it is what it seems) or ``dismiss`` (no case).
        reason: why, in a person's words; may be empty for ``confirm``.
        now: time of the decision (UTC).

    Raises:
        NotFound: there is no such alert.
        Conflict: somebody decided before; the message says who, what and when. Of two at the same time one wins.
        BadInput: the decision is unknown, or the reason is missing or too long.
    """
    if decision not in decisions.STATUS_OF:
        raise BadInput(f"decision: {decision!r} is none; use confirm or dismiss")
    if decision == "dismiss" and not reason.strip():
        raise BadInput("reason: is empty; say why the alert is dismissed")
    data = {"decision": decision, "reason": _bounded("reason", reason)}
    while True:
        alert = resolve(store, alert_id).value

        def unless_decided(chain: list[Event], alert: Alert = alert) -> events.Entry:
            if earlier := standing(chain):
                raise Conflict(_already(alert, earlier))
            return "decided", data

        try:
            events.append_if(store, alert.id, actor, now, unless_decided)
        except Conflict:
            decisions.follow_chain(store, alert.id)  # if its writer was cut off before the status followed
            raise
        settled = decisions.follow_chain(store, alert.id)
        if settled.status is not Status.MERGED:
            metrics.DECISIONS.labels(decision).inc()
            return settled
        # Merged between reading and writing: whoever merged may have looked before the decision stood. Decide on the heir.
        heir = resolve(store, alert.id).value
        decisions.hand_over(store, settled, heir.id, now)
        if (stands := standing(store.events(heir.id))) and stands.data.get("taken_from") == settled.id:
            return decisions.follow_chain(store, heir.id)


def reopen(store: Store, alert_id: str, actor: str, reason: str, now: datetime) -> Alert:
    """Undo the decision that stands, with a reason; the alert is open again.

    Raises:
        NotFound: there is no such alert.
        Conflict: no decision stands.
        BadInput: the reason is missing or too long.
    """
    if not reason.strip():
        raise BadInput("reason: is empty; say why the alert is opened again")
    data = {"reason": _bounded("reason", reason)}
    alert = resolve(store, alert_id).value

    def if_decided(chain: list[Event]) -> events.Entry:
        if standing(chain) is None:
            raise Conflict(f"alert {alert.id}: is not decided, there is nothing to reopen")
        return "reopened", data

    events.append_if(store, alert.id, actor, now, if_decided)
    return decisions.follow_chain(store, alert.id)


def note(store: Store, alert_id: str, actor: str, text: str, now: datetime) -> Event:
    """Add a person's remark to the alert.

    Raises:
        NotFound: there is no such alert.
        BadInput: the text is empty or too long.
    """
    if not text.strip():
        raise BadInput("text: is empty; write the note")
    return events.append(store, resolve(store, alert_id).value.id, "noted", actor, {"text": _bounded("text", text)}, now)


def viewed(store: Store, alert_id: str, actor: str, now: datetime, **what: Any) -> Event:
    """Record that `actor` saw the alert's posts; `what` says more (a page, an unmasking and its reason)."""
    return events.append(store, resolve(store, alert_id).value.id, "viewed", actor, what, now)


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is stored of one alert."""

    alert: Alert
    posts: list[StoredPost]
    """Oldest first, up to the number asked for."""
    evidence: list[Evidence]
    events: list[Event]
    broken: list[int]
    """Sequence numbers at which the chain of events is not whole; empty when nobody tampered with it."""


def dossier(store: Store, alert_id: str, *, posts: int = 200) -> Dossier:
    """Read the alert that `alert_id` leads to with its oldest posts, evidence and events.

    Raises:
        NotFound: there is no such alert.
    """
    alert = resolve(store, alert_id).value
    wanted = (post_ids(alert) or alert.posts)[:posts]
    found: dict[str, StoredPost] = {}
    for start in range(0, len(wanted), _CHUNK):
        found |= store.posts(wanted[start : start + _CHUNK])
    chain = store.events(alert.id)
    return Dossier(alert, [found[id] for id in wanted if id in found], store.evidence(alert.id), chain, broken_links(chain))


@dataclass(frozen=True, slots=True)
class Flag:
    """Why one harm was flagged in one post: stored facts only."""

    harm: Harm
    probability: float
    threshold: float | None
    spans: list[Span]
    """Where in the original text, in order."""


def explain(verdict: Verdict) -> tuple[list[Flag], list[Change]]:
    """The flagged harms of a verdict with probability, threshold and spans, and what normalisation changed."""
    flags = [
        Flag(
            harm,
            verdict.harm[harm],
            verdict.thresholds.get(harm),
            sorted((span for span in verdict.spans if span.harm is harm), key=lambda span: span.start),
        )
        for harm in verdict.flags
    ]
    return flags, verdict.changes


def _already(alert: Alert, event: Event) -> str:
    what = STATUS_NAMES[decisions.STATUS_OF[event.data["decision"]]]
    when = event.at.isoformat(timespec="seconds")
    return f"alert {alert.id}: {event.actor} decided already ({what}) at {when}; reopen it to change that"


def _bounded(field: str, text: str) -> str:
    if len(text) > LONGEST_REASON:
        raise BadInput(f"{field}: has {len(text):,} characters; the limit is {LONGEST_REASON:,}")
    return text.strip()
