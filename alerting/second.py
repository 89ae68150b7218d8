"""What a person says about an alert beyond the decision: corrected labels, the wish for a second view, and that view.

All are events in the alert's chain; retraining (`classifier.lessons`) reads labels and reviews there.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from alerting import events, life
from alerting.claims import taken
from alerting.decisions import STATUS_OF, Decision, already, follow_chain, resolve, standing
from alerting.remarks import given
from humiao import metrics
from humiao.errors import BadInput, Conflict
from humiao.event import Event
from humiao.labels import Harm, Stance
from humiao.store import Store

LABELLED: Final = "labelled"
REVIEWED: Final = "reviewed"
REVIEWS: Final = frozenset({"confirm", "dismiss"})


def label(store: Store, alert_id: str, actor: str, harm: Collection[Harm], stance: Stance, now: datetime) -> Event:
    """Record what the alert's posts really are: all harms that apply (none = harmless) and whose voice it is.

    The last labels of a chain count.

    Raises:
        NotFound: there is no such alert.
        BadInput: harmless posts have the stance ``other``, harmful ones another one.
    """
    if bool(harm) is (stance is Stance.OTHER):
        raise BadInput(f"stance: {stance.value} doesn't go with {len(harm)} harms; other is for harmless posts, and only for them")
    data = {"harm": [one.value for one in Harm if one in harm], "stance": stance.value}
    return events.append(store, resolve(store, alert_id).value.id, LABELLED, actor, data, now)


def ask(store: Store, alert_id: str, actor: str, reason: str, now: datetime) -> Event:
    """Leave the decision to another person: the alert stays open, and whoever asked can't decide it. A claim ends with it.

    Raises:
        NotFound: there is no such alert.
        Conflict: it is decided, another person holds it, or a second view is wanted already.
        BadInput: the reason is missing or too long.
    """
    data = {"reason": given("reason", reason, "say what the second person should look at")}
    alert = resolve(store, alert_id).value

    def unless_done(chain: list[Event]) -> events.Entry:
        stands, held = life.read(chain), life.in_force(chain, now)
        if stands.decided:
            raise Conflict(already(alert.id, stands.decided))
        if stands.second_view:
            raise Conflict(f"alert {alert.id}: {stands.second_view.actor} asked for a second view already; decide it")
        if held and held.actor != actor:
            raise Conflict(taken(alert.id, held))
        return life.SECOND_VIEW, data

    try:
        made = events.append_if(store, alert.id, actor, now, unless_done)
    except Conflict:
        follow_chain(store, alert.id)
        raise
    assert made is not None
    metrics.DECISIONS.labels(life.SECOND_VIEW).inc()
    return made


def review(store: Store, alert_id: str, actor: str, decision: Decision, now: datetime) -> Event:
    """Record how a second person would have decided.

    Raises:
        NotFound: there is no such alert.
        Conflict: nobody has decided yet, it was the same person who did, or it was decided as a duplicate.
        BadInput: the decision is unknown.
    """
    if decision not in REVIEWS:
        raise BadInput(f"decision: {decision!r} is none; use confirm or dismiss")
    alert = resolve(store, alert_id).value

    def by_another(chain: list[Event]) -> events.Entry:
        decided = standing(chain)
        if decided is None:
            raise Conflict(f"alert {alert.id}: nobody has decided yet, there is nothing to review")
        if decided.actor == actor:
            raise Conflict(f"alert {alert.id}: {actor} decided it; a second view is another person's")
        if decided.data["decision"] == "duplicate":
            raise Conflict(f"alert {alert.id}: is a duplicate of {decided.data['of']}; review that one")
        return REVIEWED, {"decision": decision, "agrees": STATUS_OF[decided.data["decision"]] is STATUS_OF[decision]}

    found = events.append_if(store, alert.id, actor, now, by_another)
    assert found is not None
    return found
