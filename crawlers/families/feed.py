"""RSS, Atom and JSON feeds."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.feed_entries import Feed, read_feed
from crawlers.feed_text import decode_feed
from crawlers.json_feed import read_json_feed
from crawlers.reading import Reading
from crawlers.source import Source

_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class FeedFamily(Family):
    """Each entry is a post; a feed says nothing about deletions, because entries leave it by age."""

    name = "feed"

    def recognises(self, page: TextResponse) -> bool:
        """By the content itself."""
        return not _read(page, "", ZoneInfo("UTC"), datetime.now(UTC)).trouble

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:
        """The feed's entries; `more`: its next page, should it have pages."""
        if page.status in _GONE:
            return Reading(gone=True)
        feed = _read(page, source.encoding or "", source.zone, now)
        return Reading(posts=feed.posts, more=(feed.more,) if feed.more else (), trouble=feed.trouble)

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A feed has no threads."""
        raise NotImplementedError


def _read(page: TextResponse, encoding: str, zone: ZoneInfo, now: datetime) -> Feed:
    content_type = f"charset={encoding}" if encoding else (page.headers.get("Content-Type") or b"").decode("latin-1")
    if page.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return read_json_feed(decode_feed(page.body, content_type).lstrip("\ufeff"), page.url, zone, now)
    return read_feed(page.body, content_type, page.url, zone, now)
