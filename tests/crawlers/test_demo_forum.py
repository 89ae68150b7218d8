import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from parsel import Selector

from crawlers.demo.content import POSTS_FILE, read_topics
from crawlers.demo.forum import Forum
from crawlers.source_reading import read_sources
from humiao.errors import BadInput, SettingsError
from tests.crawlers.processes import Process
from tests.crawlers.sample import EDITED, LONG, small_forum

START = datetime(2026, 11, 23, 12, 15, 42, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, posts_file: Path, clock: Clock):
    with Forum(tmp_path / "data", posts=posts_file, change_after=10, clock=clock) as forum:
        yield forum


def get(site: Forum, path: str, **headers: str):
    request = urllib.request.Request(site.url + path, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=5)
    except urllib.error.HTTPError as error:
        return error


def page(site: Forum, path: str) -> Selector:
    answer = get(site, path)
    assert answer.status == 200
    return Selector(answer.read().decode())


def test_index_lists_every_board(site):
    index = page(site, "/")
    assert index.css("a.board::attr(href)").getall() == ["/board/chat", "/board/school", "/board/help"]
    assert index.css("a.board::text").getall() == ["街坊闲聊", "校园与家长", "求助打听"]


def test_board_pages_hold_twenty_threads_newest_activity_first(site):
    first, second = page(site, "/board/school"), page(site, "/board/school?page=2")
    links = first.css("a.thread-link::attr(href)").getall()
    assert len(links) == 20
    assert links[:3] == ["/thread/loses", "/thread/s21", "/thread/s20"]
    assert len(second.css("tr.thread")) == 3
    assert first.css("a.next::attr(href)").get() == "/board/school?page=2"
    assert second.css("a.next").get() is None
    assert get(site, "/board/school?page=3").status == 404


def test_thread_pages_hold_ten_posts_with_time_floor_and_quote(site):
    pages = [page(site, f"/thread/long?page={number}") for number in (1, 2, 3)]
    assert [len(one.css("article.post")) for one in pages] == [10, 10, LONG - 20]
    second = pages[0].css("article.post")[1]
    assert second.attrib["id"] == "p2"
    assert second.css("time::text").get() == "2026-11-21 18:16"
    assert second.css("time::attr(title)").get() == "2026-11-21 18:16:42"
    assert second.css(".floor::text").get() == "2楼"
    assert second.css("blockquote::attr(data-parent)").get() == "p1"


def test_what_the_labellers_know_is_on_no_page(site, posts_file):
    for path in ("/", "/board/chat", "/thread/long", "/rss.xml"):
        body = get(site, path).read().decode()
        assert not any(word in body for word in ("bullying", "victim", "sentiment", "stance", "harm"))


def test_edit_and_deletion_happen_after_the_thread_was_read_whole(site, clock):
    page(site, "/thread/long?page=1")
    page(site, "/thread/long?page=2")
    clock.now += timedelta(seconds=60)
    assert EDITED not in get(site, "/thread/long?page=2").read().decode()  # page 3 has not been seen by anybody
    page(site, "/thread/long?page=3")
    clock.now += timedelta(seconds=11)
    edited = page(site, "/thread/long?page=2").css("#p13")
    assert EDITED in edited.css(".body").get()
    assert edited.css(".edited::text").get() == "本帖最后由 街坊5 于 2026-11-23 20:16 编辑"


def test_deleted_post_disappears_and_its_permalink_is_404(site, clock):
    assert page(site, "/thread/loses").css("article::attr(id)").getall() == ["p47", "p48", "p49"]
    assert get(site, "/post/p48").url.endswith("/thread/loses?page=1#p48")
    clock.now += timedelta(seconds=11)
    left = page(site, "/thread/loses").css("article")
    assert [one.attrib["id"] for one in left] == ["p47", "p49"]
    assert left[1].css(".floor::text").get() == "3楼"
    assert get(site, "/post/p48").status == 404


