"""The door through which a site is visited: it counts what is asked and can put up a robots.txt, whatever software stands behind."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})
"""Headers that belong to one connection."""


class Gate:
    """`url` is the site's public address, known before the software starts; `asked` holds the paths that were asked for, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.robots = ""
        """Served as robots.txt; empty = the software's own."""
        self._port = 0
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gate.asked.append(self.path)
                if self.path == "/robots.txt" and gate.robots:
                    self._answer(200, {"Content-Type": "text/plain"}, gate.robots.encode())
                else:
                    self._answer(*gate._fetch(self.path, dict(self.headers.items())))

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lead_to(self, port: int) -> None:
        """The software listens on `port` of 127.0.0.1."""
        self._port = port

    def pages(self) -> list[str]:
        """What was asked for, apart from robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _fetch(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
            connection.request("GET", path, headers=kept)
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}, body
        finally:
            connection.close()
