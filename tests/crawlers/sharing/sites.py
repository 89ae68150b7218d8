"""Small forums on hosts of their own (127.0.N.N), which note who asked them when."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import yaml

SELECTORS = {
    "list": {"row": "li", "link": "a::attr(href)", "activity": "i::text"},
    "thread": {"title": "h1", "post": "article", "id": "::attr(id)", "author": "b", "time": "time", "body": "p"},
}


@dataclass(frozen=True)
class Asked:
    """A request as a site saw it, on the monotonic clock."""

    host: str
    by: str
    """The contact in the User-Agent."""
    path: str
    began: float
    ended: float


class Sites:
    """As many forums as wanted, each with as many posts as `grow` gave it; a slow answer takes `seconds`."""

    def __init__(self, number: int, posts: int = 3, seconds: float = 0.0, threads: int = 2) -> None:
        self.asked: list[Asked] = []
        self.posts = {f"127.0.{n // 200 + 1}.{n % 200 + 1}": posts for n in range(number)}
        self.seconds, self.threads = seconds, threads
        self._servers = [ThreadingHTTPServer((host, 0), self._handler(host)) for host in self.posts]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def grow(self, by: int = 1) -> None:
        """New posts at the end of every thread of every forum."""
        for host in self.posts:
            self.posts[host] += by

    def expected(self) -> set[str]:
        """Native ids of all posts, with the name of their source before them."""
        return {
            f"{name(host)} {thread}-{n}"
            for host, number in self.posts.items()
            for thread in range(self.threads)
            for n in range(number)
        }

    def write_sources(self, folder: Path, **changes: object) -> None:
        """One source file for each."""
        folder.mkdir(parents=True, exist_ok=True)
        for server, host in zip(self._servers, self.posts, strict=True):
            content = {
                "name": name(host), "family": "html", "platform": name(host), "owner": "某公司", "permission": "书面同意",
                "rate": {"delay": 0.02}, "start": [f"http://{host}:{server.server_address[1]}/"], "selectors": SELECTORS,
            } | changes  # fmt: skip
            (folder / f"{name(host)}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def _handler(self, host: str) -> type[BaseHTTPRequestHandler]:
        sites = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                began = time.monotonic()
                body = sites._page(host, self.path).encode()
                if sites.seconds:
                    time.sleep(sites.seconds)  # a slow site, not a wait of the test
                self.send_response(200)
                self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                by = self.headers["User-Agent"].partition("(+")[2].rstrip(")")
                sites.asked.append(Asked(host, by, self.path, began, time.monotonic()))

            def handle(self) -> None:
                with suppress(ConnectionError):  # whoever asked was killed
                    super().handle()

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def _page(self, host: str, path: str) -> str:
        number = self.posts[host]
        if path == "/robots.txt":
            return "User-agent: *\nAllow: /\n"
        if path == "/":
            return (
                "<ul>" + "".join(f'<li><a href="/{thread}">题</a><i>{number}</i></li>' for thread in range(self.threads)) + "</ul>"
            )
        thread = path.strip("/")
        return "<h1>题</h1>" + "".join(
            f'<article id="{thread}-{n}"><b>街坊</b><time>2026-1-3 12:00</time><p>第{n}句</p></article>' for n in range(number)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


def name(host: str) -> str:
    """Name of the source that reads a host."""
    return "site-" + "-".join(host.split(".")[2:])


def clashes(asked: list[Asked]) -> list[tuple[Asked, Asked]]:
    """Requests to one host by two processes at the same time."""
    found = []
    for host in {one.host for one in asked}:
        in_order = sorted((one for one in asked if one.host == host), key=lambda one: one.began)
        found += [(a, b) for a, b in zip(in_order, in_order[1:], strict=False) if a.by != b.by and b.began < a.ended]
    return found


def turns(asked: list[Asked], host: str) -> list[str]:
    """Who asked the host, in order, without repetition."""
    in_order = [one.by for one in sorted(asked, key=lambda one: one.began) if one.host == host]
    return [by for place, by in enumerate(in_order) if place == 0 or in_order[place - 1] != by]
