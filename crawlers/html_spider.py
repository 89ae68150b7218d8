"""Reads a forum's boards and threads by the selectors of its source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Self

from parsel import Selector
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response, TextResponse

from crawlers.capture import CAPTURE
from crawlers.html_pages import next_page, read_boards, read_posts, read_threads
from crawlers.reading import ReadPost, ThreadItem
from crawlers.spider import SourceSpider
from humiao.post import Post, post_id

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@dataclass
class Progress:
    """How far a thread has been read in this pass."""

    url: str
    activity: str
    suspects: frozenset[str] | None = None
    """Set at the second reading: posts that the first one missed."""
    seen: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    unsure: bool = False
    """A post without an id was met, or not every page is read: nothing can be said about what is missing."""


class HtmlSpider(SourceSpider):
    """Lists first, then threads, newest activity first; a thread's pages follow each other."""

    name = "html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.source.selectors
        self._by = self.source.selectors
        self._watched = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.read_unlisted, signal=signals.spider_idle)
        return spider

    def read_start(self, response: Response) -> Iterable[Any]:
        """An index of boards or a board."""
        return self.read_list(response, 1)

    def read_list(self, response: Response, number: int) -> Iterator[Request]:
        """Page `number` of a list."""
        page = self._page(response)
        if page is None:
            return
        boards = read_boards(page, response.url, self._by.list)
        threads = read_threads(page, response.url, self._by.list)
        if not boards and not threads:
            self.trouble("nothing found on a list", url=response.url)
        if self.visit.sample:
            boards, threads = boards[: 0 if threads else 1], threads[:1]
        for url in boards:
            yield Request(url, callback=self.read_list, errback=self.failed, priority=10, cb_kwargs={"number": 1})
        since = min(self.began, datetime.now(UTC) - timedelta(seconds=self.source.recheck))
        for thread in threads:
            if not self.visit.state.unchanged(thread.url, thread.activity, since):
                yield self._thread_request(Progress(thread.url, thread.activity))
        further = next_page(page, response.url, self._by.list.next)
        if further and number < self.source.list_pages and not self.visit.sample:
            yield Request(further, callback=self.read_list, errback=self.failed, priority=10, cb_kwargs={"number": number + 1})

    def read_thread(self, response: Response, progress: Progress) -> Iterator[Any]:
        """A page of a thread; after the last one, what has disappeared."""
        if response.status in GONE:
            yield from self._thread_missing(response, progress)
            return
        page = self._page(response)
        if page is None:
            return
        first_page = len(progress.pages) == 1
        now = response.meta[CAPTURE].captured_at  # relative times on the page count from when it was made
        read = read_posts(page, response.url, self.source, self._by.thread, first_page=first_page, now=now)
        if not read:
            self.trouble("nothing found in a thread", url=response.url)
            return
        progress.seen.update(self._id(one) for one in read)
        progress.unsure = progress.unsure or not all(one.native_id for one in read)
        yield self.page_item(response, progress.url, read)
        if self.visit.sample:
            return
        further = next_page(page, response.url, self._by.thread.next)
        if not further or further in progress.pages:  # some sites answer a page past the end with an earlier one
            yield from self._thread_ended(progress)
        elif len(progress.pages) < self.source.thread_pages:
            yield self._thread_request(progress, further)
        else:
            self._lines.info("thread longer than thread_pages", url=progress.url, pages=len(progress.pages))
            progress.unsure = True
            yield from self._thread_ended(progress)

    def read_unlisted(self) -> None:
        """When the lists are done: threads that are no longer on them but still young are looked at, once per pass."""
        if self._watched or self.visit.sample or self.troubles:
            return
        self._watched = True
        now = datetime.now(UTC)
        due = min(self.began, now - timedelta(seconds=self.source.recheck))
        threads = self.visit.state.watched(self.source.name, now - timedelta(days=self.source.watch_days), due)
        for url in threads:
            self.crawler.engine.crawl(self._thread_request(Progress(url, self.visit.state.activity(url))))
        if threads:
            raise DontCloseSpider

    def _thread_request(self, progress: Progress, further: str = "") -> Request:
        url = further or progress.url
        progress.pages.add(url)
        return Request(
            url,
            callback=self.read_thread,
            errback=self.failed,
            priority=5 if further else 0,
            dont_filter=bool(further) or progress.suspects is not None,  # once per pass, unless read a second time
            cb_kwargs={"progress": progress},
            meta={"handle_httpstatus_list": list(GONE)},
        )

    def _thread_ended(self, progress: Progress) -> Iterator[Any]:
        missing = set() if progress.unsure else self.visit.state.live_posts(progress.url) - progress.seen
        if missing and progress.suspects is None:  # posts move between pages while one reads: look again before saying so
            yield self._thread_request(Progress(progress.url, progress.activity, frozenset(missing)))
            return
        gone = missing & (progress.suspects or frozenset())
        yield ThreadItem(self.source.name, progress.url, progress.activity, tuple(sorted(gone)))

    def _thread_missing(self, response: Response, progress: Progress) -> Iterator[Any]:
        known = self.visit.state.live_posts(progress.url)
        if len(progress.pages) > 1 or not known:
            self._lines.info("page gone", url=response.url, status=response.status)
            if len(progress.pages) > 1:  # it grew shorter while it was read; the next pass sees it whole
                self.trouble("thread not read to its end", url=progress.url)
        elif progress.suspects is None:
            yield self._thread_request(Progress(progress.url, progress.activity, frozenset(known)))
        else:
            yield ThreadItem(self.source.name, progress.url, progress.activity, tuple(sorted(known)), closed=True)

    def _page(self, response: Response) -> Selector | None:
        """The page to read from; None = it is none, which is noted."""
        if not isinstance(response, TextResponse):
            self.trouble("page is no text", url=response.url)
            return None
        if self._by.wall and response.css(self._by.wall):
            self.trouble("wall instead of a page", url=response.url)
            return None
        return response.selector

    def _id(self, read: ReadPost) -> str:
        """The post's id, also of one that is refused for another reason."""
        stand_in = Post(platform=self.source.platform, native_id=read.native_id or "-", text="-", ts=self.began)
        return post_id(stand_in)
