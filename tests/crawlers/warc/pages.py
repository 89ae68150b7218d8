"""Exchanges to keep, and what a WARC file holds."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from crawlers.warc import Fetched

NOW = datetime(2026, 11, 23, 12, 15, 42, 123456, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BODY = gzip.compress("<p>网页</p>".encode(), mtime=0)
PAGE = Fetched(
    url="http://forum.example/thread/1?page=2",
    method="GET",
    request_headers=(("User-Agent", "humiao/0"),),
    status=200,
    headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")),
    body=BODY,
    ip="192.0.2.1",
    asked_at=NOW - timedelta(milliseconds=250),
)


def page(number: int, body: bytes | None = None) -> Fetched:
    return replace(PAGE, url=f"http://forum.example/thread/{number}", body=BODY if body is None else body)


def records(file: Path) -> list[tuple[str, dict[str, str], bytes]]:
    """Kind, fields and payload of each record; every digest is checked."""
    with file.open("rb") as stream:
        iterator = ArchiveIterator(stream, check_digests="raise")
        return [(record.rec_type, dict(record.rec_headers.headers), record.raw_stream.read()) for record in iterator]


def on_disk(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.exists() else 0
