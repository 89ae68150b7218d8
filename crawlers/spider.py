"""One pass over a source: lists first, then threads that show something new, then a look at some that seem at rest."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Self

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.bounded_reading import read_bounded
from crawlers.capture import CAPTURE
from crawlers.families import FAMILIES
from crawlers.layout_guard import LayoutGuard
from crawlers.list_order import ListOrder
from crawlers.list_walks import ListWalks
from crawlers.progress import Progress
from crawlers.reading import ListedThread, PageItem, Reading, ReadPost, ThreadItem
from crawlers.rhythm import Allowance
from crawlers.sharing.authority import NotNow
from crawlers.slices import PutOff
from crawlers.state_forgetting import forget
from crawlers.visit import Visit
from crawlers.walls import find_wall
from humiao import metrics
from humiao.post import native_post_id

if TYPE_CHECKING:
    from crawlers.states import Wall

GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
CLOSED: Final = 3
"""Pages closed to guests, where none had a post, from which on the whole site counts as closed to them."""
ANSWERS: Final = [400, 401, 402, 403, 404, 407, 410, 429, 451, 503]
"""Statuses with which a page may still say something: that a thread is gone, or that it is a wall."""
SHORT: Final = 3
"""Pages of a thread that is read a second time whatever it costs."""


class SourceSpider(Spider):
    """One pass over one source. `troubles` says whether it saw everything, `wall` and `layout` what stopped it."""

    name = "source"
    visit: Visit
    """Set by `from_crawler`'s keyword of the same name."""

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit, self.source, self.state = visit, visit.source, visit.state
        self.family = FAMILIES[self.source.family]
        self.began = visit.clock()
        self.troubles = self.pages = self.fresh = 0
        self.wall: Wall | None = None
        self.forbidden = ""
        """A start page that may not be read, and why."""
        self.failure = ""
        """Why a page could not be had."""
        self._guard = LayoutGuard(self.state.note(self.source.name, "fill"), self.source.digest, self.trouble)
        self._allowance = Allowance(float(self.state.note(self.source.name, "allowance") or 1))
        self._walks = ListWalks(self.state, self.source, self.began)
        self._grown: set[str] = set()
        """Threads in which new posts were found."""
        self._doubtful: list[Progress] = []
        self._hollow: list[Progress] = []
        self._looked = False
        self._begun = 0
        self._put_off = False
        """More threads than a visit may read: the rest waits for the next one."""
        self.asked: Counter[str] = Counter()
        """Requests by what they were for."""
        self.unfinished = False
        """Another source waited for this visit's place: the rest is read on the next one."""
        self._listed: set[str] = set()
        self._closed: list[Wall] = []
        """Pages that are closed to guests on a site that is open."""
        self._lines = structlog.get_logger().bind(source=self.source.name)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.spider_error, signals.item_error, signals.item_dropped):
            crawler.signals.connect(spider.note_failure, signal=signal)
        crawler.signals.connect(spider.go_on, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """The lists that the source file names."""
        for url in self.family.starts(self.source):
            yield self._list_request(url, 1, self._walks.begin(url))

    def read_list(self, response: Response, number: int, order: ListOrder) -> Iterator[Any]:
        """Page `number` of a list: boards, threads, or a timeline's posts."""
        reading = self._reading(response, None)
        self._allowance.earn()
        if reading is None:
            return
        if reading.gone:
            self.trouble("list is gone", url=response.url)
            return
        if number == 1 and not (reading.boards or reading.threads or reading.posts or reading.no_thread):
            self.trouble("nothing found on a list", url=response.url)
        if self._guard.holds_back_list(reading, response.url, first_page=number == 1):
            return
        for url in reading.boards:
            yield self._list_request(url, 1, self._walks.begin(url))
        wanted = [(thread, progress) for thread in reading.threads if (progress := self._wanted(thread))]
        for _, progress in wanted[: max(0, self.source.visit_threads - self._begun)]:
            self._begun += 1
            yield self._thread_request(progress, progress.thread if progress.whole else progress.tail)
        self._put_off = self._put_off or self._begun >= self.source.visit_threads
        self._listed.update(one.url for one in reading.threads)
        rows = [(one.url, self._has_news(one)) for one in reading.threads if not one.sticky]
        further = order.follow(rows, first_page=number == 1) or self._walks.to_the_end
        if reading.posts:  # a timeline, newest first
            further = bool(self._new(reading.posts, [self._id(one) for one in reading.posts])) or self._walks.due
            yield self._page_item(response, "", reading.posts)
        if further and number < self.source.list_pages:
            for url in reading.more[:1]:
                yield self._list_request(url, number + 1, order)

    def read_thread(self, response: Response, progress: Progress) -> Iterator[Any]:
        """A page of a thread; after the last one, what has disappeared."""
        if progress.looking or progress.suspects is not None:
            self._allowance.spend(int(len(progress.asked) > 1 or not progress.looking))  # the first look was paid for when it began
        else:
            self._allowance.earn()
        first = response.request is not None and response.request.url == progress.thread  # also where the thread still ends there
        reading = self._reading(response, first)
        if reading is None:
            return
        if reading.gone or not reading.posts:
            yield from self._nothing_read(response, reading, progress)
            return
        if self._guard.holds_back(reading, response.url):
            return
        ids = [self._id(one) for one in reading.posts]
        if len(progress.asked) > 1 and set(ids) <= progress.seen:  # some sites answer a page past the end with an earlier one
            yield from self._thread_ended(progress)
            return
        progress.note(reading.posts, ids, self._new(reading.posts, ids))
        progress.tail = "" if reading.newest_first else response.request.url if response.request else ""
        yield self._page_item(response, progress.thread, reading.posts)
        if self.visit.sample:
            return
        if not progress.whole and not progress.met_known:  # posts before it have moved; where new ones stand is unknown
            yield self._again_whole(progress)
            return
        progress.ahead.extend(url for url in reading.more if url not in progress.asked and url not in progress.ahead)
        enough = reading.newest_first and not progress.whole and progress.met_known
        if not progress.ahead or enough:
            yield from self._thread_ended(progress)
        elif len(progress.asked) < self.source.thread_pages:
            yield self._thread_request(progress, progress.ahead.popleft())
        else:
            self._lines.info("thread longer than thread_pages", url=progress.thread, pages=len(progress.asked))
            progress.unsure = True
            yield from self._thread_ended(progress)

    def go_on(self) -> None:
        """When nothing is left to fetch: first a look at threads that seem at rest, then a second one at what is missing."""
        if self.visit.sample or self.wall or self.layout:
            return
        requests: list[Request] = []
        if not self._looked and not self.unfinished:
            self._looked = True
            requests = list(self._look_again())
        if not requests:
            requests = [self._second_reading(progress) for progress in self._doubtful]
            if self.pages:  # other threads had posts, so those without were emptied
                requests += [
                    self._second_reading(replace(one, suspects=frozenset(self.state.live_posts(one.thread))))
                    for one in self._hollow
                ]
                self._hollow = []
            self._doubtful = []
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def closed(self, reason: str) -> None:
        """Keep what the next pass wants to know."""
        if not self.pages and len(self._closed) >= CLOSED:
            self.wall = self._closed[0]
        if self.visit.sample:
            return
        self.state.keep_note(self.source.name, "fill", self._guard.to_note())
        self.state.keep_note(self.source.name, "allowance", f"{self._allowance.saved:.2f}")
        complete = reason == "finished" and not self.troubles and not self._put_off
        self._walks.end(self._grown, complete=complete)
        if complete and self._walks.to_the_end and (gone := forget(self.state, self.source.name, self._listed, self.visit.clock())):
            self._lines.info("threads that left the lists are forgotten", threads=gone)

    @property
    def layout(self) -> str:
        """Why the layout seems to have changed; empty = it does not."""
        return self._guard.changed

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
            self.failure = f"HTTP {error.response.status}"
            self.trouble("page refused", url=url, status=error.response.status)
        elif isinstance(error, PutOff):
            self._put_off = self.unfinished = True
        elif isinstance(error, NotNow):
            self.note_failure()
        elif isinstance(error, IgnoreRequest) and str(error) != "max redirections reached":
            self._lines.info("page not allowed", url=url, reason=str(error))
            asked = failure.request.meta.get("redirect_urls", [url])[0]  # type: ignore[attr-defined]
            if asked in self.family.starts(self.source):
                self.forbidden = str(error) if "robots.txt" in str(error) else self.forbidden
                self.failure = str(error)
                self.trouble("start page not allowed", url=url, reason=str(error))
        else:
            self.failure = f"{type(error).__name__}: {error}"
            self.trouble("page not fetched", url=url, reason=self.failure)

    def _reading(self, response: Response, first: bool | None) -> Reading | None:
        """What the family finds on a page (`first`: None = a list); None = nothing, which is noted."""
        if not isinstance(response, TextResponse):
            if b"\0" in response.body[:1024] and not response.body.startswith(self.family.binary):
                self.trouble("page is no text", url=response.url)
                return None
            response = response.replace(cls=TextResponse, encoding="utf-8")
        if self.source.encoding:
            response = response.replace(encoding=self.source.encoding)
        now = response.meta[CAPTURE].captured_at
        reading = read_bounded(self.family, response, self.source, now, first)
        empty = not (reading.boards or reading.threads or reading.posts or reading.wall or reading.gone or reading.no_thread)
        if empty and (wall := find_wall(response)):
            reading = Reading(wall=wall)
        if reading.closed:
            self._closed.append(reading.closed)
        if reading.wall:
            self.wall = reading.wall
            self.trouble("wall instead of a page", url=response.url, state=reading.wall.state, evidence=reading.wall.evidence)
            raise CloseSpider(reading.wall.state)
        if response.status in GONE and not (reading.boards or reading.threads or reading.posts):
            return Reading(gone=True)
        understood = reading.gone or reading.boards or reading.no_thread  # the family knows what the status means
        if reading.trouble or (response.status >= HTTPStatus.BAD_REQUEST and not understood):
            self.trouble("page not read", url=response.url, status=response.status, reason=reading.trouble)
            return None
        if self.visit.sample and first is None:
            boards = () if reading.threads or reading.posts else reading.boards[:1]
            return replace(reading, boards=boards, threads=reading.threads[:1], more=())
        return reading

    def _has_news(self, thread: ListedThread) -> bool:
        """Whether its list shows more of a thread than was read; always where lists show no activity."""
        known = self.state.thread(thread.url, self.began)
        return known is None or not thread.activity or thread.activity != known.activity

    def _wanted(self, thread: ListedThread) -> Progress | None:
        """How a listed thread is to be read; None = not now."""
        known = self.state.thread(thread.url, self.began)
        if known is None:
            return Progress(thread.url, thread.activity, whole=True)
        if not thread.activity or thread.activity == known.activity:
            every = self.source.recheck == 0 or (not thread.activity and known.due)
            return Progress(thread.url, thread.activity, whole=True) if every else None
        return Progress(thread.url, thread.activity, whole=not known.tail, tail=known.tail)

    def _look_again(self) -> Iterator[Request]:
        self.state.hasten(self.source.name, self._walks.missing())
        for url in self.state.due(self.source.name, self.visit.clock()):
            if self.source.recheck and not self._allowance.left:
                return
            known = self.state.thread(url, self.began)
            progress = Progress(url, known.activity if known else "", whole=True, looking=True)
            self._allowance.spend(1)
            yield self._thread_request(progress, url)

    def _again_whole(self, progress: Progress) -> Request:
        request = self._thread_request(Progress(progress.thread, progress.activity, whole=True), progress.thread)
        return request.replace(dont_filter=True)  # its end may be its first page, which was just read

    def _second_reading(self, first: Progress) -> Request:
        again = Progress(first.thread, first.activity, whole=True, suspects=first.suspects)
        return self._thread_request(again, first.thread)

    def _list_request(self, url: str, number: int, order: ListOrder) -> Request:
        self.asked["list" if number == 1 else "further list page"] += 1
        return Request(
            url,
            callback=self.read_list,
            errback=self.failed,
            priority=10,
            cb_kwargs={"number": number, "order": order},
            meta={"handle_httpstatus_list": ANSWERS},
        )

    def _thread_request(self, progress: Progress, url: str) -> Request:
        self.asked[progress.purpose] += 1
        progress.asked.add(url)
        return Request(
            url,
            callback=self.read_thread,
            errback=self.failed,
            priority=5 if len(progress.asked) > 1 else 0,
            dont_filter=len(progress.asked) > 1 or progress.suspects is not None or not progress.whole,
            cb_kwargs={"progress": progress},
            meta={"handle_httpstatus_list": ANSWERS},
        )

    def _thread_ended(self, progress: Progress) -> Iterator[Any]:
        if progress.found_new:
            self._grown.add(progress.thread)
        gone: set[str] = set()
        if progress.whole and not progress.unsure:
            missing = self.state.live_posts(progress.thread) - progress.seen
            affordable = len(progress.asked) <= SHORT or self._allowance.left or not self.source.recheck
            if missing and progress.suspects is None and affordable:  # posts move while one reads: look again before saying so
                progress.suspects = frozenset(missing)
                self._doubtful.append(progress)
            gone = missing & (progress.suspects or frozenset()) if progress not in self._doubtful else set()
        yield ThreadItem(
            self.source.name, progress.thread, progress.activity, progress.tail, whole=progress.whole, gone=tuple(sorted(gone)),
            altered=not progress.whole and not progress.found_new,
        )  # fmt: skip

    def _nothing_read(self, response: Response, reading: Reading, progress: Progress) -> Iterator[Any]:
        if reading.gone or not progress.whole:
            yield from self._page_missing(response, progress)
        elif reading.no_thread and not self.state.live_posts(progress.thread):
            yield ThreadItem(self.source.name, progress.thread, progress.activity, "", whole=True)
        else:
            yield from self._hollow_page(progress, response.url)

    def _page_missing(self, response: Response, progress: Progress) -> Iterator[Any]:
        """The thread, or the page of it that was asked for, is no longer there."""
        known = self.state.live_posts(progress.thread)
        if not progress.whole:
            yield self._again_whole(progress)
        elif len(progress.asked) > 1:  # it grew shorter while it was read; the next pass sees it whole
            self._lines.info("page gone", url=response.url, status=response.status)
            self.trouble("thread not read to its end", url=progress.thread)
        elif not known:
            self._lines.info("page gone", url=response.url, status=response.status)
        elif progress.suspects is None:
            progress.suspects = frozenset(known)
            self._doubtful.append(progress)
        else:
            gone = tuple(sorted(known & progress.suspects))
            yield ThreadItem(self.source.name, progress.thread, progress.activity, "", whole=True, gone=gone, closed=True)

    def _hollow_page(self, progress: Progress, url: str) -> Iterator[Any]:
        """A thread's page without any post: its posts were all deleted, or the site has another layout."""
        if progress.suspects is not None:
            gone = tuple(sorted(self.state.live_posts(progress.thread) & progress.suspects))
            yield ThreadItem(self.source.name, progress.thread, progress.activity, "", whole=True, gone=gone)
            return
        self._hollow.append(progress)
        if self._guard.is_hollow(progress.thread, url, alone=not self.pages):
            self._lines.info("a thread without posts", url=url)
        else:
            self.trouble("nothing found in a thread", url=url)

    def _page_item(self, response: Response, thread: str, read: Sequence[ReadPost]) -> PageItem:
        """The valid posts of a page; the others are counted and named in the log, without their text."""
        self.pages += 1
        now, capture = self.visit.clock(), response.meta[CAPTURE]
        posts = []
        written = {one.native_id: one.text for one in read}
        for one in read:
            if one.withheld:
                continue
            try:
                posts.append(one.to_post(self.source, now, capture, written.get(one.reply_to, "")))
            except ValueError as error:
                metrics.POSTS_REFUSED.labels(self.source.name).inc()
                self._lines.warning("post refused", url=response.url, native_id=one.native_id, reason=str(error))
        if not posts and any(one.trouble.startswith("selectors.") for one in read):
            self.trouble("no post on the page could be read; did its layout change?", url=response.url)
        return PageItem(self.source.name, thread, tuple(posts))

    def _new(self, read: Sequence[ReadPost], ids: Sequence[str]) -> int:
        """How many posts the log does not have at all; `ids`: of the posts read."""
        known = self.state.revisions(ids)
        new = sum(1 for one, id in zip(read, ids, strict=True) if one.native_id and not one.trouble and id not in known)
        self.fresh += new
        return new

    def _id(self, read: ReadPost) -> str:
        """The post's id, also of one that is refused for another reason."""
        return native_post_id(self.source.platform, read.native_id or "-")
