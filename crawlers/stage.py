"""The crawl stage: every source again and again, politely, until told to stop."""

import asyncio
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor

from crawlers.condition import Condition, Visited, after, described, rest_after
from crawlers.polite.addresses import Named
from crawlers.polite.resolver import install, proxy_hosts
from crawlers.polite.windows import opens_at
from crawlers.publisher import Publisher, Sink
from crawlers.scrapy_settings import scrapy_settings
from crawlers.source import Source
from crawlers.spider import SourceSpider
from crawlers.state import CrawlState
from crawlers.states import ADVICE, State
from crawlers.visit import Visit
from crawlers.warc import WarcFiles
from humiao import metrics
from humiao.log import open_log
from humiao.settings import Settings

GRACE = 3.0
"""Seconds that requests in flight get when the stage stops; being cut off later loses nothing."""

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


async def one_pass(runner: AsyncCrawlerRunner, visit: Visit, settings: Settings, sharing: int = 1) -> Visited:
    """Read a source once."""
    source = visit.source
    crawler = Crawler(SourceSpider, scrapy_settings(source, settings.crawl, sharing))
    await runner.crawl(crawler, visit=visit)
    spider = crawler.spider
    assert isinstance(spider, SourceSpider)
    reason = str(crawler.stats.get_value("finish_reason") if crawler.stats else "")
    complete = reason == "finished" and not spider.troubles
    _lines.info("pass", source=source.name, complete=complete, pages=spider.pages, troubles=spider.troubles, ended=reason)
    return Visited(
        at=datetime.now(UTC), complete=complete, pages=spider.pages, fresh=spider.fresh, wall=spider.wall, layout=spider.layout,
        forbidden=spider.forbidden, failure=spider.failure, ended=reason,
    )  # fmt: skip


class CrawlStage:
    """All sources of one installation."""

    def __init__(self, settings: Settings, sources: Sequence[Source]) -> None:
        self._settings, self._sources = settings, sources
        self._stopping = threading.Event()
        self._stopped = asyncio.Event()
        self._runner = AsyncCrawlerRunner({})
        self._hosts = Counter(host for source in sources for host in source.allowed_hosts)
        self._complete: dict[str, bool] = {}
        for source in sources:
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
        run_in_reactor(lambda: self._main(once=once))
        return all(self._complete.get(source.name, False) for source in self._sources)

    async def _main(self, *, once: bool) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop)
        state = CrawlState(self._settings.data / "crawl.db")
        install(Named(self._sources, proxies=proxy_hosts()))
        publisher = Publisher(lambda: open_log(self._settings), state, self._sources, self._stopping)
        try:
            await asyncio.gather(*(self._follow(source, state, publisher, once=once) for source in self._sources))
        finally:
            await publisher.close()
            state.close()

    async def _follow(self, source: Source, state: CrawlState, sink: Sink, *, once: bool) -> None:
        warc_folder = self._settings.data / "warc"
        archive = WarcFiles(warc_folder, source.name)
        visit = Visit(source, state, warc_folder, archive, sink)
        sharing = max(self._hosts[host] for host in source.allowed_hosts)
        interval = source.interval or self._settings.crawl.interval
        try:
            while not self._stopped.is_set():
                opens = opens_at(source.windows, source.zone, datetime.now(UTC))
                if (wait := (opens - datetime.now(UTC)).total_seconds()) > 0:
                    self._note(visit, Visited(datetime.now(UTC), complete=True, pages=0, fresh=0, ended=State.WINDOW_CLOSED))
                    self._complete[source.name] = True
                    if once:
                        return
                    await self._rest(wait)
                    continue
                found = await self._pass(visit, sharing)
                self._complete[source.name] = found.complete
                if found.complete:
                    metrics.CRAWL_PASSES.labels(source.name).inc()
                condition = self._note(visit, found)
                if once:
                    return
                await self._rest(rest_after(condition, interval))
        finally:
            archive.close()

    async def _pass(self, visit: Visit, sharing: int) -> Visited:
        try:
            return await one_pass(self._runner, visit, self._settings, sharing)
        except Exception as error:  # noqa: BLE001 (one source must not end the others; it is tried again after its interval)
            _lines.exception("pass failed", source=visit.source.name)
            return Visited(datetime.now(UTC), complete=False, pages=0, fresh=0, failure=f"{type(error).__name__}: {error}")

    def _note(self, visit: Visit, found: Visited) -> Condition:
        """Keep and show the source's state; a change of it is worth a log line."""
        name = visit.source.name
        before = Condition.from_note(visit.state.note(name, "condition"))
        condition = after(before, found)
        visit.state.keep_note(name, "condition", condition.to_note())
        for state in State:
            metrics.SOURCE_STATE.labels(name, state.value).set(int(state == condition.state))
        if before is None or before.state != condition.state:
            _lines.info("source state", source=name, **described(condition), advice=ADVICE[condition.state][1])
        return condition

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return

    def _stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._stopped.set()
        loop = asyncio.get_running_loop()
        self._ending = loop.create_task(self._runner.stop())
        loop.call_later(GRACE, _leave)


def _leave() -> None:
    """End at once: requests in flight are given up; what the log has is acknowledged, everything else is read again."""
    _lines.warning("requests in flight given up", seconds=GRACE)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
