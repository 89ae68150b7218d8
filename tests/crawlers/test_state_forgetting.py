"""The crawl state does not grow for ever, and forgets nothing that a list may still show."""

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.state import CrawlState
from crawlers.state_forgetting import LOOSE_POSTS, forget
from humiao.post import Post

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=40)


@pytest.fixture
def state(tmp_path):
    opened = CrawlState(tmp_path / "crawl.db")
    yield opened
    opened.close()


def post(id: str, at: datetime) -> Post:
    return Post(platform="p", native_id=id, text="一句话", ts=at, source="one")


def read(state: CrawlState, url: str, at: datetime, due: datetime | None = None) -> None:
    state.acknowledge([(url, post(url, at))], NOW)
    state.thread_read("one", url, "1", url, due)


def known(state: CrawlState, *urls: str) -> list[str]:
    return [url for url in urls if state.thread(url, NOW)]


def test_only_threads_that_are_old_unlisted_and_looked_at_no_more_are_forgotten(state):
    read(state, "old", LONG_AGO)
    read(state, "old but listed", LONG_AGO)
    read(state, "old but due", LONG_AGO, NOW + timedelta(days=1))
    read(state, "young", NOW - timedelta(days=20))
    state.thread_gone("one", "gone long ago", LONG_AGO)
    state.thread_gone("one", "gone lately", NOW)
    assert forget(state, "one", {"old but listed"}, NOW) == 2
    assert known(state, "old", "old but listed", "old but due", "young") == ["old but listed", "old but due", "young"]
    assert state.revisions([post("old", LONG_AGO).id]) == {}
    assert len(state.revisions([post(url, NOW).id for url in ("old but listed", "old but due", "young")])) == 3
    assert forget(state, "one", {"old but listed"}, NOW) == 0


def test_feeds_remember_their_latest_posts_however_old(state):
    state.acknowledge([("", post(f"f{n}", LONG_AGO + timedelta(seconds=n))) for n in range(LOOSE_POSTS + 7)], NOW)
    forget(state, "one", (), NOW)
    assert state.revisions([post(f"f{n}", NOW).id for n in range(7)]) == {}
    assert len(state.revisions([post(f"f{n}", NOW).id for n in range(7, LOOSE_POSTS + 7)])) == LOOSE_POSTS


def test_another_source_is_left_alone(state):
    read(state, "old", LONG_AGO)
    forget(state, "two", (), NOW)
    assert known(state, "old") == ["old"]
