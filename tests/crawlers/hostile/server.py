"""All hostile sites at once, each under an address of its own on loopback, so that none shares another's pace."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Self

from tests.crawlers.hostile.cases import Act, Case, board, http, post, thread

MISSING = http("missing", status="404 Not Found")
OPEN_RULES = http("User-agent: *\nDisallow:\n", "text/plain")


def well(name: str) -> Case:
    """A site that does everything right."""
    pages = {"/": http(board("/t1", "/t2")), "/t1": http(thread(post("1"), post("2"))), "/t2": http(thread(post("3")))}
    return Case(name, pages, frozenset("123"), "running")


class HostileServer:
    """`asked`: requests by case; `began`: when the first one came (seconds of `time.time`)."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.hosts = {f"127.1.{number // 250}.{number % 250 + 1}": case for number, case in enumerate(cases)}
        self.asked: Counter[str] = Counter()
        self.began: dict[str, float] = {}
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def url(self, case: Case) -> str:
        host = next(host for host, one in self.hosts.items() if one is case)
        return f"http://{host}:{self.port}/"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._servers = []
        for host in self.hosts:
            server = await asyncio.start_server(self._serve, host, self.port)
            self.port = self.port or server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        case = self.hosts[writer.get_extra_info("sockname")[0]]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("latin-1")
            self.began.setdefault(case.name, time.time())
            self.asked[case.name] += 1
            await self._act(case, path)(writer, path)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()

    def _act(self, case: Case, path: str) -> Act:
        plain = path.partition("?")[0]
        if plain == "/robots.txt":
            return case.pages.get(plain, OPEN_RULES)
        return case.pages.get(path) or case.pages.get(plain) or case.pages.get("*", MISSING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
