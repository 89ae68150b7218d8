"""Downloader middleware nearest to the wire: asks only for what changed, keeps what came, and ties each page to its WARC record."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Final, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from crawlers.state import KeptPage
from crawlers.visit import Visit
from crawlers.warc import Fetched, read_capture
from humiao import metrics
from humiao.errors import NotFound
from humiao.post import Capture

CAPTURE = "capture"
"""Key of the request's meta under which a callback finds the page's `Capture`."""
AT_ONCE: Final = 256 * 1024
"""Bytes of a page that is packed and written without a thread: it takes a millisecond or two, and to hand Python's lock to a thread
and back, once for each piece that is hashed, packed and written, takes longer."""
_KEPT = "kept_page"
_AFRESH = "afresh"
_ASKED_AT = "asked_at"


class CaptureMiddleware:
    """Every answer is kept: in full, or as a note that the page still has the content kept before; its posts point to that."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        middleware = cls(crawler.spider.visit)  # type: ignore[union-attr]
        crawler.signals.connect(middleware.headers_received, signal=signals.headers_received)
        return middleware

    def process_request(self, request: Request) -> None:
        """Make the request conditional when the page's last content is still at hand, and for long enough."""
        for header in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(header, None)
        kept = None if request.meta.get(_AFRESH) else self._visit.state.page(self._visit.source.name, request.url)
        if kept and not self._visit.archive.window.may_refer(kept.capture, datetime.now(UTC)):
            kept = None
        if kept and not (self._visit.warc_folder / kept.capture.file).is_file():
            kept = None
        request.meta[_KEPT] = kept
        if kept and kept.etag:
            request.headers["If-None-Match"] = kept.etag
        if kept and kept.last_modified:
            request.headers["If-Modified-Since"] = kept.last_modified

    def headers_received(self, request: Request) -> None:
        """Note when the request was sent (Scrapy knows how long ago that was)."""
        request.meta[_ASKED_AT] = datetime.now(UTC) - timedelta(seconds=request.meta.get("download_latency", 0.0))

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep the page before anything is read from it; 304 is answered with the content at hand.

        The publisher makes the record durable before it publishes what was read from the page.
        """
        now = datetime.now(UTC)
        metrics.PAGES_FETCHED.labels(self._visit.source.name, f"{response.status // 100}xx").inc()
        kept: KeptPage | None = request.meta.pop(_KEPT, None)
        fetched = exchange(request, response, request.meta.pop(_ASKED_AT, None))
        if response.status == HTTPStatus.NOT_MODIFIED and kept:
            try:
                stored = await asyncio.to_thread(self._not_modified, fetched, kept.capture, now)
            except NotFound:  # deleted or altered meanwhile: ask for it in full
                return request.replace(dont_filter=True, meta=request.meta | {_AFRESH: True})
            request.meta[CAPTURE] = kept.capture
            return _as_response(stored, response)
        if len(response.body) <= AT_ONCE:
            request.meta[CAPTURE] = self._keep(fetched, kept, now)
        else:
            request.meta[CAPTURE] = await asyncio.to_thread(self._keep, fetched, kept, now)
        return response

    def _not_modified(self, fetched: Fetched, original: Capture, now: datetime) -> Fetched:
        stored = read_capture(self._visit.warc_folder, original)
        self._visit.archive.revisit(fetched, original, now)
        return stored

    def _keep(self, fetched: Fetched, kept: KeptPage | None, now: datetime) -> Capture:
        whole = fetched.status == HTTPStatus.OK and fetched.method == "GET"
        capture = self._again(fetched, kept.capture, now) if whole and kept else None
        if capture is None:
            capture = self._visit.archive.write(fetched, now)
        if whole:
            page = KeptPage(_header(fetched, "etag"), _header(fetched, "last-modified"), capture)
            if page != kept:
                self._visit.state.keep_page(self._visit.source.name, fetched.url, page)
        return capture

    def _again(self, fetched: Fetched, original: Capture, now: datetime) -> Capture | None:
        """`original`, if the same bytes came once more and that could be noted."""
        if not fetched.body or original.payload_sha256 != sha256(fetched.body).hexdigest():
            return None
        try:
            self._visit.archive.revisit(fetched, original, now)
        except NotFound:
            return None
        return original


def exchange(request: Request, response: Response, asked_at: datetime | None) -> Fetched:
    """Request and answer as they are kept; `asked_at`: when the request was sent (UTC)."""
    certificate = response.certificate.dump() if response.certificate else b""
    return Fetched(
        url=request.url,
        method=request.method,
        request_headers=_pairs(request.headers),
        status=response.status,
        headers=_pairs(response.headers),
        body=response.body,
        protocol=response.protocol or "HTTP/1.1",
        ip=str(response.ip_address or ""),
        asked_at=asked_at,
        redirects=tuple(request.meta.get("redirect_urls", ())),
        certificate_sha256=sha256(certificate).hexdigest() if certificate else "",
    )


def _as_response(stored: Fetched, answer: Response) -> Response:
    headers = Headers()
    for name, value in stored.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=answer.url, body=stored.body)
    return kind(answer.url, status=stored.status, headers=headers, body=stored.body, protocol=answer.protocol)


def _pairs(headers: Headers) -> Sequence[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


def _header(fetched: Fetched, name: str) -> str:
    return next((value for key, value in fetched.headers if key.lower() == name), "")
