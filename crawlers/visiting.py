"""Visits: one pass of Scrapy over one source each, made and ended."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Self

import scrapy.settings
import structlog
from scrapy.crawler import AsyncCrawlerRunner, Crawler

from crawlers.condition import Visited
from crawlers.polite.ending import is_ending
from crawlers.scrapy_settings import scrapy_settings
from crawlers.spider import SourceSpider
from crawlers.visit import Visit
from humiao import metrics
from humiao.settings import Settings

_lines = structlog.get_logger()


async def one_pass(runner: AsyncCrawlerRunner, visit: Visit, settings: Settings) -> Visited:
    """Read a source once."""
    return await _run(runner, _crawler(visit, settings), visit)


class _OfOneVisit(scrapy.settings.Settings):
    """Settings that belong to one crawler alone: copying them would cost a third of what a short visit costs."""

    def copy(self) -> Self:
        """What a crawler takes its own copy by."""
        return self


def _crawler(visit: Visit, settings: Settings) -> Crawler:
    return Crawler(SourceSpider, _OfOneVisit(scrapy_settings(visit.source, settings.crawl)))


async def _run(runner: AsyncCrawlerRunner, crawler: Crawler, visit: Visit) -> Visited:
    await runner.crawl(crawler, visit=visit)
    spider = crawler.spider
    assert isinstance(spider, SourceSpider)
    reason = str(crawler.stats.get_value("finish_reason") if crawler.stats else "")
    complete = reason == "finished" and not spider.troubles
    _lines.info(
        "pass", source=visit.source.name, complete=complete, pages=spider.pages, troubles=spider.troubles, ended=reason,
        unfinished=spider.unfinished,
    )  # fmt: skip
    return Visited(
        at=datetime.now(UTC), complete=complete, pages=spider.pages, fresh=spider.fresh, wall=spider.wall, layout=spider.layout,
        forbidden=spider.forbidden, failure=spider.failure, ended=reason, asked=dict(spider.asked), unfinished=spider.unfinished,
    )  # fmt: skip


class Visits:
    """Those under way in this process, by source."""

    def __init__(self, runner: AsyncCrawlerRunner, settings: Settings) -> None:
        self._runner, self._settings = runner, settings
        self._crawlers: dict[str, tuple[Crawler, Visit]] = {}
        self._reasons: dict[str, str] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def make(self, visit: Visit) -> Visited:
        """Read the source once; whatever goes wrong is in the result."""
        name = visit.source.name
        crawler = _crawler(visit, self._settings)
        self._crawlers[name] = (crawler, visit)
        metrics.VISITS_RUNNING.set(len(self._crawlers))
        try:
            return await _run(self._runner, crawler, visit)
        except Exception as error:  # noqa: BLE001 (one source must not end the others; it is tried again after its interval)
            _lines.exception("pass failed", source=name)
            return Visited(datetime.now(UTC), complete=False, pages=0, fresh=0, failure=f"{type(error).__name__}: {error}")
        finally:
            del self._crawlers[name]
            self._reasons.pop(name, None)
            metrics.VISITS_RUNNING.set(len(self._crawlers))

    def end(self, name: str, reason: str, *, at_once: bool = True) -> None:
        """End a visit, if one is under way: nothing more is asked, and `at_once` cuts off what is being asked."""
        if name not in self._crawlers:
            return
        _, visit = self._crawlers[name]
        visit.authority.give_up() if at_once else visit.authority.end()
        self._reasons.setdefault(name, reason)
        self.press()

    def press(self) -> None:
        """Close what was told to end; one that had not begun to ask yet is closed at a later call."""
        for name, reason in self._reasons.items():
            crawler, _ = self._crawlers[name]
            if crawler._engine is None or is_ending(crawler) or crawler.engine.spider is None:  # noqa: SLF001 (unset until it begins)
                continue
            closing = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def running(self) -> Collection[str]:
        """Sources that are being visited."""
        return list(self._crawlers)
