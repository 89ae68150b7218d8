"""One exchange with a site, as far as a fetch without a browser can testify to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

HeaderList = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fetched:
    """A request and its answer."""

    url: str
    method: str
    request_headers: HeaderList
    status: int
    headers: HeaderList
    body: bytes
    """As the server sent it after transfer decoding; a content encoding (gzip) is still on it."""
    protocol: str = "HTTP/1.1"
    ip: str = ""
    """Of the server."""
    asked_at: datetime | None = None
    """When the request was sent; None = not known."""
    redirects: tuple[str, ...] = ()
    """Addresses that led here, the one first asked for at the front."""
    certificate_sha256: str = ""
    """Of the server's TLS certificate (DER), as hex; empty without TLS."""
