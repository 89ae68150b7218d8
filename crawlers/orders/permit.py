"""Whether an ordered page may be asked for at all, and under which source's rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

from crawlers.polite.addresses import is_public
from crawlers.polite.windows import opens_at
from crawlers.source import Rate, Source
from humiao.capture_order import CaptureOrder, Outcome

STRANGER_DELAY: Final = 5.0
"""Seconds between two requests to a site that no source file describes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is not asked for."""

    outcome: Outcome
    detail: str


def permit(order: CaptureOrder, sources: Sequence[Source], now: datetime) -> Source | Refusal:
    """The source whose rules the order is carried out under, or why it is not.

    A host that a source file names is asked as that file says. Any other host only for a patrol's own finding, only at public
    addresses (the guarded resolver sees to names, this to numbers), and none but this host.
    """
    parts = _parts(order.url)
    if isinstance(parts, Refusal):
        return parts
    host, port = (parts.hostname or "").lower(), parts.port
    if known := _known(host, port, sources):
        opens = opens_at(known.windows, known.zone, now)
        if opens > now:
            return Refusal(Outcome.CLOSED, f"the hours of source {known.name} begin at {opens.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
        return known
    if order.why != "finding":
        return Refusal(Outcome.REFUSED, f"{host} is no host of a source; only pages of sources are captured for an alert")
    if _is_number(host) and not is_public(host):
        return Refusal(Outcome.REFUSED, f"{host} is not a public address")
    return Source(
        name="orders",
        family="feed",
        platform=host,
        start=(order.url,),
        owner="the owner of the site (a patrol's finding, no source file)",
        permission="one public page, asked for once by a member of staff",
        rate=Rate(delay=STRANGER_DELAY),
    )


def _parts(url: str) -> SplitResult | Refusal:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return Refusal(Outcome.REFUSED, "is no web address")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return Refusal(Outcome.REFUSED, "only http and https addresses are captured")
    if parts.username or parts.password:
        return Refusal(Outcome.REFUSED, "the address holds a user name or password; nothing is asked for under somebody's name")
    return parts


def _known(host: str, port: int | None, sources: Sequence[Source]) -> Source | None:
    """The source of the host; of several the one that also names the port."""
    of_host = [source for source in sources if host in source.allowed_hosts]
    of_port = [source for source in of_host if any(urlsplit(url).port == port for url in source.start)]
    return next(iter([*of_port, *of_host]), None)


def _is_number(host: str) -> bool:
    """Whether the host is an address rather than a name; also short, octal and hexadecimal forms count."""
    return ":" in host or all(part.isdigit() or part.startswith("0x") for part in host.split(".") if part)
