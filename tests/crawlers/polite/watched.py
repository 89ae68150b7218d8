"""A site on loopback that writes down who asked for what and when, and one visit of the real crawl process to it."""

import json
import threading
import time
from collections.abc import Callable  # noqa: TC003 (the type of `pages`, evaluated below)
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import yaml

from tests.crawlers.processes import Process

Answer = tuple[int, dict[str, str], bytes]
SELECTORS = {
    "list": {"row": "li", "link": "a::attr(href)", "activity": "i::text", "next": "a.next::attr(href)"},
    "thread": {"title": "h1", "post": "article", "id": "::attr(id)", "author": "b", "time": "time", "body": "p"},
}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    at: float
    headers: dict[str, str]


class Watched:
    """`pages`: answers by path; everything else is 404."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.pages: dict[str, str | Answer | Callable[[], Answer]] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                site.connections += 1
                super().setup()

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.asked.append(Asked(self.command, self.path, time.monotonic(), headers))
                page = site.pages.get(self.path, (404, {}, b"missing"))
                status, headers, body = page() if callable(page) else (200, {}, page.encode()) if isinstance(page, str) else page
                self.send_response(status)
                plain = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
                for name, value in (plain | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815 (the server's names)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def board(*threads: str, activity: str = "1", more: str = "") -> str:
    further = f'<a class=next href="{more}">下一页</a>' if more else ""
    return "<ul>" + "".join(f'<li><a href="{one}">题</a><i>{activity}</i></li>' for one in threads) + "</ul>" + further


def thread(*ids: str, text: str = "一句话") -> str:
    return "<h1>题</h1>" + "".join(
        f'<article id="{id}"><b>街坊</b><time>2026-1-3 12:00</time><p>{text}</p></article>' for id in ids
    )


def write_source(settings, name: str = "one", **changes) -> None:
    folder = settings.data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "name": name, "family": "html", "platform": name, "owner": "某公司", "permission": "书面同意", "rate": {"delay": 0.01},
        "contact": "https://desk.example.cn/", "selectors": SELECTORS,
    } | changes  # fmt: skip
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def crawl(settings, **environment: str) -> list[dict]:
    """One visit of every source; the log lines."""
    with Process("crawl", "--once", data=settings.data, **environment) as process:
        process.wait(120)
    return [json.loads(line) for line in process.err if line.startswith("{")]


def states(lines: list[dict]) -> dict[str, tuple[str, str]]:
    return {line["source"]: (line["state"], line["evidence"]) for line in lines if line["event"] == "source state"}
