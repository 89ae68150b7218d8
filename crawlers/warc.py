# mypy: disable-error-code="no-untyped-call"
"""Fetched pages kept as WARC records, one gzip member each, so that a post can point to the bytes that it was read from."""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import humiao
from humiao.errors import NotFound
from humiao.post import Capture

MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes after which a new file is begun."""
MAX_AGE: Final = 3600.0
"""Seconds after which a new file is begun."""
_BY_TRANSPORT: Final = frozenset({"transfer-encoding", "content-length", "connection"})

HeaderList = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fetched:
    """One exchange with a site."""

    url: str
    method: str
    request_headers: HeaderList
    status: int
    headers: HeaderList
    body: bytes
    """As the server sent it after transfer decoding; a content encoding (gzip) is still on it."""
    protocol: str = "HTTP/1.1"
    ip: str = ""


class WarcFiles:
    """Appends records to files of one source. Thread-safe. Never reopens a file: a record cut off by a kill stays the last one."""

    def __init__(self, folder: Path, source: str, *, max_file: int = MAX_FILE, max_age: float = MAX_AGE) -> None:
        self._folder, self._source, self._max_file, self._max_age = folder, source, max_file, max_age
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._begun: datetime | None = None
        self._name = ""

    def keep(self, fetched: Fetched, now: datetime) -> Capture:
        """Append response and request, flushed to the disk; returns where the response lies. `now` is the time of the answer."""
        date = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        described = {"WARC-Date": date} | ({"WARC-IP-Address": fetched.ip} if fetched.ip else {})
        response = writer.create_warc_record(
            fetched.url, "response", payload=BytesIO(fetched.body), length=len(fetched.body), http_headers=_response_head(fetched),
            warc_headers_dict=described,
        )  # fmt: skip
        record_id = response.rec_headers.get_header("WARC-Record-ID")
        writer.write_record(response)
        member = buffer.getvalue()
        request = writer.create_warc_record(
            fetched.url, "request", http_headers=_request_head(fetched),
            warc_headers_dict={"WARC-Date": date, "WARC-Concurrent-To": record_id},
        )  # fmt: skip
        writer.write_record(request)
        with self._lock:
            offset = self._append(buffer.getvalue(), now)
            name = self._name
        return Capture(
            file=name,
            record_id=record_id.strip("<>"),
            offset=offset,
            length=len(member),
            sha256=hashlib.sha256(member).hexdigest(),
            payload_sha256=hashlib.sha256(fetched.body).hexdigest(),
            url=fetched.url,
            captured_at=now,
        )

    def close(self) -> None:
        """End the file in hand."""
        with self._lock:
            self._end_file()

    def _append(self, content: bytes, now: datetime) -> int:
        if (
            self._file
            and self._begun
            and (self._file.tell() >= self._max_file or (now - self._begun).total_seconds() >= self._max_age)
        ):
            self._end_file()
        file = self._file or self._begin_file(now)
        offset = file.tell()
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        return offset

    def _begin_file(self, now: datetime) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = f"{self._source}-{now.astimezone(UTC):%Y%m%d%H%M%S}-{os.getpid()}"
        number = 1
        while True:
            self._name = f"{stem}.warc.gz" if number == 1 else f"{stem}-{number}.warc.gz"
            try:
                file = (self._folder / self._name).open("xb")
                break
            except FileExistsError:  # two files begun within one second
                number += 1
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        software = {"software": f"humiao/{humiao.__version__}", "format": "WARC File Format 1.1", "isPartOf": self._source}
        writer.write_record(writer.create_warcinfo_record(self._name, software))
        file.flush()
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._file, self._begun = file, now
        return file

    def _end_file(self) -> None:
        if self._file:
            self._file.close()
        self._file = None


def read_capture(folder: Path, capture: Capture) -> Fetched:
    """The exchange's response as it was kept (the request's headers are not read).

    Raises:
        NotFound: the file is gone, or its bytes there no longer have the capture's hash.
    """
    try:
        with (folder / capture.file).open("rb") as file:
            file.seek(capture.offset)
            member = file.read(capture.length)
    except OSError as error:
        raise NotFound(f"{folder / capture.file}: can't be read: {error.strerror}") from error
    if hashlib.sha256(member).hexdigest() != capture.sha256:
        raise NotFound(f"{folder / capture.file}: the record at {capture.offset} was altered or cut off")
    record = next(iter(ArchiveIterator(BytesIO(member), no_record_parse=False)))
    head = record.http_headers
    return Fetched(
        url=capture.url,
        method="GET",
        request_headers=(),
        status=int(head.get_statuscode()),
        headers=tuple(head.headers),
        body=record.raw_stream.read(),
        protocol=head.protocol,
    )


def _response_head(fetched: Fetched) -> StatusAndHeaders:
    """Headers as received, except that the body stands here without transfer encoding and its length is stated."""
    kept = [(name, value) for name, value in fetched.headers if name.lower() not in _BY_TRANSPORT]
    kept.append(("Content-Length", str(len(fetched.body))))
    return StatusAndHeaders(f"{fetched.status} {responses.get(fetched.status, '')}".strip(), kept, protocol=fetched.protocol)


def _request_head(fetched: Fetched) -> StatusAndHeaders:
    url = urlsplit(fetched.url)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    headers = list(fetched.request_headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", url.netloc.rpartition("@")[2]))
    return StatusAndHeaders(f"{fetched.method} {target} HTTP/1.1", headers, is_http_request=True)
