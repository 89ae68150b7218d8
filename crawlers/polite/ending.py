"""How a middleware ends a visit: with a state and what shows it."""

import asyncio
from typing import TYPE_CHECKING, NoReturn, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from crawlers.states import Rested, State, Wall
from humiao import metrics

if TYPE_CHECKING:
    from crawlers.spider import SourceSpider

_endings: set[asyncio.Task[None]] = set()
"""The event loop itself holds tasks only weakly."""


def visiting(crawler: Crawler) -> "SourceSpider":
    """The spider of the visit."""
    assert crawler.spider
    return cast("SourceSpider", crawler.spider)


def refuse(crawler: Crawler, kind: str, reason: str) -> NoReturn:
    """Count and refuse a request; `kind` is one of those that the metric names.

    Raises:
        IgnoreRequest: always.
    """
    metrics.REQUESTS_REFUSED.labels(visiting(crawler).source.name, kind).inc()
    raise IgnoreRequest(reason)


def is_ending(crawler: Crawler) -> bool:
    """Whether the visit is closing, so that nothing more need be asked."""
    slot = crawler.engine._slot if crawler.engine else None  # noqa: SLF001 (no signal tells it this early)
    return slot is None or slot.closing is not None


def end_visit(crawler: Crawler, reason: str, evidence: str = "", rested: Rested | None = None) -> None:
    """Ask for nothing more. With `evidence` the `reason` is the state of a wall, unless one was met before."""
    spider = visiting(crawler)
    if evidence and spider.wall is None:
        spider.wall = Wall(State(reason), evidence[:200], rested)
        spider.trouble("visit ended", state=reason, evidence=evidence)
    if is_ending(crawler):
        return
    assert crawler.engine
    task = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
    _endings.add(task)
    task.add_done_callback(_endings.discard)
