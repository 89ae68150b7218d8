"""The loop that every consuming stage runs: poll, handle, commit; poison goes to the dead letters, outages are waited out."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from humiao import metrics
from humiao.errors import BadInput, LeaseLost, Unavailable
from humiao.log import Consumer, Log, Message

ATTEMPTS = 3
"""How often a single message is tried before it is given up."""
PAUSE = (0.2, 5.0)
"""Shortest and longest wait in seconds while log or store do not answer."""

PATIENCE = 60.0
"""Seconds for which a stage that starts waits for its store."""

_lines = structlog.get_logger()

T = TypeVar("T")
Handle = Callable[[Sequence[Message]], None]
"""Gives a batch its lasting effect. Raises BadInput for a message that can never succeed, Unavailable for an outage."""


def opened(open: Callable[[], T], *, patience: float = PATIENCE) -> T:
    """What `open` gives; a server that is away at this moment, as when all restart together, is waited for.

    Raises:
        Unavailable: it did not answer for `patience` seconds.
    """
    until, pause = time.monotonic() + patience, PAUSE[0]
    while True:
        try:
            return open()
        except Unavailable as error:
            if time.monotonic() + pause > until:
                raise
            _lines.warning("waiting", reason=str(error), seconds=pause)
            time.sleep(pause)
            pause = min(pause * 2, PAUSE[1])


class Stage:
    """One consumer of one topic, from `start` to `stop`.

    Every message taken is either handled or buried: in = out + dead. The commit comes after the effect, so a kill at any moment
    only repeats work, which deterministic ids make harmless.
    """

    def __init__(
        self, name: str, log: Log, topic: str, handle: Handle, *, batch: int, idle: Callable[[], None] | None = None
    ) -> None:
        """`idle` is called between batches and at least once a second."""
        self.name, self._log, self._topic, self._handle, self._batch, self._idle = name, log, topic, handle, batch, idle
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the batch in hand and return from `run`."""
        self._stopping.set()

    def run(self) -> None:
        """Consume until `stop`."""
        with self._log.subscribe(self._topic, self.name) as consumer:
            while not self._stopping.is_set():
                self._turn(consumer)
                if self._idle is not None:
                    self._outlast(self._idle)

    def _turn(self, consumer: Consumer) -> None:
        try:
            messages = consumer.poll(self._batch, timeout=0.5)
        except Unavailable as error:
            self._wait(error, PAUSE[0])
            return
        if not messages:
            return
        began = time.monotonic()
        metrics.MESSAGES_IN.labels(self.name).inc(len(messages))
        if not self._finish(messages):
            return  # stopping in the middle of an outage: not committed, so it will be delivered again
        try:
            consumer.commit(messages)
            metrics.LAG.labels(self.name).set(consumer.lag())
        except LeaseLost:
            metrics.LEASES_LOST.labels(self.name).inc()
            consumer.rewind()
        except Unavailable as error:
            self._wait(error, PAUSE[0])
            consumer.rewind()
        metrics.BATCH_SECONDS.labels(self.name).observe(time.monotonic() - began)

    def _finish(self, messages: Sequence[Message]) -> bool:
        """Handle every message or bury it; a batch that fails is halved until the culprit stands alone.

        False when asked to stop before that was done.
        """
        try:
            done = self._outlast(lambda: self._handle(messages))
        except Exception as error:  # noqa: BLE001 (whatever a message does to a handler, the stage goes on and the message is kept)
            if len(messages) > 1:
                middle = len(messages) // 2
                return self._finish(messages[:middle]) and self._finish(messages[middle:])
            return self._last_chances(messages[0], error)
        if done:
            metrics.MESSAGES_OUT.labels(self.name).inc(len(messages))
        return done

    def _last_chances(self, message: Message, error: Exception) -> bool:
        tried = 1
        while tried < ATTEMPTS and not isinstance(error, BadInput):
            try:
                done = self._outlast(lambda: self._handle([message]))
            except Exception as again:  # noqa: BLE001 (see above)
                error, tried = again, tried + 1
            else:
                metrics.MESSAGES_OUT.labels(self.name).inc(int(done))
                return done
        reason = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error} (tried {tried} times)"
        if not self._outlast(lambda: self._log.bury(message, reason, self.name)):
            return False
        metrics.MESSAGES_DEAD.labels(self.name).inc()
        where = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
        _lines.warning("message buried", kind=type(error).__name__, **where)
        return True

    def _outlast(self, act: Callable[[], None]) -> bool:
        """Do `act`, again and again through an outage; False when asked to stop before it succeeded."""
        pause = PAUSE[0]
        while True:
            try:
                act()
            except Unavailable as error:
                self._wait(error, pause)
                pause = min(pause * 2, PAUSE[1])
            else:
                return True
            if self._stopping.is_set():
                return False

    def _wait(self, error: Unavailable, pause: float) -> None:
        metrics.STAGE_RETRIES.labels(self.name).inc()
        _lines.warning("waiting", reason=str(error), seconds=pause)
        self._stopping.wait(pause)
