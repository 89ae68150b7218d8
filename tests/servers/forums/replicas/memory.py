"""A town in memory, changed by the same steps as real software, and served as a template shows it."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Running

SHANGHAI = ZoneInfo("Asia/Shanghai")
GUESTS_ONLY_KNOW_OF = "会员可见"
Answer = tuple[int, str]
"""Status and HTML."""


@dataclass(frozen=True)
class Post:
    id: int
    thread: int
    text: str
    author: str
    at: datetime
    to: int | None = None
    edited: datetime | None = None
    removed: bool = False


@dataclass(frozen=True)
class Thread:
    id: int
    board: int
    title: str
    pinned: bool = False
    private: bool = False
    removed: bool = False


@dataclass
class Memory:
    """Boards, threads and posts by number."""

    boards: dict[int, str] = field(default_factory=dict)
    threads: dict[int, Thread] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)

    def posts_of(self, thread: int) -> list[Post]:
        """Those still there, oldest first."""
        return sorted((one for one in self.posts.values() if one.thread == thread and not one.removed), key=lambda one: one.id)

    def last(self, thread: int) -> Post:
        return max(self.posts_of(thread), key=lambda one: one.at)

    def listed(self, board: int) -> list[Thread]:
        """As boards list them: pinned first, then by the last reply."""
        found = [one for one in self.threads.values() if one.board == board and not one.removed]
        return sorted(found, key=lambda one: (not one.pinned, -self.last(one.id).at.timestamp()))


class Template(ABC):
    """How a product shows a town. Addresses are paths; a page past the end is answered as the product does."""

    charset = "utf-8"

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    @abstractmethod
    def page(self, path: str, query: dict[str, str]) -> Answer:
        """The page at an address."""

    @abstractmethod
    def thread_path(self, thread: int) -> str:
        """Where guests read a thread."""

    def native_id(self, post: Post) -> str:
        """Its id on the pages."""
        return str(post.id)


class Steps:
    """Does what `Editor` does, in memory."""

    def __init__(self, template: Template) -> None:
        self._template, self._memory = template, template.memory
        self._next = 100

    def do(self, step: str, **what: Any) -> Any:
        return getattr(self, f"_{step}")(**what)

    def stop(self) -> None:
        return

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _board(self, title: str) -> int:
        self._memory.boards[number := self._number()] = title
        return number

    def _thread(
        self, board: str, title: str, text: str, author: str, at: str, *, pinned: bool = False, private: bool = False
    ) -> Any:
        number = self._number()
        self._memory.threads[number] = Thread(number, int(board), title, pinned, private)
        return self._write(number, text, author, at)

    def _private_thread(self, **what: Any) -> Any:
        return self._thread(**what, private=True)

    def _reply(self, thread: str, text: str, author: str, at: str, to: str | None) -> Any:
        return self._write(int(thread), text, author, at, self._found(to).id if to else None)

    def _write(self, thread: int, text: str, author: str, at: str, to: int | None = None) -> Any:
        post = Post(self._number(), thread, text, author, datetime.fromisoformat(at).astimezone(UTC), to)
        self._memory.posts[post.id] = post
        return {"thread": thread, "post": self._template.native_id(post), "path": self._template.thread_path(thread)}

    def _edit(self, post: str, text: str, at: str) -> None:
        found = self._found(post)
        self._memory.posts[found.id] = replace(found, text=text, edited=datetime.fromisoformat(at))

    def _remove(self, post: str) -> None:
        found = self._found(post)
        self._memory.posts[found.id] = replace(found, removed=True)

    def _remove_thread(self, thread: str) -> None:
        self._memory.threads[int(thread)] = replace(self._memory.threads[int(thread)], removed=True)

    def _found(self, native_id: str) -> Post:
        return next(one for one in self._memory.posts.values() if self._template.native_id(one) == native_id)


def start(template: Callable[[Memory], Template], gate: Gate) -> Running:
    """Serve an empty town behind `gate`."""
    shown = template(Memory())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, html = shown.page(parts.path, dict(parse_qsl(parts.query)))
            body = html.encode(shown.charset)
            self.send_response(status)
            self.send_header("Content-Type", "text/html")  # the charset stands in the page alone, as on many old sites
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gate.lead_to(server.server_address[1])
    return _Replica(gate.url, Steps(shown), server)


class _Replica(Running):
    def __init__(self, url: str, steps: Steps, server: ThreadingHTTPServer) -> None:
        super().__init__(url, steps, [])
        self._server = server

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def of_page(items: list[Any], number: int, size: int) -> tuple[list[Any], int]:
    """The items of page `number` (from 1), and how many pages there are."""
    pages = max(1, -(-len(items) // size))
    return items[(number - 1) * size : number * size], pages
