"""A real HTTP server on loopback with the demo forum behind it."""

import gzip
import hashlib
import signal
import threading
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Self

from crawlers.demo.content import POSTS_FILE, read_topics
from crawlers.demo.memory import Clock, Memory, utc_now
from crawlers.demo.site import Answer, Site
from crawlers.demo.source_files import write_demo_sources
from humiao.errors import SettingsError

CHANGE_AFTER = 6.0
"""Seconds from the first complete reading of a thread to its edit or deletion: after the first look, before the second."""
HOST = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with validators, 304 and gzip."""

    protocol_version = "HTTP/1.1"
    server_version = "demo-forum"
    sys_version = ""
    site: ClassVar[Site]

    def do_GET(self) -> None:
        self._send(self.site.answer(self.path, f"http://{self.headers.get('Host', HOST)}"))

    do_HEAD = do_GET  # noqa: N815 (the name that the base class looks for)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: every visit would be a line."""

    def _send(self, answer: Answer) -> None:
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        if answer.status == HTTPStatus.OK and self._fresh(answer, etag):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        body = answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        if answer.location:
            self.send_header("Location", answer.location)
        if answer.status == HTTPStatus.OK:
            self.send_header("ETag", etag)
            if answer.touched_at:
                self.send_header("Last-Modified", format_datetime(answer.touched_at, usegmt=True))
        if "gzip" in self.headers.get("Accept-Encoding", "") and body:
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _fresh(self, answer: Answer, etag: str) -> bool:
        if known := self.headers.get("If-None-Match"):
            return etag in known
        since = self.headers.get("If-Modified-Since")
        if not since or not answer.touched_at:
            return False
        try:
            return parsedate_to_datetime(since) >= answer.touched_at
        except (TypeError, ValueError):  # not a date: as if the header were absent
            return False


class Forum:
    """The running server; a context manager. ``url`` has no slash at its end."""

    def __init__(
        self, data: Path, *, port: int = 0, posts: Path = POSTS_FILE, change_after: float = CHANGE_AFTER, clock: Clock = utc_now
    ) -> None:
        """Bind `port`, or with 0 the port of the last time if it is free, or any.

        Raises:
            SettingsError: the port that was asked for is taken.
            BadInput: `posts` has a bad line.
        """
        memory = Memory(data, clock)
        handler = type("Handler", (_Handler,), {"site": Site(read_topics(posts), memory, change_after)})
        self._server = _bind(port, memory.port, handler)
        memory.settle_port(self._server.server_port)
        self.url = f"http://{HOST}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _bind(wanted: int, before: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    try:
        return _Server((HOST, wanted or before), handler)
    except OSError as error:
        if wanted:
            raise SettingsError(
                f"--port: {wanted} can't be used ({error.strerror}); choose another, or 0 for any free one"
            ) from error
    return _Server((HOST, 0), handler)


def serve(data: Path, port: int, posts: Path, change_after: float) -> None:
    """Serve until SIGTERM or SIGINT; writes the source files and one line ``forum URL`` on stdout first."""
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    with Forum(data, port=port, posts=posts, change_after=change_after) as forum:
        write_demo_sources(data, forum.url)
        print(f"forum {forum.url}", flush=True)  # noqa: T201 (the line a supervisor waits for)
        stopping.wait()
