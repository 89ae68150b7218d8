"""The spider family: what HTML and feed spiders share."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.capture import CAPTURE
from crawlers.reading import PageItem, ReadPost
from crawlers.visit import Visit
from humiao import metrics


class SourceSpider(Spider):
    """One pass over one source. `troubles` says whether it saw everything."""

    name = "source"
    visit: Visit
    """Set by `from_crawler`'s keyword of the same name."""

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit, self.source = visit, visit.source
        self.began = datetime.now(UTC)
        self.troubles = 0
        self.pages = 0
        self._lines = structlog.get_logger().bind(source=self.source.name)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.spider_error, signals.item_error, signals.item_dropped):
            crawler.signals.connect(spider.note_failure, signal=signal)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """The pages that the source file names."""
        for url in self.source.start:
            yield Request(url, callback=self.read_start, errback=self.failed, priority=10)

    def read_start(self, response: Response) -> Iterable[Any]:
        """Items and further requests from a start page."""
        raise NotImplementedError

    def trouble(self, event: str, **facts: Any) -> None:
        """Note that something could not be read; the pass does not count as complete."""
        self.troubles += 1
        self._lines.warning(event, **facts)

    def note_failure(self) -> None:
        """Reading a page or publishing its posts failed; the reason is in the log."""
        self.troubles += 1

    def failed(self, failure: Failure) -> None:
        """A page could not be had."""
        url = failure.request.url  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError):
            self.trouble("page refused", url=url, status=error.response.status)
        elif isinstance(error, IgnoreRequest):
            self._lines.info("page not allowed", url=url, reason=str(error))
            if url in self.source.start:
                self.trouble("start page not allowed", url=url, reason=str(error))
        else:
            self.trouble("page not fetched", url=url, reason=f"{type(error).__name__}: {error}")

    def page_item(self, response: Response, thread: str, read: Sequence[ReadPost]) -> PageItem:
        """The valid posts of a page; the others are counted and named in the log, without their text."""
        self.pages += 1
        now, capture = datetime.now(UTC), response.meta[CAPTURE]
        posts = []
        written = {one.native_id: one.text for one in read}
        for one in read:
            try:
                posts.append(one.to_post(self.source, now, capture, written.get(one.reply_to, "")))
            except ValueError as error:
                metrics.POSTS_REFUSED.labels(self.source.name).inc()
                self._lines.warning("post refused", url=response.url, native_id=one.native_id, reason=str(error))
        if not posts and any(one.trouble.startswith("selectors.") for one in read):
            self.trouble("no post on the page could be read; did its layout change?", url=response.url)
        return PageItem(self.source.name, thread, tuple(posts))
