"""Item pipeline: an item counts as processed when its sink says that it has had its lasting effect."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawlers.publisher import Item, NotTaken, Sink


class SinkPipeline:
    """Waiting here holds further downloads back, so a log that does not answer slows the spider instead of filling memory."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler.spider.visit.sink)  # type: ignore[union-attr]

    async def process_item(self, item: Item) -> Item:
        """Hand the item over and wait."""
        try:
            await self._sink.put(item)
        except NotTaken as error:
            raise DropItem(f"stopping; it will be read again ({error})") from error
        return item
