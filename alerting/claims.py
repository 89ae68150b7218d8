"""Claims: who works on an alert, for how long. A claim runs out by itself, so that nobody's absence keeps an alert from the desk.

The claim is an event in the alert's chain; of two people at once the chain lets one be first and tells the other who it was.
"""

from datetime import datetime, timedelta
from typing import Final

from alerting import events, life
from alerting.decisions import already, follow_chain, resolve
from alerting.life import in_force, until
from alerting.remarks import bounded, given
from humiao.errors import BadInput, Conflict
from humiao.event import Event
from humiao.post import utc_text
from humiao.store import Store

LEASE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
"""A shift."""


def claim(
    store: Store, alert_id: str, actor: str, now: datetime, *, lease: timedelta = LEASE, take_over: bool = False, reason: str = ""
) -> Event:
    """Claim the alert that `alert_id` leads to until `now` + `lease`; returns the claim that now holds.

    Claiming again extends one's own claim; in the first half of its time it changes nothing.

    Args:
        store: where the alert is.
        alert_id: an alert, or one that was merged into it.
        actor: account name.
        now: the time (UTC).
        lease: how long, at most 12 h.
        take_over: take it from whoever holds it; the chain says from whom and why.
        reason: why it is taken over.

    Raises:
        NotFound: there is no such alert.
        Conflict: it is decided, or another person holds it; the message says who and until when.
        BadInput: the lease isn't within limits, or the reason for taking over is missing or too long.
    """
    if not timedelta(0) < lease <= LONGEST:
        raise BadInput(f"lease: {lease} is not within limits; give more than nothing and at most {LONGEST}")
    told = given("reason", reason, "say why the alert is taken over") if take_over else bounded("reason", reason)
    why = {"reason": told} if told else {}
    alert, end = resolve(store, alert_id).value, utc_text(now + lease)

    def unless_taken(chain: list[Event]) -> events.Entry | None:
        held = in_force(chain, now)
        if held and held.actor == actor and until(held) - now > lease / 2:
            return None
        before = _before(chain, alert.id, actor, held, take_over=take_over)
        return life.CLAIMED, {"until": end} | before | why

    try:
        made = events.append_if(store, alert.id, actor, now, unless_taken)
    except Conflict:
        follow_chain(store, alert.id)
        raise
    if made is None:
        made = life.read(store.events(alert.id)).claim
        assert made is not None
    return made


def _before(chain: list[Event], alert: str, actor: str, held: Event | None, *, take_over: bool) -> dict[str, str]:
    """Who had the alert before `actor`: ``from`` whom it is taken, or whose claim ``lapsed``; Conflict if it can't be had."""
    stands = life.read(chain)
    if stands.decided:
        raise Conflict(already(alert, stands.decided))
    if held and held.actor != actor:
        if not take_over:
            raise Conflict(taken(alert, held))
        return {"from": held.actor}
    if stands.claim and stands.claim.actor != actor:
        return {"lapsed": stands.claim.actor}
    return {}


def release(store: Store, alert_id: str, actor: str, now: datetime) -> Event:
    """Give up one's claim.

    Raises:
        NotFound: there is no such alert.
        Conflict: `actor` holds no claim on it.
    """
    alert = resolve(store, alert_id).value

    def if_mine(chain: list[Event]) -> events.Entry:
        held = in_force(chain, now)
        if held is None:
            raise Conflict(f"alert {alert.id}: nobody has claimed it, there is nothing to release")
        if held.actor != actor:
            raise Conflict(taken(alert.id, held))
        return life.RELEASED, {}

    made = events.append_if(store, alert.id, actor, now, if_mine)
    assert made is not None
    return made


def taken(alert: str, held: Event) -> str:
    """The one line for who comes second."""
    when = until(held).isoformat(timespec="seconds")
    return f"alert {alert}: {held.actor} works on it until {when}; take it over with a reason, or wait"
