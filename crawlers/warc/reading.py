# mypy: disable-error-code="no-untyped-call"
"""Reading back what a capture points to."""

import hashlib
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from crawlers.warc.exchange import Fetched
from humiao.errors import NotFound
from humiao.post import Capture


def read_capture(folder: Path, capture: Capture) -> Fetched:
    """The exchange as it was kept; its circumstances (when asked, redirects, certificate) are not read.

    Raises:
        NotFound: the file is gone, or its bytes there no longer have the capture's hash.
    """
    file = folder / capture.file
    try:
        with file.open("rb") as stream:
            stream.seek(capture.offset)
            span = stream.read(capture.length)
    except OSError as error:
        raise NotFound(f"{file}: can't be read: {error.strerror}") from error
    if hashlib.sha256(span).hexdigest() != capture.sha256:
        raise NotFound(f"{file}: the record at {capture.offset} was altered or cut off")
    record = next(iter(ArchiveIterator(BytesIO(span), no_record_parse=False)))
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
