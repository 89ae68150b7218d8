"""Look at a source before it runs: one page, politely, and what would be collected from it."""

import tempfile
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner

from crawlers.polite.addresses import Named
from crawlers.polite.hosts import Hosts
from crawlers.polite.resolver import install, proxy_hosts
from crawlers.publisher import Item
from crawlers.reading import PageItem
from crawlers.source import Source
from crawlers.stage import one_pass, run_in_reactor
from crawlers.state import CrawlState
from crawlers.visit import Visit
from crawlers.warc import WarcFiles
from humiao.post import Post
from humiao.settings import Settings


class _Shown:
    """A sink that only remembers."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    async def put(self, item: Item) -> None:
        if isinstance(item, PageItem):
            self.posts += item.posts


def sample(sources: list[Source], settings: Settings) -> dict[str, tuple[list[Post], bool]]:
    """Per source the posts of its first thread's first page (or feed), and whether reading went without trouble.

    Obeys robots.txt and the rate; publishes nothing and keeps nothing.
    """
    results: dict[str, tuple[list[Post], bool]] = {}

    async def main() -> None:
        runner, hosts = AsyncCrawlerRunner({}), Hosts()
        install(Named(sources, proxies=proxy_hosts()))
        with tempfile.TemporaryDirectory() as folder:
            state = CrawlState(Path(folder) / "crawl.db")
            for source in sources:
                sink, archive = _Shown(), WarcFiles(Path(folder), source.name)
                visit = Visit(source, state, Path(folder), archive, sink, sample=True, hosts=hosts)
                found = await one_pass(runner, visit, settings)
                archive.close()
                results[source.name] = (sink.posts, found.complete)
            state.close()

    run_in_reactor(main)
    return results
