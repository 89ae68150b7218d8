"""A visit that lasts gives its place to a source that waits: it begins no further thread, and ends when those begun are read."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request

from crawlers.polite.ending import visiting


class PutOff(IgnoreRequest):
    """The thread is read on the next visit."""


class Slices:
    """Downloader middleware, before all others.

    A visit yields only when it has asked for more pages of threads than of lists, so that one that begins again with its lists
    gets further each time, whatever their number.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._lists = self._threads = 0
        self._over = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what begins a thread when the visit is to yield."""
        progress = request.cb_kwargs.get("progress")
        if progress is None:
            self._lists += "number" in request.cb_kwargs
            return
        begins = len(progress.asked) <= 1 and progress.suspects is None and not request.meta.get("redirect_times")
        if begins and not request.meta.get("retry_times"):
            self._over = self._over or (self._threads > self._lists and visiting(self._crawler).visit.yields())
            if self._over:
                raise PutOff("on the next visit")
        self._threads += 1
