"""Sitemaps (sitemaps.org), news sitemaps, their indexes, and the line of robots.txt that announces them."""

import re
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from lxml import etree
from scrapy.utils.gz import gunzip

from crawlers.reading import ListedThread
from crawlers.web_address import absolute

MOST_BYTES: Final = 50 * 1024 * 1024
"""The protocol's limit of an uncompressed sitemap."""
MOST_ENTRIES: Final = 100_000
"""Twice the protocol's limit of one sitemap."""
GZIP: Final = b"\x1f\x8b\x08"
_ROBOTS: Final = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_ROOT: Final = re.compile(
    rb"^(?:\xef\xbb\xbf)?(?:<!--(?:(?!-->).)*-->|<\?[^>]*>|\s)*<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.DOTALL
)
_LINES: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:https?://\S+(?:\s+|$))+$")
_START: Final = 4096


@dataclass(frozen=True)
class Sitemap:
    """What one says, the latest first."""

    maps: tuple[str, ...] = ()
    threads: tuple[ListedThread, ...] = ()
    trouble: str = ""


@dataclass
class _Entry:
    url: str = ""
    times: list[str] = field(default_factory=list)


def read_sitemap(body: bytes, url: str, hosts: frozenset[str]) -> Sitemap | None:
    """The sitemap `body`, with what lies on one of `hosts`; None = it is none.

    Args:
        body: XML, text with an address in each line, either gzipped, or a robots.txt.
        url: where it came from.
        hosts: host names without port.
    """
    if body.startswith(GZIP):
        try:
            body = gunzip(body, max_size=MOST_BYTES)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            return Sitemap(trouble=f"compressed sitemap can't be read: {type(error).__name__}")
    if _ROOT.match(body[:_START]):
        return _read_xml(body, url, hosts)
    if urlsplit(url).path == "/robots.txt":
        announced = (absolute(url, found.decode("utf-8", "replace")) for found in _ROBOTS.findall(body))
        return Sitemap(maps=tuple(address for address in dict.fromkeys(announced) if urlsplit(address).hostname in hosts))
    if _LINES.match(body[:_START].rpartition(b"\n")[0] or body[:_START]):
        addresses = body.decode("utf-8-sig", "replace").split()
        return Sitemap(
            threads=tuple(ListedThread(one) for one in dict.fromkeys(addresses) if urlsplit(absolute(url, one)).hostname in hosts)
        )
    return None


def _read_xml(body: bytes, url: str, hosts: frozenset[str]) -> Sitemap:
    maps: dict[str, _Entry] = {}
    pages: dict[str, _Entry] = {}
    entry, seen = _Entry(), 0
    elements = etree.iterparse(
        BytesIO(body), recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, events=("end",)
    )
    try:
        for _, element in elements:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "loc" and not entry.url:  # a picture within has one too, after the page's own
                entry.url = absolute(url, (element.text or "").strip())
            elif name in {"lastmod", "publication_date"} and element.text:
                entry.times.append(element.text.strip())
            elif name in {"url", "sitemap"}:
                if urlsplit(entry.url).hostname in hosts:
                    (pages if name == "url" else maps)[entry.url] = entry
                entry, seen = _Entry(), seen + 1
                if seen > MOST_ENTRIES:
                    return Sitemap(trouble=f"sitemap has more than {MOST_ENTRIES} entries")
                _forget(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not maps and not pages:
            return Sitemap(trouble=f"sitemap can't be read: {type(error).__name__}")
    newest = sorted(pages.values(), key=_latest, reverse=True)
    threads = tuple(ListedThread(one.url, " ".join(one.times)) for one in newest)
    return Sitemap(tuple(one.url for one in sorted(maps.values(), key=_latest, reverse=True)), threads)


def _forget(element: etree._Element) -> None:
    """Frees what was read: an emptied element that stays in the tree would still take its place in memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _latest(entry: _Entry) -> str:
    return max(entry.times, default="")  # ISO 8601: near enough without regard to offsets
