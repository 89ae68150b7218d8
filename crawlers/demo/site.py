"""The demo forum's pages: from a path to a status, a type and bytes. No sockets here."""

import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import jinja2

from crawlers.demo.content import BOARD_NAMES, Shown, ShownThread, Topic, show
from crawlers.demo.memory import Memory
from crawlers.demo.rss import render_rss

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS_A_PAGE: Final = 20
POSTS_A_PAGE: Final = 10
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
NAME: Final = "坂雪岗街坊网"
ROBOTS: Final = "User-agent: *\nDisallow: /member/\nDisallow: /search\n"
HTML: Final = "text/html; charset=utf-8"
PLAIN: Final = "text/plain; charset=utf-8"

_pages = jinja2.Environment(
    loader=jinja2.PackageLoader("crawlers.demo", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_pages.filters["minute"] = lambda instant: instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
_pages.filters["second"] = lambda instant: instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Answer:
    """What the server sends."""

    status: int
    body: bytes
    type: str = HTML
    touched_at: datetime | None = None
    """Newest change of what the page shows (UTC)."""
    location: str = ""


@dataclass(frozen=True)
class Slice:
    """One page of a longer list."""

    number: int
    pages: int


class Site:
    """The forum's content at any moment. Thread-safe."""

    def __init__(self, topics: dict[str, Topic], memory: Memory, change_after: float) -> None:
        """`change_after`: seconds from a thread's first complete reading to its edit or deletion."""
        self._topics, self._memory, self._change_after = topics, memory, timedelta(seconds=change_after)
        self._pages_read: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    def answer(self, target: str, origin: str) -> Answer:
        """The answer to ``GET target``; `origin` is the site's address, for feeds."""
        url = urlsplit(target)
        first, _, name = url.path.strip("/").partition("/")
        page = _page_number(parse_qs(url.query))
        routes: dict[str, Callable[[], Answer]] = {
            "": self._index,
            "board": lambda: self._board(name, page),
            "thread": lambda: self._thread(name, page),
            "post": lambda: self._permalink(name),
            "robots.txt": lambda: Answer(200, ROBOTS.encode(), PLAIN),
            "healthz": lambda: Answer(200, b"ok\n", PLAIN),
            "rss.xml": lambda: self._feed(origin, ""),
            "rss": lambda: self._feed(origin, name.removesuffix(".xml")),
            "member": lambda: _page(200, "member.html", author=name),
            "search": lambda: _page(200, "member.html", author="搜索"),
        }
        return routes.get(first, _missing)()

    def _boards(self) -> dict[str, str]:
        slugs = dict.fromkeys(topic.board for topic in self._topics.values())
        return {slug: BOARD_NAMES.get(slug, slug) for slug in slugs}

    def _shown(self, key: str) -> ShownThread | None:
        return show(self._topics[key], self._memory.started_at, self._memory.changed_at(key))

    def _threads(self, board: str = "") -> list[ShownThread]:
        shown = (self._shown(key) for key, topic in self._topics.items() if board in {"", topic.board})
        return [thread for thread in shown if thread]

    def _index(self) -> Answer:
        boards = []
        for slug, name in self._boards().items():
            threads = self._threads(slug)
            last = max(threads, key=lambda thread: thread.last.ts, default=None)
            boards.append((slug, name, len(threads), sum(len(thread.posts) for thread in threads), last))
        touched = max(thread.touched_at for thread in self._threads())
        return _page(200, "index.html", touched, boards=boards)

    def _board(self, slug: str, number: int) -> Answer:
        if slug not in self._boards():
            return _missing()
        threads = sorted(self._threads(slug), key=lambda thread: (thread.last.ts, thread.key), reverse=True)
        part = Slice(number, max(1, math.ceil(len(threads) / THREADS_A_PAGE)))
        rows = threads[(number - 1) * THREADS_A_PAGE : number * THREADS_A_PAGE]
        if not rows:
            return _missing()
        touched = max(thread.touched_at for thread in threads)
        return _page(
            200, "board.html", touched, slug=slug, name=self._boards()[slug], threads=rows, part=part, path=f"/board/{slug}"
        )

    def _thread(self, key: str, number: int) -> Answer:
        thread = self._shown(key) if key in self._topics else None
        if thread is None:
            return _missing()
        part = Slice(number, math.ceil(len(thread.posts) / POSTS_A_PAGE))
        posts = thread.posts[(number - 1) * POSTS_A_PAGE : number * POSTS_A_PAGE]
        if not posts:
            return _missing()
        self._note_reading(key, part)
        return _page(200, "thread.html", thread.touched_at, thread=thread, posts=posts, part=part, path=f"/thread/{key}")

    def _note_reading(self, key: str, part: Slice) -> None:
        if not self._topics[key].changes:
            return
        with self._lock:
            read = self._pages_read.setdefault(key, set())
            read.add(part.number)
            complete = len(read) >= part.pages
        if complete:
            self._memory.change_later(key, self._change_after)

    def _permalink(self, id: str) -> Answer:
        for thread in self._threads():
            for index, post in enumerate(thread.posts):
                if post.id == id:
                    location = f"/thread/{thread.key}?page={index // POSTS_A_PAGE + 1}#{post.id}"
                    return Answer(302, b"", location=location)
        return _missing()

    def _feed(self, origin: str, board: str) -> Answer:
        if board and board not in self._boards():
            return _missing()
        threads = sorted(self._threads(board), key=lambda thread: thread.posts[0].ts, reverse=True)[:THREADS_A_PAGE]
        title = f"{NAME} · {self._boards()[board]}" if board else NAME
        touched = max(thread.touched_at for thread in threads)
        return Answer(200, render_rss(title, origin, threads), "application/rss+xml; charset=utf-8", touched)


def paragraphs(text: str) -> list[list[str]]:
    """Paragraphs (split at blank lines), each a list of lines."""
    return [block.split("\n") for block in text.split("\n\n")]


def excerpt(post: Shown) -> str:
    """The beginning of a post, as a quote shows it."""
    line = " ".join(post.text.split())
    return line if len(line) <= 60 else line[:60] + "…"  # noqa: PLR2004 (what fits on one line)


_pages.filters["paragraphs"] = paragraphs
_pages.filters["excerpt"] = excerpt


def _page(status: int, template: str, touched_at: datetime | None = None, **values: object) -> Answer:
    body = _pages.get_template(template).render(site=NAME, **values).encode()
    return Answer(status, body, touched_at=touched_at)


def _missing() -> Answer:
    return _page(404, "missing.html")


def _page_number(query: dict[str, list[str]]) -> int:
    given = query.get("page", ["1"])[0]
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1  # noqa: PLR2004 (no list is that long)
