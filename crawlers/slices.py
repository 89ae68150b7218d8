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
        if "progress" not in request.cb_kwargs:
            self._lists += "number" in request.cb_kwargs
            return
        if _begins(request):
            self._look()
            if self._over:
                raise PutOff("on the next visit")
        self._threads += 1

    def _look(self) -> None:
        if self._over or self._threads <= self._lists or not visiting(self._crawler).visit.yields():
            return
        self._over = True
        scheduler = self._crawler.engine.scheduler
        assert scheduler
        waiting = iter(scheduler.next_request, None)  # hundreds, perhaps: not worth the way through all middlewares
        for kept in [one for one in waiting if not _begins(one)]:
            scheduler.enqueue_request(kept.replace(dont_filter=True))


def _begins(request: Request | None) -> bool:
    """Whether the request is for the first page of a thread that is to be read."""
    progress = request.cb_kwargs.get("progress") if request else None
    tried = request is not None and (request.meta.get("redirect_times") or request.meta.get("retry_times"))
    return progress is not None and len(progress.asked) <= 1 and progress.suspects is None and not tried
