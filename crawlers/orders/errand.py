"""One order's requests: through the crawler's own doors (hosts, robots.txt, addresses, honest name), each kept as a record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, Self, TypeVar

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Headers, Request, Response
from scrapy.spiders import Spider

from crawlers.polite.hosts import Hosts
from crawlers.scrapy_settings import scrapy_settings
from crawlers.sharing.authority import Authority
from crawlers.source import Source
from crawlers.states import Wall
from crawlers.warc import Fetched, WarcFiles
from humiao import metrics
from humiao.post import Capture
from humiao.settings import CrawlSettings

PAUSE: Final = 0.2
"""Seconds between two requests for parts of a page, one at a time; the page itself waits for the source's own rate."""

T = TypeVar("T")
Ask = Callable[[str, bool], Awaitable[Response]]
"""Fetch an address (GET); the flag says whether it is the page itself, which is tried a second time when the site stumbles."""


class MetWall(Exception):
    """A middleware ended the visit."""

    def __init__(self, wall: Wall) -> None:
        super().__init__(wall.evidence)
        self.wall = wall


@dataclass
class OrderVisit:
    """What the middlewares find at the spider."""

    source: Source
    archive: WarcFiles
    hosts: Hosts
    """Pace within the page; see `WithinPage`."""
    authority: Authority = field(default_factory=Authority)
    kept: dict[str, Capture] = field(default_factory=dict)
    """Where the answer of each address was kept."""


class WithinPage(Hosts):
    """Pace of one page's own requests; meanwhile the host's turn outside is held, which comes at the rate that was agreed on."""

    def __init__(self, outside: Hosts) -> None:
        super().__init__()
        self.robots = outside.robots

    def agree(self, host: str, seconds: float) -> None:
        """A pause, whatever the rate of whole pages."""
        super().agree(host, min(seconds, PAUSE))

    def site_asks(self, host: str, origin: str, seconds: float) -> None:
        """Asked of whole pages."""


class OrderSpider(Spider, Generic[T]):
    """Lives as long as the work that is done with its requests."""

    name = "orders"

    def __init__(self, visit: OrderVisit, work: Callable[[Ask], Awaitable[T]]) -> None:
        super().__init__()
        self.visit, self.source, self._work = visit, visit.source, work
        self.wall: Wall | None = None
        self.outcome: T | None = None
        self.error: BaseException | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Do the work; nothing is scheduled."""
        try:
            self.outcome = await self._work(self._ask)
        except BaseException as error:  # noqa: BLE001 (raised again by `run_errand`, in whose name the work is done)
            self.error = error
        requests: tuple[Request, ...] = ()
        for request in requests:
            yield request

    def trouble(self, what: str, **where: object) -> None:
        """The middlewares tell of what they refuse; the exception that they raise says enough here."""

    async def _ask(self, url: str, page: bool) -> Response:
        assert self.crawler.engine
        request = Request(url, dont_filter=True, meta={} if page else {"dont_retry": True, "dont_redirect": True})
        return await self.crawler.engine.download_async(request)


class OrderCapture:
    """Keeps every exchange, nearest to the wire. Nothing is asked conditionally: an order wants the page as it is now."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer durably before anything is made of it."""
        metrics.PAGES_FETCHED.labels("orders", f"{response.status // 100}xx").inc()
        visit: OrderVisit = self._crawler.spider.visit  # type: ignore[union-attr]
        fetched = Fetched(
            url=request.url,
            method=request.method,
            request_headers=_pairs(request.headers),
            status=response.status,
            headers=_pairs(response.headers),
            body=response.body,
            protocol=response.protocol or "HTTP/1.1",
            ip=str(response.ip_address or ""),
        )
        visit.kept[request.url] = await asyncio.to_thread(visit.archive.keep, fetched, datetime.now(UTC))
        return response


async def run_errand(
    runner: AsyncCrawlerRunner, visit: OrderVisit, settings: CrawlSettings, work: Callable[[Ask], Awaitable[T]]
) -> T:
    """Do `work`, whose requests go out under the rules of `visit.source`; raises what it raises."""
    crawler = Crawler(OrderSpider, order_settings(visit.source, settings))
    crawl = asyncio.ensure_future(runner.crawl(crawler, visit=visit, work=work))
    try:
        await asyncio.shield(crawl)
    except asyncio.CancelledError:
        await crawler.stop_async()  # which ends the work too
        raise
    spider = crawler.spider
    assert isinstance(spider, OrderSpider)
    if spider.wall and isinstance(spider.error, asyncio.CancelledError):
        raise MetWall(spider.wall)
    if spider.error:
        raise spider.error
    assert spider.outcome is not None
    outcome: T = spider.outcome
    return outcome


def order_settings(source: Source, settings: CrawlSettings) -> dict[str, Any]:
    """The crawler's settings, but for the pace within a page and the capture."""
    usual = scrapy_settings(source, settings)
    doors = {name: order for name, order in usual["DOWNLOADER_MIDDLEWARES"].items() if not name.startswith("crawlers.capture")}
    return usual | {
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOAD_DELAY": PAUSE,
        "CONCURRENT_REQUESTS": 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "RETRY_TIMES": 1,
        "DOWNLOADER_MIDDLEWARES": doors | {"crawlers.orders.errand.OrderCapture": 950},
        "ITEM_PIPELINES": {},
    }


def _pairs(headers: Headers) -> Sequence[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]
