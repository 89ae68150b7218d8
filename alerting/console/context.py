"""What every request of the console works with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request

from alerting.console.backoff import Backoff
from alerting.console.drain import Drain
from alerting.console.keys import signing_key
from alerting.console.repeats import Repeats
from alerting.console.session import Sessions
from alerting.console.tokens import Tokens
from humiao.blobs import Blobs
from humiao.log import Log, open_log
from humiao.settings import Settings
from humiao.store import Store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


class LazyLog:
    """The log, opened when first needed: pages work while it is away."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._log: Log | None = None

    def get(self) -> Log:
        """The open log; raises LogUnavailable when it can't be reached."""
        with self._lock:
            if self._log is None:
                self._log = open_log(self._settings)
            return self._log

    def close(self) -> None:
        """Close it if it was opened."""
        with self._lock:
            if self._log is not None:
                self._log.close()
                self._log = None


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, ports, keys and clock of one running console."""

    settings: Settings
    store: Store
    log: LazyLog
    blobs: Blobs
    sessions: Sessions
    tokens: Tokens
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)
    drain: Drain = field(default_factory=Drain)
    repeats: Repeats = field(default_factory=Repeats)


def make_context(settings: Settings, store: Store, clock: Clock) -> Context:
    """The context of a console on `settings`; makes the signing key at first use (SettingsError if it can't)."""
    key = signing_key(settings.data / "keys")
    return Context(
        settings=settings,
        store=store,
        log=LazyLog(settings),
        blobs=Blobs(settings.data / "blobs"),
        sessions=Sessions(key, timedelta(hours=settings.console.session_hours)),
        tokens=Tokens(key),
        clock=clock,
    )


def context_of(request: Request) -> Context:
    """The context of the application that serves `request`."""
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


Here = Annotated[Context, Depends(context_of)]
