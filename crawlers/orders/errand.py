"""One order's requests: through the crawler's own doors (hosts, robots.txt, addresses, honest name), each kept as a record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Self, TypeVar

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Request, Response
from scrapy.spiders import Spider

from crawlers.capture import exchange
from crawlers.images import image_facts
from crawlers.polite.hosts import Hosts
from crawlers.scrapy_settings import scrapy_settings
from crawlers.sharing.authority import Authority
from crawlers.source import Source
from crawlers.states import Wall
from crawlers.warc import WarcFiles
from humiao import metrics
from humiao.post import Capture
from humiao.settings import CrawlSettings

_ASKED_AT: Final = "asked_at"
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
    text_only: bool = False
    """Keep nothing but text."""
    kept: dict[str, Capture] = field(default_factory=dict)
    """Where the answer of each address was kept."""
    answers: int = 0
    """Of any kind."""


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
        headers = {"Accept-Encoding": "identity"} if self.visit.text_only else {}  # what is packed can't be told to be text
        meta = {} if page else {"dont_retry": True, "dont_redirect": True}
        request = Request(url, headers=headers, dont_filter=True, meta=meta)
        return await self.crawler.engine.download_async(request)


class OrderCapture:
    """Keeps every exchange, nearest to the wire. Nothing is asked conditionally: an order wants the page as it is now."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.headers_received, signal=signals.headers_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def headers_received(self, request: Request) -> None:
        """Note when the request was sent."""
        request.meta[_ASKED_AT] = datetime.now(UTC) - timedelta(seconds=request.meta.get("download_latency", 0.0))

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer durably before anything is made of it, unless it is a picture or a film."""
        metrics.PAGES_FETCHED.labels("orders", f"{response.status // 100}xx").inc()
        visit: OrderVisit = self._crawler.spider.visit  # type: ignore[union-attr]
        visit.answers += 1
        fetched = exchange(request, response, request.meta.pop(_ASKED_AT, None))
        if await asyncio.to_thread(may_be_kept, response, text_only=visit.text_only):
            visit.kept[request.url] = await asyncio.to_thread(visit.archive.keep, fetched, datetime.now(UTC))
        return response


def may_be_kept(response: Response, *, text_only: bool) -> bool:
    """Whether the bytes of an answer may be kept: never of a picture or film, whatever the site calls it, for it may show abuse.

    `text_only`: nothing but what is plainly text may, as where the harm is sexual.
    """
    said = (response.headers.get("Content-Type") or b"text/html").decode("latin-1").partition(";")[0].strip().lower()
    if said.startswith(("image/", "video/", "audio/")) or image_facts(response.body).format:
        return False
    if not text_only:
        return True
    readable = said.startswith("text/") or said.endswith(("xml", "json", "javascript"))
    return readable and not response.headers.get("Content-Encoding") and b"\x00" not in response.body


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
