"""Downloader middleware nearest to the wire: asks only for what changed, keeps what came, and ties each page to its WARC record."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Self

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
_KEPT = "kept_page"
_AFRESH = "afresh"


class CaptureMiddleware:
    """One response record per content of a page: a page that has not changed points to the record it already has."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler.spider.visit)  # type: ignore[union-attr]

    def process_request(self, request: Request) -> None:
        """Make the request conditional when the page's last content is still at hand."""
        for header in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(header, None)
        kept = None if request.meta.get(_AFRESH) else self._visit.state.page(self._visit.source.name, request.url)
        if kept and not (self._visit.warc_folder / kept.capture.file).is_file():
            kept = None
        request.meta[_KEPT] = kept
        if kept and kept.etag:
            request.headers["If-None-Match"] = kept.etag
        if kept and kept.last_modified:
            request.headers["If-Modified-Since"] = kept.last_modified

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep the page durably before anything is read from it; 304 is answered with the content at hand."""
        metrics.PAGES_FETCHED.labels(self._visit.source.name, f"{response.status // 100}xx").inc()
        kept: KeptPage | None = request.meta.pop(_KEPT, None)
        if response.status == HTTPStatus.NOT_MODIFIED and kept:
            try:
                stored = await asyncio.to_thread(read_capture, self._visit.warc_folder, kept.capture)
            except NotFound:  # deleted or altered meanwhile: ask for it in full
                return request.replace(dont_filter=True, meta=request.meta | {_AFRESH: True})
            request.meta[CAPTURE] = kept.capture
            return _as_response(stored, response)
        request.meta[CAPTURE] = await asyncio.to_thread(self._keep, request, response, kept)
        return response

    def _keep(self, request: Request, response: Response, kept: KeptPage | None) -> Capture:
        whole = response.status == HTTPStatus.OK and request.method == "GET"
        if whole and kept and kept.capture.payload_sha256 == sha256(response.body).hexdigest():
            capture = kept.capture
        else:
            fetched = Fetched(
                url=request.url,
                method=request.method,
                request_headers=_pairs(request.headers),
                status=response.status,
                headers=_pairs(response.headers),
                body=response.body,
                protocol=response.protocol or "HTTP/1.1",
                ip=str(response.ip_address or ""),
            )
            capture = self._visit.archive.keep(fetched, datetime.now(UTC))
        if whole:
            page = KeptPage(_header(response, "ETag"), _header(response, "Last-Modified"), capture)
            if page != kept:
                self._visit.state.keep_page(self._visit.source.name, request.url, page)
        return capture


def _as_response(stored: Fetched, answer: Response) -> Response:
    headers = Headers()
    for name, value in stored.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=answer.url, body=stored.body)
    return kind(answer.url, status=stored.status, headers=headers, body=stored.body, protocol=answer.protocol)


def _pairs(headers: Headers) -> Sequence[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""
