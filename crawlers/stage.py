"""The crawl stage: every source again and again, politely, until told to stop."""

import asyncio
import gc
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor

from crawlers.duties import Duty, start_duties
from crawlers.following import Following
from crawlers.orders.desk import CaptureDesk
from crawlers.polite.addresses import Named
from crawlers.polite.hosts import Hosts
from crawlers.polite.resolver import install, proxy_hosts
from crawlers.publisher import Publisher
from crawlers.sharing.groups import scope, site_groups
from crawlers.sharing.keeper import Keeper, steady_clock
from crawlers.sharing.member import Member, Myself
from crawlers.sharing.share import Share
from crawlers.source import Source
from crawlers.state import CrawlState
from crawlers.telling import Telling, drop_stale
from crawlers.visiting import Visits, one_pass
from crawlers.warc import Archive, Window
from humiao import disappearance, metrics
from humiao.log import open_log
from humiao.settings import Settings
from humiao.store import Store, open_store

__all__ = ["CrawlStage", "one_pass", "run_in_reactor"]

GRACE = 3.0
"""Seconds that ending may take when the stage stops; being cut off later loses nothing."""
LAST_ANSWERS = 1.0
"""Of them, seconds that requests in flight get."""
WAITED = 1.5
"""Leases for which one pass waits for what another process crawls."""
SWEEP = 60.0
"""Seconds between two rounds through the folder of WARC files."""
SAVE = 5.0
"""Seconds between two copies of what changed in the crawl state to the store."""
TELL = 2.0
"""Seconds between two times that changed states are told."""

GARBAGE_AFTER: Final = 20_000
"""Further objects after which garbage in cycles is looked for (Python: 700); looking took near a tenth of a crawl's time."""
_lines = structlog.get_logger()


