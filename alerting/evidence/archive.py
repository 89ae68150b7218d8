"""The WARC part of a package: kept records after one another, their index (CDXJ) and the list of pages."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from alerting.evidence.capture import Captures
from alerting.evidence.digests import sha256
from humiao.post import Capture, utc_text


@dataclass(frozen=True, slots=True)
class Record:
    """What was kept of one page."""

    capture: Capture
    title: str
    """Of the first post that it proves, or the address of the page that was ordered."""
    operator: str
    """Who had it fetched: an account, or ``system:crawl`` for what the spiders saw by themselves."""
    offset: int
    length: int
    answer: dict[str, Any]
    """Status and media type that the server answered with, as the index names them."""


def gathered(kept: Iterable[tuple[Capture, str, str]], captures: Captures) -> tuple[bytes, list[Record]]:
    """All kept records (capture, title, operator) after one another, each once: a page shows many posts.

    Raises:
        NotFound: one is gone or altered.
    """
    whole = bytearray()
    records: dict[str, Record] = {}
    for capture, title, operator in kept:
        if capture.sha256 not in records:
            content = captures.blob(capture.sha256)
            records[capture.sha256] = Record(capture, title, operator, len(whole), len(content), _answer(content))
            whole += content
    return bytes(whole), list(records.values())


def index(records: Sequence[Record], file: str) -> Iterator[str]:
    """Rows of the CDXJ index of `records` in the archive named `file`."""
    rows = []
    for record in records:
        capture = record.capture
        stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
        fields = {
            "url": capture.url,
            "digest": f"sha256:{capture.payload_sha256}",
            "recordDigest": f"sha256:{capture.sha256}",
            "offset": record.offset,
            "length": record.length,
            "filename": file,
        } | record.answer
        rows.append(f"{_surt(capture.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}")
    yield from sorted(rows)


def pages(alert: str, records: Sequence[Record]) -> Iterator[str]:
    """Rows of ``pages.jsonl``."""
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": f"alert {alert}"})
    for record in records:
        capture = record.capture
        page = {"id": capture.sha256[:16], "url": capture.url, "ts": utc_text(capture.captured_at), "title": record.title}
        yield json.dumps(page, ensure_ascii=False)


def _answer(page: bytes) -> dict[str, Any]:
    """What the index says of the response, which is the first record of what was kept of a page."""
    try:
        records = ArchiveIterator(BytesIO(page))
        head = next(iter(records)).http_headers
        status, kind = str(head.get_statuscode()), str(head.get_header("Content-Type") or "")
        length = records.get_record_length()
    except (ArchiveLoadFailed, StopIteration, AttributeError, EOFError, OSError, ValueError):
        return {"mime": "unk", "status": "-"}  # kept all the same: its hash is what was captured
    return {
        "mime": kind.split(";", maxsplit=1)[0].strip() or "unk",
        "status": status,
        "recordDigest": f"sha256:{sha256(page[:length])}",
        "length": length,
    }


def _surt(url: str) -> str:
    """Sort-friendly form of a URL: ``org,example,bbs)/t/1``."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port and (parts.scheme, parts.port) not in {("http", 80), ("https", 443)} else ""
    return f"{host}{port}){parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
