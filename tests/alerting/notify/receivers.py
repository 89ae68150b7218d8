"""Real receivers on this machine: HTTP that takes, refuses, hangs, drips, cuts off; and mail."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What a receiver got, and how it behaves: the behaviours in order, the last one for good."""

    port: int = 0
    got: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    behaviours: list[Callable] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Apprise URL of the webhook."""
        return f"json://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [one["x-humiao-message"] for one in self.headers]

    def behave(self, *behaviours: Callable) -> None:
        self.behaviours = list(behaviours)

    def next(self) -> Callable:
        with self.lock:
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else (self.behaviours or [take])[0]


def status(code: int, body: bytes = b"{}", **headers: str) -> Callable:
    """Answer with `code`; underscores of header names become hyphens."""

    def answer(handler: BaseHTTPRequestHandler, _receiver: Receiver) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


take = status(200, b'{"errcode": 0, "code": 0}')


def cut(handler: BaseHTTPRequestHandler, _receiver: Receiver) -> None:
    """Take the message and die before the answer."""
    handler.close_connection = True


def hang(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Take the message and say nothing until the test is over."""
    receiver.released.wait(60)
    handler.close_connection = True


def hang_in_body(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Begin an answer and never end it."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.wfile.flush()
    hang(handler, receiver)


def drip(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """Answer a byte at a time, for ever: no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not receiver.released.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """A webhook on `port` (0 = any free one)."""
    there = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with there.lock:
                there.got.append(json.loads(body))
                there.headers.append({name.lower(): value for name, value in self.headers.items()})
                there.paths.append(self.path)
            there.next()(self, there)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # the other side went away, as these tests want it

    with Server(("127.0.0.1", port), Handler) as server:
        there.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield there
        finally:
            there.released.set()
            server.shutdown()


@contextmanager
def mailbox(code: int = 250) -> Iterator[tuple[int, list]]:
    """A mail server that answers `code` to what it gets; its port and the messages."""
    mails: list = []

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline().decode().strip().upper():
                if line.startswith("EHLO"):
                    self.say("250 test")
                elif line == "DATA":
                    self.say("354 go on")
                    body = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        body += part
                    mails.append(message_from_bytes(body))
                    self.say(f"{code} so be it")
                elif line == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1], mails
        finally:
            server.shutdown()


def eventually(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
