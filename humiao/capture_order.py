"""Orders to capture a page now, and what came of them: written by the console, carried out by the crawl stage.

Both travel as notes of the store under the same key, so that neither stage knows the other.
"""

import hashlib
from enum import StrEnum
from typing import Final

from pydantic import Field

from humiao.post import Capture, Frozen, Time, utc_text

ORDERS: Final = "capture-order"
"""Kind of the notes that hold a `CaptureOrder`."""
RESULTS: Final = "capture"
"""Kind of the notes that hold a `CaptureResult`; dropped once the alert has it."""
_ID: Final = "^([0-9a-f]{32})?$"
_SHA256: Final = "^[0-9a-f]{64}$"


class CaptureOrder(Frozen):
    """Somebody wants a page captured."""

    url: str = Field(min_length=1, max_length=4000)
    asked_by: str = Field(min_length=1, max_length=200)
    """Account name: the operator of the capture."""
    asked_at: Time
    why: str = Field(max_length=200)
    """``alert`` or ``finding``."""
    alert: str = Field(default="", pattern=_ID)
    """The alert that it is for."""
    post: str = Field(default="", pattern=_ID)
    """The post whose page it is; an alert that it leads to gets the result."""
    screenshot: bool = True
    """False where no picture may be made (child sexual imagery): then nothing but the page's text is fetched."""

    claimed_by: str = ""
    """The crawl process that is at it."""
    claimed_until: Time | None = None
    """From then on another process may take it (UTC)."""
    attempts: int = Field(default=0, ge=0)
    """How often it was begun."""


class Outcome(StrEnum):
    """What came of an order."""

    CAPTURED = "captured"
    """The page is kept, whatever its status: "gone" is evidence too."""
    ROBOTS_FORBIDDEN = "robots_forbidden"
    LOGIN_WALL = "login_wall"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """We may not ask: no web address, an address that is not public, or one that leads to another host."""
    CLOSED = "closed"
    """Outside of the hours that the source file allows."""
    FAILED = "failed"
    """Something broke on our side; `detail` says what."""


class NoPicture(StrEnum):
    """Why there is no screenshot."""

    NOT_WANTED = "not_wanted"
    NO_PAGE = "no_page"
    """There was no page to show: see the outcome."""
    NOT_A_PAGE = "not_a_page"
    """The address answers with a file, not with a page."""
    NO_BROWSER = "no_browser"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    TOO_LARGE = "too_large"


class Screenshot(Frozen):
    """A picture of the page as a visitor without an account sees it."""

    sha256: str = Field(pattern=_SHA256)
    """Of the PNG, which is in the blob store under this name."""
    bytes: int = Field(ge=0)
    width: int
    height: int
    cut: bool
    """The page is longer than the picture."""
    scripts: bool
    """False: the page's scripts kept the browser busy, so it is shown without them."""
    started_at: Time
    ended_at: Time
    browser: str
    """Name and version."""
    viewport: str
    """``WIDTHxHEIGHT`` in CSS pixels."""


class PageImage(Frozen):
    """A picture within the page: what recognises it, never the picture itself."""

    url: str
    sha256: str = Field(pattern=_SHA256)
    phash: str = ""
    """Perceptual hash, 16 hex digits; empty if it could not be decoded."""
    bytes: int = Field(ge=0)
    width: int = 0
    height: int = 0


class CaptureResult(Frozen):
    """What came of an order. All times are UTC."""

    order: CaptureOrder
    outcome: Outcome
    detail: str = Field(default="", max_length=500)
    """What shows it, in the site's or our own words."""
    started_at: Time
    ended_at: Time
    crawler: str
    """The crawl process that did it."""
    software: str
    final_url: str = ""
    redirects: tuple[str, ...] = ()
    """Addresses on the way from the one asked to the final one."""
    status: int = 0
    """Of the final answer."""
    records: tuple[Capture, ...] = ()
    """WARC records of the way to the page, the page's own last; their bytes are in the blob store under `sha256`."""
    screenshot: Screenshot | None = None
    no_picture: NoPicture | None = None
    """Why `screenshot` is missing."""
    images: tuple[PageImage, ...] = ()
    left_out: tuple[str, ...] = ()
    """Hosts whose parts of the page were not loaded, since only the page's own may be asked."""


def order_key(*parts: str) -> str:
    """Deterministic key of an order: first 32 hex digits of SHA-256 over the parts."""
    return hashlib.sha256("\x1f".join((ORDERS, *parts)).encode()).hexdigest()[:32]


def key_for_alert(order: CaptureOrder) -> str:
    """Key of an order for an alert: asking again later is another order."""
    return order_key(order.alert, order.url, utc_text(order.asked_at))
