"""The alert stage: takes scored posts, raises alerts by the policies, files every post as alerted or cleared."""

from collections.abc import Callable
from datetime import UTC, datetime

from alerting.duty import Roster
from alerting.handler import Handler
from alerting.notify.notifier import Notifier
from alerting.places import keeping
from alerting.policies import Policies
from alerting.rounds import GROUP, Rounds
from humiao.log import SCORED, Log
from humiao.settings import Settings
from humiao.stage import Stage
from humiao.store import Store


def utc_now() -> datetime:
    """The time (UTC)."""
    return datetime.now(UTC)


class AlertStage(Stage):
    """One worker of the alert stage; any number may run beside it."""

    def __init__(
        self,
        log: Log,
        store: Store,
        settings: Settings,
        policies: Policies | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`policies` default to those that `settings` name.

        Raises:
            SettingsError: the policies, the places, the routes of messages or a key can't be used.
        """
        policies = policies or Policies.load(settings.alert.policies, settings.alert.calendar)
        roster = Roster.load(settings.alert.duty, policies.calendar)
        gazetteer = keeping.load(keeping.file_of(settings))
        handler = Handler(store, settings.data, policies, clock, roster, gazetteer)
        self._notifier = Notifier(store, settings, policies, clock)
        rounds = Rounds(log, store, settings, clock, roster)
        super().__init__(GROUP, log, SCORED, handler, batch=settings.alert.batch, idle=rounds)

    def run(self) -> None:
        """Consume until `stop`, and tell people meanwhile."""
        with self._notifier:
            super().run()
