"""Where a crawler may not go, and how slowly: Scrapy's own robots and host filters, made strict."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Self

import structlog
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.spiders import Spider
from scrapy.utils.httpobj import urlparse_cached

from crawlers.polite.windows import is_open
from crawlers.states import State

_lines = structlog.get_logger()


class OnlyTheseHosts(OffsiteMiddleware):
    """Exactly the hosts of the source file, no subdomains, whatever the request's flags; web addresses only."""

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 (Scrapy's signature)
        """Refuse a request to another host, redirects included."""
        assert self.crawler.spider
        if self.should_follow(request, self.crawler.spider):
            return
        host = urlparse_cached(request).hostname
        if asked := request.meta.get("redirect_urls"):
            self.crawler.spider.trouble("page leads to another host", url=asked[0], host=host)  # type: ignore[attr-defined]
        raise IgnoreRequest(f"{host} is no host of this source")

    def should_follow(self, request: Request, spider: Spider) -> bool:
        """Whether the request goes to a host of the source."""
        url = urlparse_cached(request)
        return url.scheme in {"http", "https"} and (url.hostname or "") in spider.visit.source.allowed_hosts  # type: ignore[attr-defined]


class OpenHours:
    """Ends the visit when the hours of the source file are over."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 (Scrapy's signature)
        """Refuse everything outside of them."""
        spider = self._crawler.spider
        assert spider
        source = spider.visit.source  # type: ignore[attr-defined]
        if is_open(source.windows, source.zone, datetime.now(UTC)):
            return
        assert self._crawler.engine
        self._crawler.engine.close_spider(spider, State.WINDOW_CLOSED)
        raise IgnoreRequest("outside of the hours in the source file")


class RobotsOrNothing(RobotsTxtMiddleware):
    """RFC 9309, 2.3.1: no robots.txt (4xx) means all may be read; one that can't be fetched (5xx, no answer) means nothing may."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise IgnoreRequest(f"robots.txt answered {response.status}")
        if response.status >= HTTPStatus.BAD_REQUEST:
            response = response.replace(body=b"")  # an error page is no set of rules
        await super()._parse_robots(response, netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules forbid, and everything without rules."""
        if rp is None:
            raise IgnoreRequest("robots.txt could not be read, so nothing is")
        super().process_request_2(rp, request)


class CrawlDelay:
    """Raises the delay to the site's own ``Crawl-delay``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.robots_parsed, signal=signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Called when a site's robots.txt was read, before its first page is asked for."""
        asked = robotparser.crawl_delay(self._crawler.settings["ROBOTSTXT_USER_AGENT"])
        throttle = self._crawler.get_extension(AutoThrottle)
        if not asked or throttle is None or asked <= throttle.mindelay:
            return
        throttle.mindelay = asked
        throttle.maxdelay = max(throttle.maxdelay, asked)
        downloader = self._crawler.engine.downloader
        downloader._delay = asked  # noqa: SLF001 (as AutoThrottle itself sets it)
        for slot in downloader.slots.values():
            slot.delay = max(slot.delay, asked)
        _lines.info("the site asks for a longer delay", host=urlparse_cached(request).hostname, seconds=asked)