def test_thread_without_posts_is_gone(site, clock):
    page(site, "/thread/vanishes")
    clock.now += timedelta(seconds=11)
    assert get(site, "/thread/vanishes").status == 404
    assert "/thread/vanishes" not in page(site, "/board/help").css("a.thread-link::attr(href)").getall()


@pytest.mark.parametrize(
    "path", ["/nothing", "/thread/none", "/board/none", "/post/p999", "/post/x", "/thread/long?page=9", "/rss/none.xml"]
)
def test_unknown_pages_are_404(site, path):
    assert get(site, path).status == 404


def test_robots_close_members_and_search(site):
    answer = get(site, "/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.read().decode().splitlines() == ["User-agent: *", "Disallow: /member/", "Disallow: /search"]


def test_feed_has_the_newest_threads_with_their_text(site):
    feed = feedparser.parse(get(site, "/rss.xml").read())
    assert len(feed.entries) == 20
    assert feed.entries[0].title == "求助"
    assert feed.entries[0].id == "p51"
    assert feed.entries[0].link == f"{site.url}/post/p51"
    assert "水壶" in feed.entries[0].content[0].value
    assert datetime(*feed.entries[0].published_parsed[:6], tzinfo=UTC) == START - timedelta(minutes=600)
    assert {entry.tags[0].term for entry in feedparser.parse(get(site, "/rss/help.xml").read()).entries} == {"求助打听"}


def test_unchanged_page_is_304_by_either_validator(site):
    first = get(site, "/thread/long")
    assert get(site, "/thread/long", **{"If-None-Match": first.headers["ETag"]}).status == 304
    assert get(site, "/thread/long", **{"If-Modified-Since": first.headers["Last-Modified"]}).status == 304
    assert get(site, "/thread/long", **{"If-None-Match": '"other"'}).status == 200


def test_restart_keeps_times_changes_and_address(tmp_path, posts_file, clock):
    data = tmp_path / "data"
    with Forum(data, posts=posts_file, change_after=10, clock=clock) as site:
        before, address = get(site, "/thread/loses").read(), site.url
    clock.now += timedelta(hours=5)
    with Forum(data, posts=posts_file, change_after=10, clock=clock) as site:
        after = get(site, "/thread/loses").read()
        assert site.url == address
    assert b"p48" in before
    assert b"p48" not in after
    assert Selector(before.decode()).css("time").getall()[::2] == Selector(after.decode()).css("time").getall()


def test_taken_port_is_one_clear_line(tmp_path, posts_file, site):
    with pytest.raises(SettingsError, match=r"--port: \d+ can't be used"):
        Forum(tmp_path / "other", posts=posts_file, port=int(site.url.rpartition(":")[2]))


def test_bad_line_names_file_and_line(tmp_path):
    file = tmp_path / "posts.jsonl"
    small_forum(file)
    file.write_text(file.read_text(encoding="utf-8") + "{oops\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"posts.jsonl:52: is no post"):
        read_topics(file)


def test_command_prints_its_address_writes_sources_and_stops(tmp_path, posts_file):
    with Process("forum", "--posts", str(posts_file), data=tmp_path) as process:
        url = process.first_line().removeprefix("forum ")
        assert urllib.request.urlopen(f"{url}/healthz").read() == b"ok\n"
        sources = read_sources(tmp_path / "sources")
        assert [source.name for source in sources] == ["demo", "demo-feed"]
        assert all(address.startswith(url) for source in sources for address in source.start)
        assert process.stop() < 3
    assert json.loads((tmp_path / "forum.json").read_text())["port"] == int(url.rpartition(":")[2])


def test_shipped_posts_can_all_be_served():
    topics = read_topics(POSTS_FILE)
    posts = [post for topic in topics.values() for post in topic.posts]
    assert len(posts) >= 400
    assert sum(post.edit is not None for post in posts) == sum(post.deleted for post in posts) == 1
    assert all(post.reply_to is None or 0 <= post.reply_to < len(topic.posts) for topic in topics.values() for post in topic.posts)
