"""What a person says about an alert beyond confirm or dismiss: corrected labels, and a second person's view of a decision.

Both are events in the alert's chain and change nothing else; retraining (`classifier.lessons`) reads them there.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from alerting import events
from alerting.decisions import STATUS_OF, Decision, resolve, standing
from humiao.errors import BadInput, Conflict
from humiao.event import Event
from humiao.labels import Harm, Stance
from humiao.store import Store

LABELLED: Final = "labelled"
REVIEWED: Final = "reviewed"


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


def review(store: Store, alert_id: str, actor: str, decision: Decision, now: datetime) -> Event:
    """Record how a second person would have decided.

    Raises:
        NotFound: there is no such alert.
        Conflict: nobody has decided yet, or it was the same person who did.
        BadInput: the decision is unknown.
    """
    if decision not in STATUS_OF:
        raise BadInput(f"decision: {decision!r} is none; use confirm or dismiss")
    alert = resolve(store, alert_id).value

    def by_another(chain: list[Event]) -> events.Entry:
        decided = standing(chain)
        if decided is None:
            raise Conflict(f"alert {alert.id}: nobody has decided yet, there is nothing to review")
        if decided.actor == actor:
            raise Conflict(f"alert {alert.id}: {actor} decided it; a second view is another person's")
        return REVIEWED, {"decision": decision, "agrees": decided.data["decision"] == decision}

    found = events.append_if(store, alert.id, actor, now, by_another)
    assert found is not None
    return found
