"""The crawl stage as a process, against the real forum process, on the embedded log."""

import gzip
import json
import shutil
import sqlite3
import urllib.request
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from parsel import Selector
from warcio.archiveiterator import ArchiveIterator

from crawlers.page_text import element_text
from crawlers.warc import read_capture
from tests.crawlers.conftest import published
from tests.crawlers.processes import Process, until
from tests.crawlers.sample import EDITED


def crawl(settings, *arguments: str, **environment: str) -> Process:
    return Process("crawl", *arguments, data=settings.data, HUMIAO_CRAWL__INTERVAL="1", **environment)


def crawl_once(settings, *arguments: str) -> Process:
    with crawl(settings, "--once", *arguments) as process:
        assert process.wait() == 0, "".join(process.err)
        return process


def passes(process: Process) -> int:
    return sum('"pass"' in line and '"demo"' in line for line in process.err)


def fetched_urls(settings) -> list[str]:
    urls = []
    for file in sorted((settings.data / "warc").iterdir()):
        with file.open("rb") as stream:
            urls += [r.rec_headers["WARC-Target-URI"] for r in ArchiveIterator(stream) if r.rec_type == "response"]
    return urls


def test_every_visible_post_reaches_the_log_once(forum, settings, rows):
    crawl_once(settings)
    posts = {post.native_id: post for post in published(settings)}
    assert Counter(post.native_id for post in published(settings)) == Counter(row["native_id"] for row in rows)
    started = datetime.fromisoformat(json.loads((settings.data / "forum.json").read_text())["started_at"])
    thread_starts: dict[str, dict] = {}
    by_thread: dict[str, list[dict]] = {}
    for row in rows:
        post = posts[row["native_id"]]
        first = thread_starts.setdefault(row["thread"], row) is row
        by_thread.setdefault(row["thread"], []).append(row)
        assert (post.text, post.author) == (row["text"], row["author"])
        assert post.title == (row["title"] if first else "")
        assert (started - post.ts).total_seconds() == row["minutes"] * 60
        answered = by_thread[row["thread"]][row["reply_to"]]["native_id"] if row["reply_to"] is not None else ""
        assert post.reply_to == answered
        assert post.url == f"{forum}/post/{post.native_id}"
        assert (post.platform, post.place) == ("demo-forum", "坂田街道")


def test_captures_lead_to_the_page_that_was_read(forum, settings):
    crawl_once(settings)
    for post in published(settings):
        page = read_capture(settings.data / "warc", post.capture)  # refuses bytes with another hash
        html = Selector(gzip.decompress(page.body).decode())
        if "rss" in post.capture.url:
            assert post.native_id in gzip.decompress(page.body).decode()
        else:
            assert element_text(html.css(f"#{post.native_id} .body")[0], ["blockquote"]) == post.text
        assert post.capture.captured_at <= post.fetched_at


def test_robots_are_obeyed_and_no_page_is_fetched_twice(forum, settings):
    source = settings.data / "sources/demo.yaml"
    content = source.read_text(encoding="utf-8")
    source.write_text(
        content.replace(f"start: [{forum}/]", f"start: [{forum}/, {forum}/search, {forum}/member/x]"), encoding="utf-8"
    )
    with crawl(settings, "--once") as process:
        assert process.wait() == 1, "".join(process.err)  # a start page that may not be read makes the pass incomplete
    urls = fetched_urls(settings)
    assert not [url for url in urls if "/member/" in url or "/search" in url]
    assert len(published(settings)) == 51
    assert Counter(urls)[f"{forum}/thread/long"] == 1
    refused = [json.loads(line) for line in process.err if "start page not allowed" in line]
    assert {line["url"] for line in refused} == {f"{forum}/search", f"{forum}/member/x"}


def test_honest_name_and_no_cookies_are_sent(forum, settings):
    crawl_once(settings, "--source", "demo-feed")
    (file,) = (settings.data / "warc").iterdir()
    with file.open("rb") as stream:
        heads = [record.http_headers for record in ArchiveIterator(stream) if record.rec_type == "request"]
    assert {head.get_header("User-Agent") for head in heads} == {"humiao/0.1.0 (+demo@localhost)"}
    assert not any(head.get_header("Cookie") for head in heads)


def test_second_pass_publishes_nothing_and_stores_no_page_again(forum, settings):
    crawl_once(settings)
    before, pages = published(settings), fetched_urls(settings)
    crawl_once(settings)
    assert published(settings) == before
    assert fetched_urls(settings) == pages


def test_pages_whose_record_is_gone_are_fetched_in_full_again(forum, settings):
    crawl_once(settings)
    pages = fetched_urls(settings)
    shutil.rmtree(settings.data / "warc")
    crawl_once(settings)
    assert len(published(settings)) == 51
    further_lists = {url for url in pages if "/board/" in url and "page=" in url}  # nothing new above, so these rest
    assert set(pages) - further_lists <= set(fetched_urls(settings)) <= set(pages)


