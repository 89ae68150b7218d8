"""Reads RSS and Atom feeds."""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from crawlers.feed_entries import read_feed
from crawlers.spider import SourceSpider


class FeedSpider(SourceSpider):
    """Each entry is a post; a feed says nothing about deletions, because entries leave it by age."""

    name = "feed"

    def read_start(self, response: Response) -> Iterator[Any]:
        """The feed's entries."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        feed = read_feed(response.body, content_type, response.url)
        if feed.trouble:
            self.trouble("feed not read", url=response.url, reason=feed.trouble)
            return
        yield self.page_item(response, "", feed.posts)
