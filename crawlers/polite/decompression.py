"""Compressed answers, unpacked in pieces and only so far: a few kilobytes can hold gigabytes."""

import zlib
from collections.abc import Callable
from typing import Any, Final, Self

import brotli  # type: ignore[import-untyped]
import zstandard
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawlers.polite.ending import visiting
from humiao import metrics

_PIECE: Final = 65_536
_STEP: Final = 256
"""Bytes of zstd unpacked at a time: four of them may stand for 128 KiB."""
_LAYERS: Final = 2
"""Encodings on top of each other that are undone; no honest server needs more than one."""
_WINDOW: Final = 8 * 1024 * 1024
"""Memory that a zstd frame may ask for (RFC 8878 recommends this limit; browsers keep it)."""


class Unreadable(Exception):
    """The answer's body can't be unpacked, or not within the limits."""


class BoundedDecompression:
    """Undoes gzip, deflate, br and zstd. A body that ends too early is no page: posts would seem to have disappeared."""

    def __init__(self, most_bytes: int, source: str) -> None:
        self._most, self._source = most_bytes, source

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        if not crawler.settings.getbool("COMPRESSION_ENABLED"):
            raise NotConfigured
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"), visiting(crawler).source.name)

    def process_request(self, request: Request) -> None:
        """Say what is understood."""
        request.headers.setdefault("Accept-Encoding", b"gzip, deflate, br, zstd")

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer with its body unpacked.

        Raises:
            Unreadable: it is larger than a page may be, cut off, no such data, or wrapped more than twice.
        """
        stated = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower()
        layers = [name for part in stated.split(",", _LAYERS + 8) if (name := part.strip()) not in {"", "identity"}]
        if request.method == "HEAD" or not layers or not response.body:
            return response
        body, whole = response.body, "download_stopped" not in response.flags
        try:
            if len(layers) > _LAYERS or not all(name in _UNPACK for name in layers):
                raise Unreadable(f"Content-Encoding: {stated[:60]} is not understood")  # noqa: TRY301 (counted below)
            for name in reversed(layers):
                body = unpack(body, name, self._most, whole=whole)
        except Unreadable:
            metrics.PAGES_UNREAD.labels(self._source).inc()
            raise
        response.headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        changes: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
        return response.replace(cls=kind, body=body, **changes)


def unpack(body: bytes, encoding: str, most: int, *, whole: bool = True) -> bytes:
    """`body` without `encoding`; `whole`: it is complete, so that an early end is an error.

    Raises:
        Unreadable: it is more than `most` bytes, or no such data.
    """
    out = bytearray()

    def put(piece: bytes) -> None:
        out.extend(piece)
        if len(out) > most:
            raise Unreadable(f"{len(body)} bytes of {encoding} hold more than {most}")

    try:
        ended = _UNPACK[encoding](body, put)
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError, MemoryError) as error:
        if whole or not out:
            raise Unreadable(f"{encoding}: {error}"[:200]) from error
        ended = True
    if whole and not ended:
        raise Unreadable(f"{encoding}: the data end too early")
    return bytes(out)


def _gzip(body: bytes, put: Callable[[bytes], None]) -> bool:
    """One or more members; what follows them and is none (padding) does not count."""
    rest, members = body, 0
    while rest[:2] == b"\x1f\x8b" or not members:
        ended, rest = _inflate(rest, put, zlib.MAX_WBITS | 16)
        members += 1
        if not ended:
            return False
    return True


def _deflate(body: bytes, put: Callable[[bytes], None]) -> bool:
    """With zlib's head as the standard says, or without it as some servers send it."""
    headed = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0  # noqa: PLR2004 (RFC 1950, 2.2)
    return _inflate(body, put, zlib.MAX_WBITS if headed else -zlib.MAX_WBITS)[0]


def _inflate(body: bytes, put: Callable[[bytes], None], window: int) -> tuple[bool, bytes]:
    one = zlib.decompressobj(window)
    at = 0
    while at < len(body) and not one.eof:
        put(one.decompress(body[at : at + _PIECE], _PIECE))
        at += _PIECE
        while one.unconsumed_tail and not one.eof:
            put(one.decompress(one.unconsumed_tail, _PIECE))
    return one.eof, one.unused_data + body[at:] if one.eof else b""


def _brotli(body: bytes, put: Callable[[bytes], None]) -> bool:
    one = brotli.Decompressor()
    put(one.process(body, output_buffer_limit=_PIECE))
    while not one.is_finished():
        piece = one.process(b"", output_buffer_limit=_PIECE)
        if not piece:
            return False
        put(piece)
    return True


def _zstd(body: bytes, put: Callable[[bytes], None]) -> bool:
    rest = body
    while rest:
        one = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        at = 0
        while at < len(rest) and not one.eof:
            put(one.decompress(rest[at : at + _STEP]))
            at += _STEP
        if not one.eof:
            return False
        rest = one.unused_data + rest[at:]
    return True


_UNPACK: Final[dict[str, Callable[[bytes, Callable[[bytes], None]], bool]]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
