"""Captures that people order for alerts: writing the order, and taking what came of it into the alert's history, once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from alerting import events
from alerting.decisions import resolve
from humiao import metrics
from humiao.alert import Alert
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult, key_for_alert
from humiao.errors import BadInput, Conflict, NotFound
from humiao.event import Event, canonical_json
from humiao.labels import Harm
from humiao.post import Post, parse
from humiao.store import Store

KIND: Final = "captured"
"""Kind of the event that holds a result."""
MOST: Final = 10
"""Pages ordered at a time for one alert."""
PATROL: Final = "patrol:"
"""Beginning of the source of a patrol's own finding."""
WITHOUT_ALERT: Final = timedelta(days=7)
"""How long the result for a post that led to no alert is kept."""

_lines = structlog.get_logger()


def is_sealed(alert: Alert) -> bool:
    """Whether no picture of the alert may be made, shown or exported: it may show a child's abuse, and holding that is a crime."""
    return Harm.SEXUAL in alert.harm


def order_captures(store: Store, alert: Alert, posts: Iterable[Post], actor: str, now: datetime) -> list[str]:
    """Order the pages of `posts` for `alert`, each address once and none that is waited for already; returns the addresses.

    Raises:
        BadInput: no post has an address on the web.
    """
    by_url = {post.url: post for post in posts if post.url.lower().startswith(("http://", "https://"))}
    if not by_url:
        raise BadInput("posts: none of them has a web address that could be captured")
    waited_for = {order.url for order in waiting(store, alert.id)}
    ordered = []
    for url, post in list(by_url.items())[:MOST]:
        if url in waited_for:
            continue
        order = CaptureOrder(
            url=url,
            asked_by=actor,
            asked_at=now,
            why="finding" if post.source.startswith(PATROL) else "alert",
            alert=alert.id,
            screenshot=not is_sealed(alert),
        )
        try:
            store.put_note(ORDERS, key_for_alert(order), order.model_dump_json(), None)
        except Conflict:  # two presses within one instant are one order
            continue
        ordered.append(url)
    return ordered


def waiting(store: Store, alert: str) -> list[CaptureOrder]:
    """Orders for the alert that are not carried out yet, oldest first."""
    orders = [parse(CaptureOrder, note.value.encode()) for note in store.notes(ORDERS).values()]
    return sorted((order for order in orders if order.alert == alert), key=lambda order: order.asked_at)


def deliver(store: Store, now: datetime) -> int:
    """Write results to the alerts that they belong to; returns how many. A result whose post is not judged yet waits.

    Raises:
        Unavailable: the store doesn't answer; what was not delivered still is there.
    """
    results = {key: note.value for key, note in store.notes(RESULTS).items()}
    delivered = 0
    for key, text in results.items():
        try:
            result = parse(CaptureResult, text.encode())
        except BadInput as error:
            _lines.warning("capture result refused", key=key, reason=str(error))
            _drop(store, key, "nobody")
            continue
        if alert := _addressee(store, result.order):
            events.append_if(store, alert, events.SYSTEM, now, _unless_told(key, result))
            _drop(store, key, "alert")
            delivered += 1
        elif now - result.ended_at > WITHOUT_ALERT:
            _drop(store, key, "nobody")
    return delivered


def captured(chain: Sequence[Event]) -> list[tuple[Event, CaptureResult]]:
    """What ordered captures brought, by the events of an alert."""
    return [(event, result_of(event)) for event in chain if event.kind == KIND]


def result_of(event: Event) -> CaptureResult:
    """The result that a `captured` event holds; raises BadInput if it holds none."""
    return parse(CaptureResult, canonical_json(event.data.get("result", {})))


def _unless_told(key: str, result: CaptureResult) -> Any:
    def choose(chain: list[Event]) -> events.Entry | None:
        if any(event.kind == KIND and event.data.get("order") == key for event in chain):
            return None
        return KIND, {"order": key, "result": result.model_dump(mode="json")}

    return choose


def _addressee(store: Store, order: CaptureOrder) -> str:
    """Id of the alert that the result belongs to; empty = none as yet."""
    alert = order.alert
    if not alert and order.post:
        alert = stored.alert if (stored := store.posts([order.post]).get(order.post)) else ""
    try:
        return resolve(store, alert).value.id if alert else ""
    except NotFound:
        return ""


def _drop(store: Store, key: str, to: str) -> None:
    store.drop_notes(RESULTS, [key])
    metrics.CAPTURES_DELIVERED.labels(to).inc()
