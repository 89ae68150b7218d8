"""What a kept page says of its way here: addresses, server, certificate, headers, times. Read from the WARC records alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from alerting.evidence.digests import sha256
from humiao.post import Capture, utc_text

Pairs = list[tuple[str, str]]


def facts(page: bytes, capture: Capture, operator: str) -> dict[str, Any]:
    """The network facts of what was kept of one page; a field that the records do not tell is absent.

    ``clock_offset_seconds`` is the server's ``Date`` header less our time of the answer: how far the two clocks stood apart, to the
    second that the header gives. It is no proof of either clock; time stamps are.
    """
    found: dict[str, Any] = {
        "record": capture.record_id,
        "sha256": sha256(page),
        "url": capture.url,
        "captured_at": utc_text(capture.captured_at),
        "operator": operator,
        "login": "none",
    }
    try:
        for record in ArchiveIterator(BytesIO(page)):
            if record.rec_type == "response":
                found |= _response(record)
            elif record.rec_type == "request":
                found["request"] = f"{record.http_headers.protocol} {record.http_headers.statusline}" if record.http_headers else ""
                found["request_headers"] = _headers(record)
            elif record.rec_type == "metadata":
                found |= _circumstances(record.content_stream().read())
    except (ArchiveLoadFailed, EOFError, OSError, ValueError):
        found["unreadable"] = True  # kept all the same: its hash is what was captured
    if (offset := _offset(found)) is not None:
        found["clock_offset_seconds"] = offset
    return found


def _response(record: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"response_headers": _headers(record)}
    if record.http_headers:
        told["status"] = record.http_headers.statusline
    if ip := record.rec_headers.get_header("WARC-IP-Address"):
        told["ip"] = ip
    return told


def _circumstances(block: bytes) -> dict[str, Any]:
    pairs: Pairs = []
    for line in block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(": ")
        if colon:
            pairs.append((name, value))
    names = {
        "software": "software",
        "askedAt": "asked_at",
        "answeredAt": "answered_at",
        "tlsCertificateSha256": "certificate_sha256",
    }
    told: dict[str, Any] = {names[name]: value for name, value in pairs if name in names}
    if redirects := [value for name, value in pairs if name == "redirectedFrom"]:
        told["redirected_from"] = redirects
    return told


def _headers(record: Any) -> list[list[str]]:
    return [[name, value] for name, value in record.http_headers.headers] if record.http_headers else []


def _offset(found: dict[str, Any]) -> float | None:
    dates = [value for name, value in found.get("response_headers", []) if name.lower() == "date"]
    try:
        answered = datetime.fromisoformat(str(found.get("answered_at", found["captured_at"])))
        served = parsedate_to_datetime(dates[0])
        return round((served.astimezone(UTC) - answered).total_seconds(), 3)
    except (IndexError, ValueError, TypeError, OverflowError):
        return None
