"""The thread that keeps a crawl process's share, whatever its event loop is doing, and looks for what people paused."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from crawlers.sharing.share import Share
from humiao import metrics
from humiao.errors import StoreUnavailable, Unavailable
from humiao.source_status import PAUSE_NOTES, Pause
from humiao.store import Store

STEPS: Final = 6
"""Steps per lease: one that fails may be repeated twice before the authority ends."""
LONGEST_STEP: Final = 2.0
"""Seconds between two steps at most, so that a pause is obeyed within seconds."""

_lines = structlog.get_logger()


def steady_clock() -> float:
    """Seconds that only grow, also while the machine sleeps (where the system has such a clock)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Keeper:
    """From `start` to `stop`. Opens the store when it can be had, and waits for it while it can't."""

    def __init__(
        self, open_store: Callable[[], Store], make_share: Callable[[Store], Share], lease: float, changed: Callable[[], None]
    ) -> None:
        """`lease` in seconds; `changed` is called, in the thread, after each step."""
        self._open_store, self._make_share, self._changed = open_store, make_share, changed
        self._pause = min(LONGEST_STEP, lease / STEPS)
        self._stopping = threading.Event()
        self._store: Store | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self.share: Share | None = None
        """None until the store was opened."""
        self.paused: Mapping[str, Pause] = {}
        """By source, as far as the store last said."""
        self.steps = 0
        """Looks that succeeded."""
        self.failure: BaseException | None = None
        """Why it ended by itself."""
        self.trouble = ""
        """Why the last step failed; empty = it did not."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def store(self) -> Store:
        """The open store, for any thread; raises StoreUnavailable before it could be opened."""
        if self._store is None:
            raise StoreUnavailable(self.trouble or "store: not opened yet")
        return self._store

    def stop(self, timeout: float) -> None:
        """Give everything back, as far as `timeout` seconds allow. Nothing may be asked from before this is called."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                self._turn(began)
                self._changed()
                self._stopping.wait(max(0.02, self._pause - (time.monotonic() - began)))
            if self.share is not None:
                self.share.leave()
        except Unavailable as error:
            _lines.warning("the share could not be given back; others take it when the lease is over", reason=str(error))
        except Exception as error:  # noqa: BLE001 (raised again by whoever looks after the thread)
            self.failure = error
            self._changed()
        finally:
            if self._store is not None:
                self._store.close()

    def _turn(self, began: float) -> None:
        try:
            if self._store is None:
                self._store = self._open_store()
            if self.share is None:
                self.share = self._make_share(self._store)
            self.share.step(enough=lambda: time.monotonic() - began > self._pause)
            paused = self._store.notes(PAUSE_NOTES)
            self.paused = {name: Pause.model_validate_json(note.value) for name, note in paused.items()}
            self.steps += 1
        except Unavailable as error:
            metrics.STAGE_RETRIES.labels("crawl").inc()
            if not self.trouble:
                _lines.warning("the store does not answer; sites are asked until the lease is two thirds over", reason=str(error))
            self.trouble = str(error)
        else:
            if self.trouble:
                _lines.info("the store answers again")
            self.trouble = ""
