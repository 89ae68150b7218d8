"""What an alert worker does between batches: note what vanished or was captured, stamp exports, give back what was hidden."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from alerting import captures, deadlines, disappearances, moods, shadow
from alerting.calendar import SHANGHAI, Calendar
from alerting.duty import Roster
from alerting.evidence import stamp_queue
from alerting.pseudonyms import Pseudonyms
from alerting.reopening import Reopening
from humiao import metrics
from humiao.alert import Status
from humiao.blobs import Blobs
from humiao.log import SCORED, Log
from humiao.settings import Settings
from humiao.store import AlertFilter, Store

EXPIRE_EVERY: Final = timedelta(hours=1)
VANISHED_EVERY: Final = timedelta(seconds=10)
CAPTURED_EVERY: Final = timedelta(seconds=2)
STAMPED_EVERY: Final = timedelta(seconds=5)
WINDOWS_EVERY: Final = timedelta(seconds=10)
DEADLINES_EVERY: Final = timedelta(seconds=10)
GROUP: Final = "alert"
"""Name of the stage and of its consumer group."""

_lines = structlog.get_logger()


@dataclass(slots=True)
class _Duty:
    """Something to be done again and again."""

    every: timedelta
    act: Callable[[datetime], object]
    """Given the time (UTC)."""
    done: datetime | None = None
    """When it last succeeded."""

    def is_due(self, now: datetime) -> bool:
        return self.done is None or now - self.done >= self.every


class Rounds:
    """Called between batches; does each thing when its time has come."""

    def __init__(
        self, log: Log, store: Store, settings: Settings, clock: Callable[[], datetime], roster: Roster | None = None
    ) -> None:
        """`clock` gives the time in UTC; without `roster` nobody is on duty."""
        self._log, self._store, self._settings, self._clock = log, store, settings, clock
        self._roster = roster or Roster.load(None, Calendar.load(settings.alert.calendar))
        reopening = Reopening(store, clock, Pseudonyms.open(settings.data).of)
        self._ask_for_stamps = stamp_queue.Retry(store, Blobs(settings.data / "blobs"), settings.evidence)
        self._duties = [
            _Duty(EXPIRE_EVERY, self._expire),
            _Duty(VANISHED_EVERY, lambda now: disappearances.record(store, now)),
            _Duty(CAPTURED_EVERY, lambda now: captures.deliver(store, now)),
            _Duty(STAMPED_EVERY, self._ask_for_stamps),
            _Duty(WINDOWS_EVERY, lambda _: reopening.give_back()),
            _Duty(DEADLINES_EVERY, deadlines.Watch(store, self._roster).look),
            _Duty(timedelta(seconds=settings.alert.spike_interval), self._look),
        ]

    def __call__(self) -> None:
        """Do what is due.

        Raises:
            Unavailable: log or store don't answer; what was due still is.
        """
        now = self._clock()
        for duty in self._duties:
            if duty.is_due(now):
                duty.act(now)
                duty.done = now

    def _expire(self, now: datetime) -> None:
        posts = self._store.expire_posts(now - timedelta(days=self._settings.alert.keep_benign_days))
        messages = self._log.expire(now - timedelta(hours=self._settings.bus.keep_hours))
        shadow.expire(self._store, now - timedelta(days=self._settings.alert.keep_benign_days))
        for warning in self._roster.calendar.warnings(now.astimezone(SHANGHAI).date()):
            _lines.warning(warning)
        if posts or messages:
            _lines.info("expired", posts=posts, messages=messages)

    def _look(self, now: datetime) -> None:
        for grade, count in self._store.count_alerts(AlertFilter(statuses=frozenset({Status.OPEN}))).items():
            metrics.ALERTS_OPEN.labels(grade).set(count)
        if self._log.lag(SCORED, GROUP) == 0:  # half a history looks like a spike
            moods.update(self._store, now, min(moods.WINDOW, timedelta(days=self._settings.alert.keep_benign_days)))
