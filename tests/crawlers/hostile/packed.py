"""Bodies that are not what they seem: bombs, cut data, other kinds of files."""

import functools
import gzip
import io
import zlib

import brotli
import zstandard

from tests.crawlers.hostile.cases import Case, board, http, page, post, read, thread

GIB2 = 2 * 1024**3
PIECE = b"\0" * (1 << 20)
GOOD = thread(post("bad")).encode()


@functools.cache
def gzip_bomb(size: int = GIB2) -> bytes:
    """`size` zeros: 2 MiB of gzip for 2 GiB, made from one flushed piece repeated."""
    return _deflated(size, 31)


@functools.cache
def _deflated(size: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    first = packer.compress(PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    second = packer.compress(PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + second * (size // len(PIECE) - 1)  # the end with its checksum is never reached


@functools.cache
def zstd_bomb() -> bytes:
    out = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(out, closefd=False) as writer:
        for _ in range(GIB2 // len(PIECE)):
            writer.write(PIECE)
    return out.getvalue()


@functools.cache
def brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(PIECE) for _ in range(512)) + packer.finish()


def encoded(body: bytes, *names: str) -> object:
    return http(body, "text/html; charset=utf-8", "200 OK", *[f"Content-Encoding: {name}" for name in names])


def _nested(times: int) -> bytes:
    body = GOOD
    for _ in range(times):
        body = gzip.compress(body)
    return body


def packed() -> list[Case]:
    return [
    page("gzip-bomb-2-gib", encoded(gzip_bomb(), "gzip")),
    page("deflate-bomb-2-gib", encoded(_deflated(GIB2, 15), "deflate")),
    page("raw-deflate-bomb-2-gib", encoded(_deflated(GIB2, -15), "deflate")),
    page("zstd-bomb-2-gib", encoded(zstd_bomb(), "zstd")),
    page("brotli-bomb", encoded(brotli_bomb(), "br")),
    page("bomb-in-a-bomb", encoded(gzip.compress(gzip_bomb()), "gzip, gzip")),
    read("gzip-twice", encoded(_nested(2), "gzip, gzip")),
    page("gzip-three-times", encoded(_nested(3), "gzip, gzip", "gzip")),
    page("a-thousand-encodings", encoded(GOOD, ", ".join(["gzip"] * 1000))),
    page("gzip-cut-off", encoded(gzip.compress(GOOD * 50)[:-40], "gzip")),
    page("gzip-that-is-none", encoded(GOOD, "gzip")),
    page("encoding-unknown", encoded(GOOD, "x-secret")),
    read("encoding-identity", encoded(GOOD, "identity")),
    Case("rules-bomb", {"/robots.txt": encoded(gzip_bomb(), "gzip"), "*": http(board("/ok"))}, posts=frozenset(), state="unreachable"),
    page("pdf-as-html", http(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 4000)),
    page("zip-as-html", http(b"PK\x03\x04" + bytes(range(256)) * 4000)),
    page("png-as-html", http(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4000)),
    page("program-as-html", http(b"\x7fELF\x02\x01\x01" + b"\0" * 5_000_000)),
    read("html-as-picture", http(GOOD, "image/png")),
    read("html-as-script", http(GOOD, "application/javascript")),
    read("html-of-no-kind", http(GOOD, "")),
    page("kind-of-a-novel", http(GOOD, "text/html; charset=" + "x" * 9000), posts=None),
    page("picture-as-picture", http(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4000, "image/png")),
    ]  # fmt: skip