def test_edit_becomes_a_revision_and_deletions_are_noted(changing_forum, settings):
    with crawl(settings) as process:
        metrics = process.first_line().removeprefix("metrics ")
        until(lambda: sum('"post gone"' in line for line in process.err) >= 2, 40)
        until(lambda: passes(process) >= 2, 40)
        numbers = urllib.request.urlopen(metrics).read().decode()
    edits = [post for post in published(settings) if post.native_id == "p13"]
    assert [post.text == EDITED for post in edits] == [False, True]
    assert edits[0].id == edits[1].id
    assert edits[0].revision != edits[1].revision
    assert edits[0].fetched_at < edits[1].fetched_at
    by_id = {post.id: post.native_id for post in published(settings)}
    gone = [json.loads(line) for line in process.err if '"post gone"' in line]
    assert {by_id[line["post"]] for line in gone} == {"p48", "p50"}
    assert 'humiao_posts_gone_total{source="demo"} 2.0' in numbers
    assert 'humiao_posts_crawled_total{source="demo"}' in numbers
    with sqlite3.connect(settings.data / "crawl.db") as db:
        assert {by_id[id] for (id,) in db.execute("SELECT id FROM posts WHERE gone_at IS NOT NULL")} == {"p48", "p50"}
    assert len(published(settings)) == 52  # 51 posts and one revision; what was captured stays


def test_kill_at_any_moment_loses_nothing(forum, settings, rows):
    for wanted in (1, 20, 35):
        with crawl(settings) as process:
            process.first_line()
            until(lambda wanted=wanted: (settings.data / "log.db").exists() and len(published(settings)) >= wanted, 40)
            process.kill()
    crawl_once(settings)
    assert {post.native_id for post in published(settings)} == {row["native_id"] for row in rows}
    for post in published(settings):
        read_capture(settings.data / "warc", post.capture)


def test_stops_soon_and_cleanly_when_asked(forum, settings):
    with crawl(settings) as process:
        process.first_line()
        until(lambda: (settings.data / "log.db").exists() and published(settings), 40)
        assert process.stop() < 5
        assert process.wait() == 0
    crawl_once(settings)
    assert len({post.id for post in published(settings)}) == len(published(settings)) == 51


def test_outage_of_the_log_is_waited_out(forum, settings):
    blocked = settings.data / "elsewhere"
    blocked.write_text("a file where the log's folder should be")
    with crawl(settings, HUMIAO_LOG=f"sqlite:///{blocked / 'log.db'}") as process:
        until(lambda: any("waiting for the log" in line for line in process.err), 40)
        blocked.unlink()
        moved = settings.model_copy(update={"log": f"sqlite:///{blocked / 'log.db'}"})
        until(lambda: (blocked / "log.db").exists() and len(published(moved)) >= 51, 60)
        assert process.stop() < 5
    assert len(published(moved)) == 51


def test_stops_soon_while_the_log_is_out_and_loses_nothing(forum, settings):
    blocked = settings.data / "elsewhere"
    blocked.write_text("a file where the log's folder should be")
    with crawl(settings, HUMIAO_LOG=f"sqlite:///{blocked / 'log.db'}") as process:
        until(lambda: any("waiting for the log" in line for line in process.err), 40)
        assert process.stop() < 5
        assert not [line for line in process.err if "p1" in line and "text" in line]
    crawl_once(settings)
    assert len(published(settings)) == 51


def test_source_that_does_not_answer_is_incomplete_and_harms_no_other(forum, settings):
    folder = settings.data / "sources"
    dead = (folder / "demo-feed.yaml").read_text(encoding="utf-8").replace(forum, "http://127.0.0.1:9").replace("demo-feed", "dead")
    (folder / "dead.yaml").write_text(dead, encoding="utf-8")
    with crawl(settings, "--once") as process:
        assert process.wait() == 1
    assert len(published(settings)) == 51
    assert any("robots.txt could not be read" in line for line in process.err)


def test_bad_source_file_is_one_line(settings):
    folder = settings.data / "sources"
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text("name: x\nfamily: feed\nplatform: x\nstart: [http://x.example/]\nowner: abc\nrate: {delay: 1}\n")
    with crawl(settings, "--once") as process:
        assert process.wait() == 2
    assert (
        "".join(process.err).strip()
        == f"humiao: {folder / 'x.yaml'}: permission: is missing; a source states its owner, the permission and the rate before it runs"
    )


def test_check_shows_five_posts_and_keeps_nothing(forum, settings):
    with Process("sources", "check", "demo-feed", data=settings.data) as process:
        assert process.wait() == 0, "".join(process.err)
    text = "".join(process.out)
    assert "the file is valid" in text
    assert "20 posts would be collected" in text
    assert sum("[p" in line for line in process.out) == 5
    assert "求助：孩子的水壶" in text
    assert sorted(path.name for path in settings.data.iterdir()) == ["forum.json", "sources"]


def test_check_says_when_nothing_can_be_read(settings, tmp_path):
    folder = settings.data / "sources"
    folder.mkdir(parents=True)
    template = Path(__file__).parents[2] / "crawlers/demo/feed.yaml"
    (folder / "x.yaml").write_text(
        template.read_text(encoding="utf-8").replace("http://forum.invalid", "http://127.0.0.1:9"), encoding="utf-8"
    )
    with Process("sources", "check", data=settings.data) as process:
        assert process.wait() == 1
    assert "not everything could be read" in "".join(process.err)


@pytest.mark.slow
def test_shipped_demo_is_read_within_forty_seconds(settings):
    with Process("forum", data=settings.data) as site:
        site.first_line()
        with crawl(settings, "--once") as process:
            until(lambda: (settings.data / "log.db").exists() and published(settings), 10)
            assert process.wait(40) == 0
    assert len(published(settings)) >= 400
