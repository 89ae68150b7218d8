"""Downloader middleware that reads and obeys robots.txt (RFC 9309)."""

from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urlsplit

import structlog
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, StopDownload
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawlers.polite.ending import refuse, visiting
from crawlers.polite.host_names import host_of, port_of
from crawlers.polite.robots_rules import MOST_BYTES, Rules, read_rules

ROBOTS: Final = "robots_txt"
"""Key of the meta of requests for the file itself; its value: the host whose rules it holds."""
_HAD: Final = "robots_txt_bytes"
_lines = structlog.get_logger()


class ObeyRobots:
    """No file (4xx) means that all may be read; one that can't be had (5xx, 429, no answer) that nothing may in this visit."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._product: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._unread: dict[str, str] = {}
        crawler.signals.connect(self.bytes_received, signal=signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured("a written agreement stands above robots.txt")
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse what the rules forbid, and everything without rules."""
        if ROBOTS in request.meta:
            return
        origin = f"{urlsplit(request.url).scheme}://{host_of(request.url)}:{port_of(request.url)}"
        hosts = visiting(self._crawler).visit.hosts
        known = hosts.robots.of(origin)
        async with known.reading:
            if known.rules is None and origin not in self._unread:
                await self._read(request, origin)
        if known.rules is None:
            refuse(self._crawler, "robots", f"robots.txt could not be read, so nothing is: {self._unread[origin]}")
        hosts.site_asks(host_of(request.url), origin, known.rules.delay)
        if not known.rules.allow(request.url):
            refuse(self._crawler, "robots", "Forbidden by robots.txt")

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Scrapy's signal. Rules that stand beyond the limit do not count, so they are not fetched."""
        if ROBOTS in request.meta:
            request.meta[_HAD] = request.meta.get(_HAD, 0) + len(data)
            if request.meta[_HAD] > MOST_BYTES:
                raise StopDownload(fail=False)

    async def _read(self, request: Request, origin: str) -> None:
        url = f"{urlsplit(request.url).scheme}://{urlsplit(request.url).netloc}/robots.txt"
        meta = {ROBOTS: host_of(url), "download_maxsize": 0}  # it stops by itself
        asked = Request(url, priority=1000, meta=meta, callback=NO_CALLBACK)
        assert self._crawler.engine
        try:
            response = await self._crawler.engine.download_async(asked)
        except Exception as error:  # noqa: BLE001 (whatever it was: there are no rules)
            self._unread[origin] = str(error)[:200] or type(error).__name__
            _lines.info("robots.txt not read", host=host_of(url), reason=self._unread[origin])
            return
        rules = self._rules(response)
        if rules is None:
            self._unread[origin] = f"it answered {response.status}"
            return
        visiting(self._crawler).visit.hosts.robots.keep(origin, rules)
        if rules.delay > visiting(self._crawler).source.rate.seconds:
            _lines.info("the site asks for a longer delay", host=host_of(url), seconds=rules.delay)

    def _rules(self, response: Response) -> Rules | None:
        """What an answer means; None = that there is no telling yet."""
        if response.status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
            return read_rules(response.body, self._product)
        no_such = HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return Rules() if no_such and response.status != HTTPStatus.TOO_MANY_REQUESTS else None
