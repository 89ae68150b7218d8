"""The threads that tell people, beside the alert stage: one plans, and for each channel one sends.

A receiver that hangs delays neither the stage nor another channel.
"""

import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Self

import structlog

from alerting.notify import orphans, reading
from alerting.notify.lease import Lease
from alerting.notify.links import Links
from alerting.notify.planning import Planner
from alerting.notify.routes import Routes
from alerting.notify.sending import Sender
from alerting.notify.wording import Words
from alerting.policies import Policies
from humiao import metrics
from humiao.errors import HumiaoError
from humiao.settings import Settings
from humiao.store import Store

PAUSE: Final = 1.0
"""Seconds between two looks for something to do."""
OUTAGE: Final = 5.0
"""Seconds before the next look when the store did not answer."""
PLANNING_LASTS: Final = timedelta(seconds=30)
PARTING: Final = 4.0
"""Seconds in all that threads get to finish when the stage ends; what they leave is sent by the next one."""

_lines = structlog.get_logger()


class Notifier:
    """Runs while its ``with`` block does."""

    def __init__(self, store: Store, settings: Settings, policies: Policies, clock: Callable[[], datetime]) -> None:
        """`clock` gives the time in UTC.

        Raises:
            SettingsError: the routes file, a channel's URL or the key of the links can't be used.
        """
        file = settings.notify.routes
        routes = reading.load(file, (policy.route for policy in policies.all))
        self._store, self._routes, self._clock = store, routes, clock
        self._links = Links.open(settings.data, settings.notify.console, timedelta(days=settings.notify.link_days))
        self._stopping, self._swept = threading.Event(), False
        holder = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
        self._planner = Planner(store, routes, policies, clock)
        self._planning = Lease(store, "planner", holder, PLANNING_LASTS)
        self._senders = senders(store, settings, routes, self._links, holder, clock)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        turns = {"planner": self._plan} | {name: sender.turn for name, sender in self._senders.items()}
        for name, turn in turns.items():
            self._threads.append(threading.Thread(target=self._run, args=(turn,), name=f"notify {name}", daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        until = time.monotonic() + PARTING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        try:
            self._planning.release(self._clock())
            for sender in self._senders.values():
                sender.release()
        except HumiaoError as error:  # the leases end by themselves
            _lines.warning("leases not released", reason=str(error))

    def _plan(self) -> bool:
        if self._planning.take(self._clock()) is not None:
            if not self._swept:
                orphans.bury(self._store, self._routes, Words("zh", self._links), self._clock)
                self._swept = True
            self._planner.turn(is_stopping=self._stopping.is_set)
        return False

    def _run(self, turn: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            pause = PAUSE
            try:
                if turn():
                    pause = 0.0
            except HumiaoError as error:
                metrics.STAGE_RETRIES.labels("notify").inc()
                _lines.warning("waiting", reason=str(error), seconds=OUTAGE)
                pause = OUTAGE
            except Exception as error:  # noqa: BLE001 (a fault of ours in one channel must not silence it for good)
                metrics.STAGE_RETRIES.labels("notify").inc()
                _lines.error("failed", kind=type(error).__name__, exc_info=error)
                pause = OUTAGE
            self._stopping.wait(pause)


def senders(
    store: Store, settings: Settings, routes: Routes, links: Links, holder: str, clock: Callable[[], datetime]
) -> dict[str, Sender]:
    """Channel → what serves it, for the worker `holder`.

    Raises:
        SettingsError: a channel's URL can't be used.
    """
    if settings.notify.routes is None:
        return {}
    from alerting.notify.transport import Transport  # noqa: PLC0415 (a second that a stage without channels need not wait)

    dice = random.Random()  # noqa: S311 (no secret)
    return {
        name: Sender(
            store,
            name,
            channel,
            Transport(settings.notify.routes, name, channel, clock),
            Words(channel.language, links),
            holder,
            clock,
            dice,
        )
        for name, channel in routes.channels.items()
    }
