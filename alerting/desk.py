"""What people do with alerts. The console and the command line call this; every act leaves an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alerting import claims, decisions, events, life
from alerting.decisions import Decision, resolve, standing
from alerting.grouping import post_ids
from alerting.remarks import bounded, given
from humiao import metrics
from humiao.alert import Alert, Status, StoredPost
from humiao.errors import BadInput, Conflict
from humiao.event import Event, broken_links
from humiao.evidence import Evidence
from humiao.labels import Harm
from humiao.store import Store
from humiao.verdict import Change, Span, Verdict

LONGEST_NAME: Final = 200
"""Characters of a department's name."""
_CHUNK: Final = 500

__all__ = ["Decision", "Dossier", "Flag", "decide", "dossier", "explain", "note", "reopen", "resolve", "since_closed", "viewed"]


def decide(
    store: Store, alert_id: str, actor: str, decision: Decision, reason: str, now: datetime, *, of: str = "", department: str = ""
) -> Alert:
    """Decide on the alert that `alert_id` leads to; returns it as it then is.

    Args:
        store: where the alert is.
        alert_id: an alert; if it was merged, the decision goes to the alert that has its posts now.
        actor: account name.
        decision: ``confirm`` (it is what it seems), ``dismiss`` (no case), ``duplicate`` (of another alert, which stays) or
            ``transfer`` (it is what it seems and a department has it now).
        reason: why, in a person's words; must be given for ``dismiss``.
        now: time of the decision (UTC).
        of: for ``duplicate``: the other alert.
        department: for ``transfer``: who has it now.

    Raises:
        NotFound: there is no such alert, or not the one that this is a duplicate of.
        Conflict: somebody decided before, holds the alert, or the second view that `actor` asked for is still wanted; the
            message says who, what and when. Of two at the same time one wins.
        BadInput: the decision is unknown, or what it needs is missing or too long.
    """
    data = _decided_as(decision, reason, of, department)
    while True:
        alert = resolve(store, alert_id).value
        if decision == "duplicate":
            data["of"] = _original(store, alert, of)

        def unless_decided(chain: list[Event], alert: Alert = alert) -> events.Entry:
            stands, held = life.read(chain), life.in_force(chain, now)
            if stands.decided:
                raise Conflict(decisions.already(alert.id, stands.decided))
            if stands.second_view and stands.second_view.actor == actor:
                raise Conflict(f"alert {alert.id}: {actor} asked for a second view; another person decides it")
            if held and held.actor != actor:
                raise Conflict(claims.taken(alert.id, held))
            return life.DECIDED, data

        try:
            events.append_if(store, alert.id, actor, now, unless_decided)
        except Conflict:
            _follow(store, alert.id, now)  # if its writer was cut off before the status followed
            raise
        settled = _follow(store, alert.id, now)
        if settled.status is not Status.MERGED:
            metrics.DECISIONS.labels(decision).inc()
            return settled
        # Merged between reading and writing: whoever merged may have looked before the decision stood. Decide on the heir.
        heir = resolve(store, alert.id).value
        decisions.hand_over(store, settled, heir.id, now)
        if (stands := standing(store.events(heir.id))) and stands.data.get("taken_from") == settled.id:
            return _follow(store, heir.id, now)


def reopen(store: Store, alert_id: str, actor: str, reason: str, now: datetime) -> Alert:
    """Undo the decision that stands, or bring back what a suppression window hides; the alert is open again.

    Raises:
        NotFound: there is no such alert.
        Conflict: no decision stands and nothing hides it.
        BadInput: the reason is missing or too long.
    """
    data = {"reason": given("reason", reason, "say why the alert is opened again")}
    alert = resolve(store, alert_id).value

    def if_closed(chain: list[Event]) -> events.Entry:
        stands = life.read(chain)
        if stands.decided is None and stands.hidden is None:
            raise Conflict(f"alert {alert.id}: is not decided, there is nothing to reopen")
        return life.REOPENED, data

    events.append_if(store, alert.id, actor, now, if_closed)
    return decisions.follow_chain(store, alert.id)


def note(store: Store, alert_id: str, actor: str, text: str, now: datetime) -> Event:
    """Add a person's remark to the alert.

    Raises:
        NotFound: there is no such alert.
        BadInput: the text is empty or too long.
    """
    data = {"text": given("text", text, "write the note")}
    return events.append(store, resolve(store, alert_id).value.id, "noted", actor, data, now)


def since_closed(store: Store, alert_id: str) -> life.Since | None:
    """What came to the alert since its last decision (`life.since_closed`).

    Raises:
        NotFound: there is no such alert.
    """
    return life.since_closed(store.events(resolve(store, alert_id).value.id))


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


def _decided_as(decision: str, reason: str, of: str, department: str) -> dict[str, str]:
    """What the chain keeps of a decision; raises BadInput when it lacks what it needs."""
    if decision not in decisions.STATUS_OF:
        raise BadInput(f"decision: {decision!r} is none; use {', '.join(decisions.STATUS_OF)}")
    why = given("reason", reason, "say why the alert is dismissed") if decision == "dismiss" else bounded("reason", reason)
    data = {"decision": decision, "reason": why}
    for field, value, wanted in (("of", of, "duplicate"), ("department", department, "transfer")):
        if decision == wanted:
            data[field] = given(field, value, f"a {wanted} needs it")[:LONGEST_NAME]
        elif value:
            raise BadInput(f"{field}: doesn't go with {decision}; it is for {wanted}")
    return data


def _original(store: Store, alert: Alert, of: str) -> str:
    """Id of the alert that `alert` shall be a duplicate of.

    Raises:
        NotFound: there is none.
        BadInput: it is the same alert.
        Conflict: it is a duplicate of `alert` itself.
    """
    other = resolve(store, of).value
    if other.id == alert.id:
        raise BadInput(f"of: {of} is the same alert; name the other one")
    if decisions.leads_to(store, other.id, alert.id):
        raise Conflict(f"alert {alert.id}: {other.id} is a duplicate of it already; reopen that one first")
    return other.id


def _follow(store: Store, id: str, now: datetime) -> Alert:
    """Let status and original follow the chain of `id`, as far as a decider was cut off before they did."""
    decided = standing(store.events(id))
    if decided and decided.data["decision"] == "duplicate" and "taken_from" not in decided.data:
        original = decisions.original(store, decided)
        if decisions.leads_to(store, original, id):  # two people at once called each one the other's duplicate
            events.append_if(store, id, events.SYSTEM, now, lambda chain: _undo(chain, decided, original))
        else:
            _tell_original(store, decided, original, now)
    return decisions.follow_chain(store, id)


def _undo(chain: list[Event], decided: Event, original: str) -> events.Entry | None:
    data = {"reason": f"each is called the other's duplicate: {original}"}
    return (life.REOPENED, data) if standing(chain) == decided else None


def _tell_original(store: Store, decided: Event, original: str, now: datetime) -> None:
    data = {"alert": decided.alert, "decided": decided.hash}
    told = decisions.HAS_DUPLICATE
    events.append_if(
        store,
        original,
        decided.actor,
        now,
        lambda chain: None if any(one.kind == told and one.data == data for one in chain) else (told, data),
    )
