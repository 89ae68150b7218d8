"""What the publisher sends and remembers: nothing twice, and what vanished is told."""

import asyncio
import threading

import pytest

from crawlers.publisher import NotTaken, Publisher
from crawlers.reading import PageItem, ThreadItem
from crawlers.source import Source
from crawlers.state import CrawlState
from humiao.errors import StoreUnavailable
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from tests.builders import at, make_post

SOURCE = Source.model_validate(
    {"name": "bbs", "family": "discuz", "platform": "bbs", "start": ["https://bbs.example.org/"], "owner": "坂田街道",
     "permission": "公开版块", "rate": {"delay": 1}}
)  # fmt: skip
THREAD = "https://bbs.example.org/t/1"


class Sending:
    """A publisher on a real log, and what it told."""

    def __init__(self, folder) -> None:
        self.settings = Settings(data=folder)
        self.state = CrawlState(folder / "crawl.db")
        self.told = []
        self.failures = 0
        self.stopping = threading.Event()

    def tell(self, happened) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("store: does not answer")
        self.told += happened

    def put(self, *items) -> None:
        async def main() -> None:
            publisher = Publisher(
                lambda: open_log(self.settings), self.state, [SOURCE], self.stopping, lambda: at(hours=1), self.tell,
                commit=lambda _: None,  # these posts come from no kept page
            )  # fmt: skip
            try:
                for item in items:
                    await publisher.put(item)
            finally:
                await publisher.close()

        asyncio.run(main())

    def sent(self) -> list[Post]:
        with open_log(self.settings) as log:
            return [Post.from_json(message.value) for message in log.read(POSTS)]


@pytest.fixture
def sending(tmp_path) -> Sending:
    return Sending(tmp_path)


def page(*posts: Post) -> PageItem:
    return PageItem("bbs", THREAD, posts)


def ended(*gone: str, closed: bool = False) -> ThreadItem:
    return ThreadItem("bbs", THREAD, "1", THREAD, whole=True, gone=gone, closed=closed)


def test_a_post_is_sent_once_for_each_revision(sending):
    first, edited = make_post(), make_post(text="改过了")
    sending.put(page(first), page(first), page(edited), page(edited))
    assert sending.sent() == [first, edited]


def test_what_vanished_is_told_with_its_thread(sending):
    post = make_post()
    sending.put(page(post), ended(post.id, closed=True))
    (told,) = sending.told
    assert (told.post, told.thread, told.thread_gone, told.back, told.at) == (post.id, THREAD, True, False, at(hours=1))
    assert sending.state.live_posts(THREAD) == set()


def test_a_post_that_comes_back_unchanged_is_told_and_not_sent_again(sending):
    post = make_post()
    sending.put(page(post), ended(post.id), page(post))
    assert sending.sent() == [post]
    assert [one.back for one in sending.told] == [False, True]
    assert sending.state.live_posts(THREAD) == {post.id}


def test_a_post_that_comes_back_changed_is_sent(sending):
    post, changed = make_post(), make_post(text="又发了一遍")
    sending.put(page(post), ended(post.id), page(changed))
    assert sending.sent() == [post, changed]


def test_a_store_that_does_not_answer_is_asked_again_before_anything_counts_as_gone(sending):
    post = make_post()
    sending.failures = 2
    sending.put(page(post), ended(post.id))
    assert [one.post for one in sending.told] == [post.id]


def test_stopping_while_the_store_is_away_leaves_the_deletion_for_the_next_reading(sending):
    post = make_post()
    sending.put(page(post))
    sending.failures = 10**6
    sending.stopping.set()
    with pytest.raises(NotTaken):
        sending.put(ended(post.id))
    assert sending.state.live_posts(THREAD) == {post.id}
