"""Orders among several crawl processes: each is carried out by one, and again by another only if that one is gone."""

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from humiao import metrics
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult
from humiao.errors import BadInput, Conflict
from humiao.post import parse
from humiao.store import Store

CLAIM: Final = timedelta(seconds=20)
"""A claim that was not renewed for so long is nobody's."""
ATTEMPTS: Final = 3
"""How often an order is begun; one that ends its process each time is given up."""

_lines = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order that this process carries out."""

    key: str
    order: CaptureOrder
    version: str


class Claims:
    """The orders' notes, as one crawl process uses them. Every method may raise StoreUnavailable; do it again."""

    def __init__(self, store: Store, crawler: str, clock: Callable[[], datetime]) -> None:
        """`crawler` names this process and no other; `clock` gives the time in UTC, much alike on all machines."""
        self._store, self._crawler, self._clock = store, crawler, clock

    def take(self, besides: Collection[str], mine: Callable[[CaptureOrder], bool]) -> Claimed | None:
        """Claim the order that waits longest among those that `mine` lets through; `besides`: keys that are in hand already."""
        waiting = []
        for key, note in self._store.notes(ORDERS).items():
            order = self._read(key, note.value)
            if order and key not in besides and self._is_free(order) and mine(order):
                waiting.append((order.asked_at, key, order, note.version))
        for _, key, order, version in sorted(waiting, key=lambda one: one[:2]):
            if self._store.note(RESULTS, key):  # done by one that was ended before it could drop the order
                self._store.drop_notes(ORDERS, [key])
                continue
            begun = order.model_copy(update={"attempts": order.attempts + 1})
            with contextlib.suppress(Conflict):
                return self._claimed(Claimed(key, begun, version))
        return None

    def renew(self, claimed: Claimed) -> Claimed | None:
        """The claim for a while longer; None: another process has it now."""
        try:
            return self._claimed(claimed)
        except Conflict:
            return None

    def release(self, claimed: Claimed) -> None:
        """Give the order back, as if it had not been begun."""
        order = claimed.order.model_copy(update={"claimed_by": "", "claimed_until": None, "attempts": claimed.order.attempts - 1})
        with contextlib.suppress(Conflict):
            self._store.put_note(ORDERS, claimed.key, order.model_dump_json(), claimed.version)

    def finish(self, key: str, result: CaptureResult) -> bool:
        """Write the result and drop the order; False if there was a result already, which stays."""
        try:
            self._store.put_note(RESULTS, key, result.model_dump_json(), None)
        except Conflict:
            return False
        finally:
            self._store.drop_notes(ORDERS, [key])
        return True

    def _claimed(self, claimed: Claimed) -> Claimed:
        until = self._clock() + CLAIM
        order = claimed.order.model_copy(update={"claimed_by": self._crawler, "claimed_until": until})
        version = self._store.put_note(ORDERS, claimed.key, order.model_dump_json(), claimed.version)
        return Claimed(claimed.key, order, version)

    def _is_free(self, order: CaptureOrder) -> bool:
        return order.claimed_until is None or order.claimed_until < self._clock()

    def _read(self, key: str, text: str) -> CaptureOrder | None:
        try:
            return parse(CaptureOrder, text.encode())
        except BadInput as error:
            _lines.warning("capture order refused", key=key, reason=str(error))
            metrics.CAPTURE_ORDERS.labels("unreadable").inc()
            self._store.drop_notes(ORDERS, [key])
            return None
