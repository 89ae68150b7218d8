"""Sending what waits for a channel: at its pace, longer and longer apart while it fails, until it is taken or given up."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from alerting.notify import hints, outbox
from alerting.notify.lease import Lease
from alerting.notify.orphans import PREFIX
from alerting.notify.outbox import Box, Parcel
from alerting.notify.outcome import Deliver
from alerting.notify.packing import pack
from alerting.notify.routes import Channel
from alerting.notify.wording import Words
from humiao import metrics
from humiao.store import Store

if TYPE_CHECKING:
    from alerting.notify.items import Item

BACK_OFF: Final = (timedelta(seconds=5), timedelta(minutes=15))
"""Wait after the first failure, and the longest one; it doubles in between."""
MOST_PARCELS: Final = 10
"""With so many parcels waiting no more of their urgency are packed: what comes up meanwhile will be told together."""
LOOKED_EVERY: Final = timedelta(minutes=1)
"""Pause between two looks at what is many and changes seldom: items that wait for a digest, dead letters."""

_lines = structlog.get_logger()


def back_off(attempts: int, dice: random.Random) -> timedelta:
    """How long to wait after so many failed attempts: half of the doubled wait for certain, the other half by lot."""
    first, longest = BACK_OFF
    doubled: timedelta = min(first * 2 ** min(attempts - 1, 20), longest)
    return doubled * (0.5 + dice.random() / 2)


class Sender:
    """Serves one channel. Of several workers that do, one has the lease and the others look on."""

    def __init__(
        self,
        store: Store,
        name: str,
        channel: Channel,
        deliver: Deliver,
        words: Words,
        holder: str,
        clock: Callable[[], datetime],
        dice: random.Random,
    ) -> None:
        """`holder` is unique to this worker, `clock` gives the time in UTC, `dice` spread the waits."""
        self._store, self._name, self._channel, self._deliver, self._words = store, name, channel, deliver, words
        self._clock, self._dice = clock, dice
        self._lease = Lease(store, f"{PREFIX}{name}", holder, timedelta(seconds=4 * channel.timeout_seconds + 10))
        self._looked: datetime | None = None
        self._later: list[Item] = []

    def turn(self) -> bool:
        """Send the one message whose turn it is; returns whether there was one.

        Raises:
            StoreUnavailable: the store doesn't answer; what waits still waits.
        """
        now = self._clock()
        free_at = self._lease.take(now)
        if free_at is None:
            self._show(Box([], []), now)
            metrics.NOTIFICATIONS_DEAD.labels(self._name).set(0)
            self._looked = None
            return False
        if self._looked is None or now - self._looked >= LOOKED_EVERY:
            self._look(now)
        box = self._tidied(self._read(), now)
        self._show(box, now)
        ready = sorted((one for one in box.parcels if one.next_at <= now), key=lambda one: (one.grade.rank, one.since, one.id))
        if now < free_at or not ready:
            return False
        if not self._lease.use(now, now + timedelta(minutes=1) / self._channel.per_minute):
            return False
        self._attempt(ready[0], now)
        return True

    def release(self) -> None:
        """Leave the channel to others."""
        self._lease.release(self._clock())

    def _look(self, now: datetime) -> None:
        self._later = outbox.later(self._store, self._name)
        dead = sum(one.channel == self._name for one in outbox.dead(self._store))
        metrics.NOTIFICATIONS_DEAD.labels(self._name).set(dead)
        self._looked = now

    def _read(self) -> Box:
        box = outbox.read(self._store, self._name)
        whole = outbox.settled(self._store, self._name, Box(box.items + self._later, box.parcels))
        left = {one.key for one in whole.items}
        self._later = [one for one in self._later if one.key in left]
        return whole

    def _tidied(self, box: Box, now: datetime) -> Box:
        """What waits after the overdue was given up and the due was packed."""
        overdue = [one for one in box.parcels if one.attempts and now - one.since >= self._channel.give_up]
        for parcel in overdue:
            outbox.bury(self._store, parcel)
            metrics.NOTIFICATIONS.labels(self._name, "dead").inc()
            _lines.warning("notification given up", channel=self._name, id=parcel.id, reason=parcel.problem)
        if overdue:
            self._look(now)
            box = self._read()
        due = box.due(now)
        if not due or _is_busy(box, min(one.grade.rank for one in due), now):
            return box
        unsettled = self._store.notes(hints.KIND)  # planned, and perhaps to be planned again after a kill: told twice if sent now
        outbox.pack(self._store, pack(self._name, [one for one in due if one.hint not in unsettled], self._words, now))
        return self._read()

    def _attempt(self, parcel: Parcel, now: datetime) -> None:
        """The attempt is on record before it is made: however often we are killed in the middle, the waits grow."""
        wait = back_off(parcel.attempts + 1, self._dice)
        parcel = parcel.model_copy(update={"attempts": parcel.attempts + 1, "next_at": now + wait})
        outbox.keep(self._store, parcel)
        outcome = self._deliver(parcel.id, parcel.title, parcel.text, parcel.grade)
        if not outcome.problem:
            outbox.sent(self._store, parcel)
            metrics.NOTIFICATIONS.labels(self._name, "sent").inc()
            _lines.info("notification sent", channel=self._name, id=parcel.id, alerts=len(parcel.items))
            return
        metrics.NOTIFICATIONS.labels(self._name, "failed").inc()
        _lines.warning("notification failed", channel=self._name, id=parcel.id, reason=outcome.problem, attempts=parcel.attempts)
        after = self._clock()
        if outcome.wait is not None:
            self._lease.use(after, after + outcome.wait)
        next_at = after + max(wait, outcome.wait or timedelta(0))
        outbox.keep(self._store, parcel.model_copy(update={"next_at": next_at, "problem": outcome.problem}))

    def _show(self, box: Box, now: datetime) -> None:
        waiting = [one.due for one in box.due(now)] + [one.since for one in box.parcels]
        metrics.NOTIFICATIONS_WAITING.labels(self._name).set(len(waiting))
        oldest = (now - min(waiting)).total_seconds() if waiting else 0.0
        metrics.NOTIFICATIONS_OLDEST.labels(self._name).set(max(0.0, oldest))


def _is_busy(box: Box, rank: int, now: datetime) -> bool:
    """Whether parcels that are at least as urgent as `rank` wait already: what is due then waits with them, to be told together."""
    urgent = [one for one in box.parcels if one.grade.rank <= rank]
    return len(urgent) >= MOST_PARCELS or any(one.next_at <= now for one in urgent)
