"""The one place where requests leave: each waits for its host's turn, and its answer is bounded in time, head and size."""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from crawlers.polite.ending import end_visit, is_ending, visiting
from crawlers.polite.host_names import host_of
from crawlers.polite.hosts import HostRests, Turn
from crawlers.polite.pace import Outcome
from crawlers.polite.retry_after import retry_after
from humiao import metrics

PAGE_SECONDS: Final = 25.0
"""For a page, with all redirects and all tries; waiting for turns does not count."""
HEAD_BYTES: Final = 256 * 1024
"""Longest head of an answer, with all that precede it (1xx)."""
_SPENT: Final = "seconds_spent"
_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_UNWELL: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT, 521, 522, 523, 524)
NO_ANSWER: Final = (
    CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError,
    ConnectError, ConnectionDone, ConnectionLost,
)  # fmt: skip
"""What is raised where a host does not answer, or not in full."""


class PoliteHandler(HTTP11DownloadHandler):
    """Download handler of http and https. Nothing that asks a site, robots.txt included, gets past it."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory  # noqa: SLF001 (as the base does)
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        source, hosts = visiting(crawler).source, visiting(crawler).visit.hosts
        for host in source.allowed_hosts:
            hosts.agree(host, source.rate.seconds)

    async def download_request(self, request: Request) -> Response:
        """See `HTTP11DownloadHandler`.

        Raises:
            HostRests: the host is left alone; the visit ends.
        """
        hosts = visiting(self._crawler).visit.hosts
        try:
            async with hosts.turn(host_of(request.url), lambda: is_ending(self._crawler)) as turn:
                return await self._ask(request, turn)
        except HostRests as rest:
            metrics.REQUESTS_REFUSED.labels(visiting(self._crawler).source.name, "rest").inc()
            end_visit(self._crawler, rest.state, rest.evidence, rest.rested)
            raise

    async def _ask(self, request: Request, turn: Turn) -> Response:
        left = PAGE_SECONDS - request.meta.get(_SPENT, 0.0)
        if left <= 0:
            raise DownloadTimeoutError(f"{request.url} took {PAGE_SECONDS:g} s with its redirects and tries")
        request.meta["download_timeout"] = min(self._timeout, left)
        began = time.monotonic()
        try:
            response = await super().download_request(request)
        except NO_ANSWER as error:
            turn.outcome, turn.reason = Outcome.FAILED, f"{type(error).__name__}: {error}"[:120]
            raise
        except Exception:
            turn.outcome = Outcome.ANSWERED  # too large, say: the host is well
            raise
        finally:
            request.meta[_SPENT] = request.meta.get(_SPENT, 0.0) + time.monotonic() - began
        _judge(response, turn)
        return response


def _judge(response: Response, turn: Turn) -> None:
    """What the answer says about the host's health."""
    turn.outcome = Outcome.ANSWERED
    if response.status in _BUSY:
        stated = (response.headers.get("Retry-After") or b"").decode("latin-1")
        turn.outcome = Outcome.BUSY
        turn.asked = retry_after(stated, datetime.now(UTC)) or 0.0
        turn.reason = f"HTTP {response.status}" + (f", Retry-After: {stated[:40]}" if stated else "")
    elif response.status in _UNWELL:
        turn.outcome, turn.reason = Outcome.FAILED, f"HTTP {response.status}"


class _Bounded(_LenientHTTP11ClientProtocol):
    """Cuts the connection where an answer's head does not end."""

    _head = 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, bytes: bytes) -> None:  # noqa: N802 (Twisted's names)
        super().dataReceived(bytes)  # type: ignore[no-untyped-call]
        parser = self._parser
        if parser is None or parser.state not in ("STATUS", "HEADER"):
            return
        self._head += len(bytes)
        if self._head > HEAD_BYTES and self.transport is not None:
            self.transport.abortConnection()


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _Bounded:  # noqa: ARG002, N802 (Twisted's names)
        return _Bounded(self._quiescentCallback)  # type: ignore[no-untyped-call]
