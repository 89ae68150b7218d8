"""What an alert worker does between batches: note what vanished or was captured, stamp exports, give back what was hidden."""

from collections.abc import Callable
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


class Rounds:
    """Called between batches; does each thing when its time has come."""

    def __init__(
        self, log: Log, store: Store, settings: Settings, clock: Callable[[], datetime], roster: Roster | None = None
    ) -> None:
        """`clock` gives the time in UTC; without `roster` nobody is on duty."""
        self._log, self._store, self._settings, self._clock = log, store, settings, clock
        self._looked: datetime | None = None
        self._expired: datetime | None = None
        self._vanished: datetime | None = None
        self._captured: datetime | None = None
        self._roster = roster or Roster.load(None, Calendar.load(settings.alert.calendar))
        self._deadlines = deadlines.Watch(store, self._roster)
        self._watched: datetime | None = None
        self._given_back: datetime | None = None
        self._reopening = Reopening(store, clock, Pseudonyms.open(settings.data).of)
        self._stamped: datetime | None = None
        self._ask_for_stamps = stamp_queue.Retry(store, Blobs(settings.data / "blobs"), settings.evidence)

    def __call__(self) -> None:
        """Do what is due.

        Raises:
            Unavailable: log or store don't answer; what was due still is.
        """
        now = self._clock()
        if self._due(self._expired, EXPIRE_EVERY, now):
            self._expire(now)
            self._expired = now
        if self._due(self._vanished, VANISHED_EVERY, now):
            disappearances.record(self._store, now)
            self._vanished = now
        if self._due(self._captured, CAPTURED_EVERY, now):
            captures.deliver(self._store, now)
            self._captured = now
        if self._due(self._stamped, STAMPED_EVERY, now):
            self._ask_for_stamps(now)
            self._stamped = now
        if self._due(self._given_back, WINDOWS_EVERY, now):
            self._reopening.give_back()
            self._given_back = now
        if self._due(self._watched, DEADLINES_EVERY, now):
            self._deadlines.look(now)
            self._watched = now
        if self._due(self._looked, timedelta(seconds=self._settings.alert.spike_interval), now):
            self._look(now)
            self._looked = now

    @staticmethod
    def _due(last: datetime | None, pause: timedelta, now: datetime) -> bool:
        return last is None or now - last >= pause

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
