"""What crawl.py compares with: Scrapy as it comes, parsing the same pages and nothing else.

``python benchmarks/bare_spider.py SOURCES``: no robots.txt, capture, state, publishing or limits; as many requests at once
as the crawl stage makes. Prints the number of posts read.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

from crawlers.families.html import Html
from crawlers.source import Source
from crawlers.source_reading import read_sources


class Bare(Spider):
    name = "bare"

    def __init__(self, sources: list[Source], **kwargs):
        super().__init__(**kwargs)
        self.sources, self.family, self.posts = sources, Html(), 0

    async def start(self):
        for source in self.sources:
            for url in source.start:
                yield Request(url, self.read_list, priority=10, cb_kwargs={"source": source})

    def read_list(self, response, source):
        reading = self.family.read_list(response, source, datetime.now(UTC))
        for thread in reading.threads:
            yield Request(thread.url, self.read_thread, cb_kwargs={"source": source})
        for url in reading.more[:1]:
            yield Request(url, self.read_list, priority=10, cb_kwargs={"source": source})

    def read_thread(self, response, source):
        reading = self.family.read_thread(response, source, datetime.now(UTC), first="page=" not in response.url)
        self.posts += len(reading.posts)
        for url in reading.more[:1]:
            yield Request(url, self.read_thread, priority=5, cb_kwargs={"source": source})


def main() -> None:
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 2 * len(list(Path(sys.argv[1]).glob("*.yaml"))),
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": False,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    crawler = process.create_crawler(Bare)
    process.crawl(crawler, sources=read_sources(Path(sys.argv[1])))
    process.start()
    print(crawler.spider.posts)


if __name__ == "__main__":
    main()
