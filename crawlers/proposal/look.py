"""Looking at a site for a proposal: a few pages, through everything that a crawl goes through, and nothing is kept."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse

from crawlers.clock import utc_now
from crawlers.polite.addresses import Named
from crawlers.polite.hosts import Hosts
from crawlers.polite.resolver import install, proxy_hosts
from crawlers.proposal.charset import readable
from crawlers.proposal.seen_page import SeenPage
from crawlers.publisher import Item
from crawlers.scrapy_settings import scrapy_settings
from crawlers.source import Source
from crawlers.spider import SourceSpider
from crawlers.stage import run_in_reactor
from crawlers.state import CrawlState
from crawlers.visit import Visit
from crawlers.warc import WarcFiles
from humiao.settings import Settings

BUDGET: Final = 14
"""Pages that a look may ask for, robots.txt not counted."""
DELAY: Final = 1.0
"""Seconds between two of them."""


@dataclass
class Looked:
    """What was asked, and what kept pages from being read."""

    asked: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    moved_to: str = ""
    """Another host that the site leads to."""
    robots_delay: float = 0.0
    robots_said: str = ""
    """What robots.txt forbids of what was asked, in its refusal's words."""


class OutOfBudget(Exception):
    """Enough pages were asked for."""


class Asker:
    """Asks for pages of one site, each once."""

    def __init__(self, crawler: Crawler, looked: Looked, budget: int) -> None:
        self._crawler, self.looked, self._budget = crawler, looked, budget
        self._pages: dict[str, SeenPage | None] = {}
        self.encoding = ""
        """Where the site states a wrong one or none."""

    @property
    def left(self) -> int:
        """Pages that may still be asked for."""
        return self._budget - len(self.looked.asked)

    async def page(self, url: str, link_text: str = "") -> SeenPage | None:
        """The page at `url`; None = it could not be had, and `looked` says why.

        Raises:
            OutOfBudget: enough was asked.
        """
        if url not in self._pages:
            if self.left <= 0:
                raise OutOfBudget
            self.looked.asked.append(url)
            self._pages[url] = await self._ask(url)
        page = self._pages[url]
        if page and link_text:
            page.link_text = link_text
        return page

    async def _ask(self, url: str) -> SeenPage | None:
        assert self._crawler.engine
        try:
            response = await self._crawler.engine.download_async(Request(url, dont_filter=True))
        except IgnoreRequest as error:
            self.looked.failures[url] = str(error)
            return None
        except Exception as error:  # noqa: BLE001 (whatever keeps a page from us is told to the person)
            self.looked.failures[url] = f"{type(error).__name__}: {error}"[:300]
            return None
        page = _as_text(response)
        if page is None:
            self.looked.failures[url] = "不是文本 is no text"
            return None
        page, needed = readable(page)
        self.encoding = self.encoding or needed
        if response.status >= HTTPStatus.BAD_REQUEST:
            self.looked.failures[url] = f"HTTP {response.status}"
        return SeenPage(response.url, page, utc_now())


class LookSpider(SourceSpider):
    """Asks for what an explorer wants to see instead of crawling."""

    name = "look"

    def __init__(self, *args: Any, look: Callable[[Crawler], Awaitable[None]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._look = look

    async def start(self) -> AsyncIterator[Request]:
        """Everything happens here; nothing goes through the scheduler."""
        await self._look(self.crawler)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request


class _Nowhere:
    """Nothing is published."""

    async def put(self, item: Item) -> None:
        """Forget it."""


def look_around(source: Source, settings: Settings, explore: Callable[[Asker], Awaitable[None]], budget: int = BUDGET) -> Looked:
    """Run `explore` with what asks the hosts of `source` for pages; returns what was asked."""
    looked = Looked()

    async def main() -> None:
        hosts = Hosts()
        install(Named([source], proxies=proxy_hosts()))
        with tempfile.TemporaryDirectory() as folder:
            state, archive = CrawlState(Path(folder) / "crawl.db"), WarcFiles(Path(folder), source.name)
            visit = Visit(source, state, Path(folder), archive, _Nowhere(), sample=True, hosts=hosts)
            crawler = Crawler(LookSpider, scrapy_settings(source, settings.crawl))
            failures: list[BaseException] = []

            async def look(crawler: Crawler) -> None:
                try:
                    await explore(Asker(crawler, looked, budget))
                except OutOfBudget:
                    return
                except Exception as error:  # noqa: BLE001 (raised again outside of the spider)
                    failures.append(error)

            await _unless_interrupted(AsyncCrawlerRunner({}).crawl(crawler, visit=visit, look=look))
            spider = crawler.spider
            assert isinstance(spider, LookSpider)
            rules = hosts.robots.of(_origin(source.start[0])).rules
            looked.robots_delay = rules.delay if rules else 0.0
            archive.close()
            state.close()
            if failures:
                raise failures[0]

    run_in_reactor(main)
    return looked


async def _unless_interrupted(crawling: Awaitable[None]) -> None:
    """Wait for the crawl.

    Raises:
        KeyboardInterrupt: the person pressed Ctrl-C, which the reactor would not tell.
    """
    loop = asyncio.get_running_loop()
    pressed: asyncio.Future[None] = loop.create_future()

    def press() -> None:
        if not pressed.done():
            pressed.set_result(None)

    loop.add_signal_handler(signal.SIGINT, press)
    try:
        await asyncio.wait({asyncio.ensure_future(crawling), pressed}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    if pressed.done():
        raise KeyboardInterrupt


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _as_text(response: Response) -> TextResponse | None:
    if isinstance(response, TextResponse):
        return response
    if b"\0" in response.body[:1024] and not response.body.startswith(b"\x1f\x8b"):
        return None
    return response.replace(cls=TextResponse, encoding="utf-8")
