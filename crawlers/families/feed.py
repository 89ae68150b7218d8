"""RSS and Atom feeds."""

from datetime import datetime

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.feed_entries import read_feed
from crawlers.reading import Reading
from crawlers.source import Source


class FeedFamily(Family):
    """Each entry is a post; a feed says nothing about deletions, because entries leave it by age."""

    name = "feed"

    def recognises(self, page: TextResponse) -> bool:
        """By the content itself."""
        return not read_feed(page.body, _content_type(page), page.url).trouble

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """The feed's entries."""
        feed = read_feed(page.body, _content_type(page), page.url)
        return Reading(posts=tuple(feed.posts), trouble=feed.trouble)

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A feed has no threads."""
        raise NotImplementedError


def _content_type(page: TextResponse) -> str:
    return (page.headers.get("Content-Type") or b"").decode("latin-1")
