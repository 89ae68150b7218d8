"""WARC 1.1 records of an exchange (ISO 28500:2017), one gzip member each.

Written here rather than by warcio, which knows SHA-1 and the slowest compression only, and takes twice as long. Digests are
SHA-256 in hex, so that they can be compared with `Capture` by eye.
"""

import hashlib
import platform
import socket
import uuid
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from http.client import responses
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

import humiao
from crawlers.warc.exchange import Fetched, HeaderList
from humiao.post import Capture

LEVEL: Final = 3
"""Of gzip: 9% more bytes than the usual 6 in two thirds of its time; most bodies come compressed anyway."""
NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_BY_TRANSPORT: Final = frozenset({"transfer-encoding", "content-length", "connection"})
_FIELDS: Final = "application/warc-fields"


def warcinfo(name: str, source: str, now: datetime) -> bytes:
    """The record that begins a file: who made it, with what."""
    fields = (
        ("software", _software()),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("isPartOf", source),
        ("hostname", socket.gethostname()),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}, Python {platform.python_version()}"),
        ("loginState", "none: no account, no cookie"),
    )
    return _member("warcinfo", _new_id(), now, [("WARC-Filename", name)], _FIELDS, _lines(fields))


def kept_in_full(fetched: Fetched, now: datetime) -> tuple[str, bytes]:
    """Response, request and metadata as three members, and the response's record id; `now` is the time of the answer."""
    response = _new_id()
    described = _target(fetched, _sha256(fetched.body))
    head = _head(f"{fetched.protocol} {fetched.status} {responses.get(fetched.status, '')}".rstrip(), _received(fetched))
    record = _member("response", response, now, described, "application/http; msgtype=response", head + fetched.body)
    beside = [("WARC-Target-URI", fetched.url), ("WARC-Concurrent-To", f"<{response}>")]
    metadata = _member("metadata", _new_id(), now, beside, _FIELDS, _lines(_circumstances(fetched, now)))
    return response, record + _request(fetched, response, now) + metadata


def revisit(fetched: Fetched, original: Capture, now: datetime) -> bytes:
    """A revisit record and its request: at `now` the page had the content that `original` holds."""
    id = _new_id()
    described = [
        *_target(fetched, original.payload_sha256),
        ("WARC-Profile", NOT_MODIFIED if fetched.status == HTTPStatus.NOT_MODIFIED else IDENTICAL),
        ("WARC-Refers-To", f"<{original.record_id}>"),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", warc_date(original.captured_at)),
    ]
    head = _head(f"{fetched.protocol} {fetched.status} {responses.get(fetched.status, '')}".rstrip(), _received(fetched))
    record = _member("revisit", id, now, described, "application/http; msgtype=response", head)
    return record + _request(fetched, id, now)


def warc_date(instant: datetime) -> str:
    """As WARC 1.1 writes it, to the microsecond."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _target(fetched: Fetched, payload_sha256: str) -> list[tuple[str, str]]:
    described = [("WARC-Target-URI", fetched.url), ("WARC-Payload-Digest", f"sha256:{payload_sha256}")]
    return [*described, ("WARC-IP-Address", fetched.ip)] if fetched.ip else described


def _request(fetched: Fetched, answer: str, now: datetime) -> bytes:
    url = urlsplit(fetched.url)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    headers = list(fetched.request_headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", url.netloc.rpartition("@")[2]))
    head = _head(f"{fetched.method} {target} HTTP/1.1", headers)
    described = [
        ("WARC-Target-URI", fetched.url),
        ("WARC-Concurrent-To", f"<{answer}>"),
        ("WARC-Payload-Digest", f"sha256:{_sha256(b'')}"),
    ]
    return _member("request", _new_id(), now, described, "application/http; msgtype=request", head)


def _circumstances(fetched: Fetched, now: datetime) -> Iterable[tuple[str, str]]:
    """What neither request nor response say."""
    yield "software", _software()
    if fetched.asked_at:
        yield "fetchTimeMs", str(round((now - fetched.asked_at).total_seconds() * 1000))
        yield "askedAt", warc_date(fetched.asked_at)
    yield "answeredAt", warc_date(now)
    if fetched.redirects:
        yield "via", fetched.redirects[-1]
        for address in fetched.redirects:
            yield "redirectedFrom", address
    if fetched.certificate_sha256:
        yield "tlsCertificateSha256", fetched.certificate_sha256


def _member(kind: str, id: str, now: datetime, described: HeaderList, content: str, block: bytes) -> bytes:
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{id}>"),
        ("WARC-Date", warc_date(now)),
        *described,
        ("Content-Type", content),
        ("WARC-Block-Digest", f"sha256:{_sha256(block)}"),
        ("Content-Length", str(len(block))),
    ]
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(b"WARC/1.1\r\n" + _lines(fields) + b"\r\n" + block + b"\r\n\r\n") + packer.flush()


def _received(fetched: Fetched) -> HeaderList:
    """Headers as received, except that the body stands here without transfer encoding and its length is stated."""
    kept = [(name, value) for name, value in fetched.headers if name.lower() not in _BY_TRANSPORT]
    return kept if fetched.status == HTTPStatus.NOT_MODIFIED else [*kept, ("Content-Length", str(len(fetched.body)))]


def _head(first: str, headers: HeaderList) -> bytes:
    return f"{first}\r\n{_lined(headers)}\r\n".encode("latin-1", "replace")


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return _lined(tuple(fields)).encode()


def _lined(fields: HeaderList) -> str:
    """One line each: a site can't begin a line of its own in a record."""
    text = "".join([f"{name}: {value}\r\n" for name, value in fields])
    if text.count("\n") == text.count("\r") == len(fields):
        return text
    return "".join(f"{_one_line(name)}: {_one_line(value)}\r\n" for name, value in fields)


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _software() -> str:
    return f"humiao/{humiao.__version__} Scrapy/{version('scrapy')} Twisted/{version('twisted')}"