def run_in_reactor(main: Callable[[], Awaitable[None]]) -> None:
    """Run `main` on the asyncio reactor, once per process; its exception is raised here."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed  # noqa: PLC0415 (importing it installs one)

    reactor: Any = installed  # a module whose functions are the reactor's methods
    failures: list[BaseException] = []

    async def whole() -> None:
        try:
            await main()
        except BaseException as error:  # noqa: BLE001 (raised again outside of the reactor)
            failures.append(error)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: deferred_from_coro(whole()))
    reactor.run(installSignalHandlers=False)
    if failures:
        raise failures[0]


class CrawlStage:
    """All sources of one installation, or this process's share of them."""

    def __init__(self, settings: Settings, sources: Sequence[Source]) -> None:
        self._settings, self._sources = settings, sources
        self._groups = site_groups(sources)
        self._stopping = threading.Event()
        self._stopped, self._changed = asyncio.Event(), asyncio.Event()
        self._runner = AsyncCrawlerRunner({})
        self._hosts = Hosts()
        for source in sources:
            for host in source.allowed_hosts:
                self._hosts.agree(host, source.rate.seconds)
            for metric in (
                metrics.CRAWL_PASSES,
                metrics.POSTS_CRAWLED,
                metrics.POSTS_UNCHANGED,
                metrics.POSTS_REFUSED,
                metrics.POSTS_GONE,
            ):
                metric.labels(source.name)  # present from the start, at zero

    def run(self, *, once: bool) -> bool:
        """Until stopped, or one pass of each source; True when the last passes saw everything."""
        complete: list[bool] = []
        gc.collect()
        gc.freeze()  # what was loaded stays to the end: not worth looking at again and again
        gc.set_threshold(GARBAGE_AFTER)

        async def main() -> None:
            complete.append(await self._main(once=once))

        run_in_reactor(main)
        return complete == [True]

    async def _main(self, *, once: bool) -> bool:
        self._loop, self._began = asyncio.get_running_loop(), steady_clock()
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self._stop)
        state = CrawlState(self._settings.data / "crawl.db")
        install(Named(self._sources, proxies=proxy_hosts()))
        keep = Window(keep=timedelta(days=self._settings.crawl.keep_days))
        archive = Archive(self._settings.data / "warc", keep, self._settings.crawl.keep_bytes)
        myself = Myself(f"{socket.gethostname()}:{os.getpid()}", "" if once else scope(self._groups), self._settings.crawl.lease)
        keeper = Keeper(lambda: open_store(self._settings), lambda store: self._share(store, myself), myself.lease, self._poke)
        publisher = Publisher(
            lambda: open_log(self._settings), state, self._sources, self._stopping,
            commit=archive.commit, tell=lambda happened: disappearance.tell(keeper.store, happened),
        )  # fmt: skip
        visits = Visits(self._runner, self._settings)
        telling = Telling(myself.name)
        following = Following(
            self._settings, self._groups, state, archive, publisher, self._hosts, keeper, visits, telling,
            once=once, changed=self._changed.set,
        )  # fmt: skip
        desk = CaptureDesk(
            self._settings, self._sources, lambda: open_store(self._settings), self._runner, self._hosts, archive,
            holds=following.tenures.holds,
        )  # fmt: skip
        configured = {source.name: source for source in self._sources}
        duties = await start_duties(
            (
                Duty("sweep WARC files", SWEEP, lambda: archive.sweep(datetime.now(UTC)), at_start=True),
                Duty("save crawl state", SAVE, following.tenures.save),
                Duty("tell states", TELL, lambda: telling.tell(keeper.store, datetime.now(UTC))),
                Duty("drop stale states", 3600.0, lambda: drop_stale(keeper.store, configured, datetime.now(UTC))),
            )
        )
        if not once:
            duties.append(asyncio.create_task(desk.run(self._stopped)))
        keeper.start()
        try:
            await self._crawl(following, keeper, once=once)
        finally:
            await self._end(following, keeper, duties)
            await publisher.close()
            archive.close()
            state.close()
        return following.complete

    def _share(self, store: Store, myself: Myself) -> Share:
        return Share(Member(store, myself, steady_clock), self._groups, myself.scope)

    async def _crawl(self, following: Following, keeper: Keeper, *, once: bool) -> None:
        """Begin what is due, as long as there is anything to do."""
        while not self._stopped.is_set():
            if keeper.failure:
                raise keeper.failure
            self._changed.clear()
            following.look()
            if once and self._is_through(following, keeper):
                return
            wait = min(1.0, max(0.0, following.next_due() - time.monotonic()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait if math.isfinite(wait) else 1.0)

    def _is_through(self, following: Following, keeper: Keeper) -> bool:
        """Whether one pass is over; what another process crawls is waited for as long as that one may turn out to be dead."""
        elsewhere = following.crawled_elsewhere()
        if not following.is_through() or (elsewhere and steady_clock() - self._began < WAITED * self._settings.crawl.lease):
            return False
        for source, crawler in elsewhere.items():
            _lines.warning("crawled by another process, so not by this one", source=source, crawler=crawler)
        return keeper.steps > 0

    async def _end(self, following: Following, keeper: Keeper, duties: Sequence["asyncio.Task[None]"]) -> None:
        await following.end(LAST_ANSWERS)
        for duty in duties:
            duty.cancel()
        await asyncio.gather(*duties, return_exceptions=True)
        with suppress(Exception):  # what is not copied now is copied by the next process here, or crawled once more elsewhere
            await asyncio.wait_for(asyncio.to_thread(self._last_notes, following, keeper), GRACE)
        await asyncio.to_thread(keeper.stop, GRACE)

    def _last_notes(self, following: Following, keeper: Keeper) -> None:
        following.tenures.save()
        following.telling.tell(keeper.store, datetime.now(UTC))

    def _poke(self) -> None:
        """Something changed; called from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._changed.set)

    def _stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._stopped.set()
        self._changed.set()
        self._loop.call_later(GRACE, _leave)


def _leave() -> None:
    """End at once: requests in flight are given up; what the log has is acknowledged, everything else is read again."""
    _lines.warning("requests in flight given up", seconds=GRACE)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
