"""Posts on their way to the log: published in batches by one thread, and known to the crawl state only after the log has them."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, Protocol

import prometheus_client
import structlog

from crawlers.clock import utc_now
from crawlers.reading import PageItem, ThreadItem
from crawlers.rhythm import look_again
from crawlers.source import Source
from crawlers.state import URGENT, CrawlState
from humiao import metrics
from humiao.disappearance import Disappearance
from humiao.errors import Unavailable
from humiao.log import POSTS, Log, Record
from humiao.post import Post

PAUSE: Final = (0.2, 5.0)
"""Shortest and longest wait in seconds while the log does not answer."""
GATHER: Final = 0.05
"""Seconds in which what comes is published together: fewer flushes of log and pages to the disk."""

Item = PageItem | ThreadItem
_lines = structlog.get_logger()


class NotTaken(Exception):
    """The stage stops while the log does not answer: these items were not published and will be read again."""


class Sink(Protocol):
    """Where items go."""

    async def put(self, item: Item) -> None:
        """Returns when `item` has had its lasting effect; items take effect in the order of the calls."""


class Publisher:
    """Sink of the crawl stage. Used from one event loop; the log and the writes to the state belong to its own thread."""

    def __init__(
        self,
        open_log: Callable[[], Log],
        state: CrawlState,
        sources: Sequence[Source],
        stopping: threading.Event,
        clock: Callable[[], datetime] = utc_now,
        tell: Callable[[Sequence[Disappearance]], None] | None = None,
        *,
        commit: Callable[[Iterable[str]], None],
    ) -> None:
        """`open_log` is called in the writing thread; `stopping` ends the waiting for a log that does not answer.

        `commit` makes the pages of the sources given durable: no post is published before the page that shows it is safe.
        `tell` makes known, durably, which posts disappeared; it raises `Unavailable` when it can't at present.
        """
        self._open_log, self._state, self._stopping, self._clock = open_log, state, stopping, clock
        self._tell, self._commit = tell, commit
        self._sources = {source.name: source for source in sources}
        self._log: Log | None = None
        self._pending: list[tuple[Item, asyncio.Future[None]]] = []
        self._draining: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publisher")

    async def put(self, item: Item) -> None:
        """See `Sink.put`.

        Raises:
            NotTaken: the stage is stopping and the log does not answer.
        """
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((item, taken))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        await taken

    async def close(self) -> None:
        """Wait for what is in hand and close the log."""
        if self._draining:
            await self._draining
        await asyncio.get_running_loop().run_in_executor(self._writer, self._close_log)
        self._writer.shutdown(wait=False)

    async def _drain(self) -> None:
        while self._pending:
            await asyncio.sleep(GATHER)
            batch, self._pending = self._pending, []
            failure: BaseException | None = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._write, [item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 (whoever waits is told, whatever it was)
                failure = error
            for _, taken in batch:
                if not taken.done():
                    taken.set_exception(failure) if failure else taken.set_result(None)

    def _write(self, items: Sequence[Item]) -> None:
        pages = [item for item in items if isinstance(item, PageItem)]
        seen = [(page.thread, post) for page in pages for post in page.posts]
        known = self._state.revisions(post.id for _, post in seen)
        self._note_back(seen, known)
        fresh: list[tuple[str, Post]] = []
        unchanged: Counter[str] = Counter()
        for thread, post in seen:
            if known.get(post.id) == post.revision:
                unchanged[post.source] += 1
            else:
                known[post.id] = post.revision
                fresh.append((thread, post))
        _count(metrics.POSTS_UNCHANGED, unchanged)
        if fresh:
            self._commit({post.source for _, post in fresh})
            self._publish([post for _, post in fresh])
            self._state.acknowledge(fresh, self._clock())
            _count(metrics.POSTS_CRAWLED, Counter(post.source for _, post in fresh))
        now_known = {post.id for _, post in fresh}
        for page in pages:
            if page.thread and (before := [post.id for post in page.posts if post.id not in now_known]):
                self._state.place(page.source, page.thread, before)
        for item in items:
            if isinstance(item, ThreadItem):
                self._note_thread(item)

    def _note_thread(self, item: ThreadItem) -> None:
        now = self._clock()
        # a post that meanwhile stands in another thread was moved, not deleted
        gone = sorted(self._state.live_posts(item.thread) & set(item.gone))
        self._announce(
            [Disappearance(post=id, source=item.source, thread=item.thread, thread_gone=item.closed, at=now) for id in gone]
        )
        self._state.gone(gone, now)
        for id in gone:
            metrics.POSTS_GONE.labels(item.source).inc()
            _lines.info("post gone", source=item.source, post=id, thread=item.thread, thread_gone=item.closed)
        if item.closed:
            self._state.thread_gone(item.source, item.thread, now)
        elif not item.whole:
            self._state.thread_grown(item.thread, item.activity, item.tail, due_at=URGENT if item.altered else None)
        else:
            source = self._sources[item.source]
            changed = self._state.last_change(item.thread) or now
            due = look_again(now, changed, source.recheck, source.watch_days)
            self._state.thread_read(item.source, item.thread, item.activity, item.tail, due)

    def _note_back(self, seen: Sequence[tuple[str, Post]], known: dict[str, str]) -> None:
        """Posts that were noted as gone and stand there again as they were: the log has them, nothing is published."""
        missed = self._state.gone_revisions(post.id for _, post in seen if post.id not in known)
        back = {post.id: (thread, post) for thread, post in seen if missed.get(post.id) == post.revision}
        if not back:
            return
        now = self._clock()
        self._announce(
            [Disappearance(post=id, source=post.source, thread=thread, back=True, at=now) for id, (thread, post) in back.items()]
        )
        self._state.acknowledge(back.values(), now)
        for id, (_, post) in back.items():
            known[id] = post.revision
            metrics.POSTS_BACK.labels(post.source).inc()

    def _announce(self, happened: Sequence[Disappearance]) -> None:
        if self._tell and happened:
            self._insist(lambda: self._tell and self._tell(happened), "the store")

    def _publish(self, posts: Sequence[Post]) -> None:
        records = [Record(post.id, post.to_json()) for post in posts]

        def publish() -> None:
            if self._log is None:
                self._log = self._open_log()
            self._log.publish(POSTS, records)

        self._insist(publish, "the log")

    def _insist(self, act: Callable[[], object], whom: str) -> None:
        """Do it, and again as long as log or store do not answer."""
        pause = PAUSE[0]
        while True:
            try:
                act()
            except Unavailable as error:
                metrics.STAGE_RETRIES.labels("crawl").inc()
                _lines.warning(f"waiting for {whom}", reason=str(error), seconds=pause)
                if self._stopping.wait(pause):
                    raise NotTaken(str(error)) from error
                pause = min(pause * 2, PAUSE[1])
            else:
                return

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()


def _count(metric: prometheus_client.Counter, numbers: Counter[str]) -> None:
    for source, number in numbers.items():
        metric.labels(source).inc(number)
