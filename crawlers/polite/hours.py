"""Downloader middleware that ends a visit when the hours of the source file are over."""

from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawlers.polite.ending import end_visit, refuse, visiting
from crawlers.polite.windows import is_open
from crawlers.states import State


class OpenHours:
    """Asks for nothing outside of them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 (Scrapy's signature)
        """Refuse everything outside of them."""
        source = visiting(self._crawler).source
        if is_open(source.windows, source.zone, datetime.now(UTC)):
            return
        end_visit(self._crawler, State.WINDOW_CLOSED)
        refuse(self._crawler, "hours", "outside of the hours in the source file")
