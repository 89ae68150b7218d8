"""No post is published before the page that shows it is safe on the disk."""

import asyncio
import threading

import pytest

from crawlers.publisher import Publisher
from crawlers.reading import PageItem
from crawlers.state import CrawlState
from humiao.log import open_log
from humiao.post import Post
from tests.crawlers.conftest import published
from tests.crawlers.warc.pages import NOW


def post(number: int, source: str = "demo") -> Post:
    return Post(platform="x", native_id=str(number), text="一句话", ts=NOW, source=source)


def publish(settings, items, commit) -> None:
    async def run() -> None:
        state = CrawlState(settings.data / "crawl.db")
        publisher = Publisher(lambda: open_log(settings), state, [], threading.Event(), commit=commit)
        try:
            await asyncio.gather(*(publisher.put(item) for item in items))
        finally:
            await publisher.close()
            state.close()

    asyncio.run(run())


def test_pages_of_new_posts_are_committed_before_the_posts_are_published(settings):
    steps = []
    items = [PageItem(source, "", (post(number, source),)) for number, source in enumerate(["a", "b", "a"])]
    publish(settings, items, lambda sources: steps.append((sorted(sources), len(published(settings)))))
    assert steps == [(["a", "b"], 0)]  # one commit for all pages that wait
    assert len(published(settings)) == 3


def test_posts_whose_page_the_disk_refuses_are_not_published(settings):
    def refused(sources) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        publish(settings, [PageItem("demo", "", (post(1),))], refused)
    assert not published(settings)


def test_known_posts_need_no_commit(settings):
    commits = []
    item = PageItem("demo", "", (post(1),))
    publish(settings, [item], commits.append)
    publish(settings, [item], commits.append)
    assert commits == [{"demo"}]
