"""The crawl stage against Spirit, a real forum with its own templates, time formats and pages."""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.conftest import unavailable
from tests.crawlers.conftest import published
from tests.crawlers.processes import Process

START = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


@pytest.fixture
def spirit(tmp_path: Path):
    from tests.servers.spirit import Spirit

    try:
        forum = Spirit(tmp_path)
    except (RuntimeError, OSError) as error:
        unavailable("forum", str(error).splitlines()[0])
    with forum:
        yield forum


def write_source(settings, url: str) -> None:
    folder = settings.data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "name": "spirit", "family": "spirit", "platform": "spirit-forum", "start": [url], "owner": "测试论坛", "permission": "本机测试",
        "rate": {"delay": 0.02}, "place": "坂田街道",
    }  # fmt: skip
    (folder / "spirit.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def crawl(settings, *, complete: bool = True) -> Process:
    with Process("crawl", "--once", data=settings.data) as process:
        assert process.wait() == (0 if complete else 1), "".join(process.err)
        return process


def requests(settings) -> list[str]:
    from warcio.archiveiterator import ArchiveIterator

    urls = []
    for file in sorted((settings.data / "warc").iterdir()):
        with file.open("rb") as stream:
            urls += [record.rec_headers["WARC-Target-URI"] for record in ArchiveIterator(stream) if record.rec_type == "request"]
    return urls


@pytest.mark.servers
def test_everything_guests_can_see_is_collected_and_what_changes_is_followed(spirit, settings):
    (board,) = spirit.change({"do": "category", "title": "街坊闲聊"})
    topics = spirit.change(
        *[
            {"do": "topic", "author": "老陈", "category": board, "title": f"第{n}件事", "at": at(n), "pinned": n == 3}
            for n in range(14)
        ]
    )
    comments = spirit.change(
        *[
            {"do": "comment", "author": f"街坊{n % 3}", "topic": topic, "text": f"{n}号先说", "at": at(n)}
            for n, topic in enumerate(topics)
        ],
        *[
            {"do": "comment", "author": f"街坊{n % 3}", "topic": topics[5], "text": f"回第{n}句", "at": at(20 + n)}
            for n in range(24)
        ],
    )
    write_source(settings, spirit.url)
    crawl(settings)
    found = {post.native_id: post for post in published(settings)}
    assert set(found) == {str(pk) for pk in comments}
    first, late = found[str(comments[5])], found[str(comments[-1])]
    assert (first.title, first.board, first.author, first.text) == ("第5件事", "街坊闲聊", "街坊2", "5号先说")
    assert (first.ts, late.ts) == (START + timedelta(minutes=5), START + timedelta(minutes=43))
    before = requests(settings)

    (new,) = spirit.change({"do": "comment", "author": "街坊9", "topic": topics[5], "text": "刚来的一句", "at": at(60)})
    crawl(settings)
    assert {post.native_id for post in published(settings)} - set(found) == {str(new)}
    since = requests(settings)[len(before) :]
    assert not [url for url in since if f"/topic/{topics[0]}/" in url]  # what has not changed is left alone
    assert [url.partition("?")[2] for url in since if f"/topic/{topics[5]}/" in url] == [
        "page=2"
    ]  # and the rest is read from where it ended
    assert Counter(post.native_id for post in published(settings)).most_common(1)[0][1] == 1


@pytest.mark.servers
def test_edits_and_removals_are_noticed_when_a_thread_is_looked_at_again(spirit, settings):
    (board,) = spirit.change({"do": "category", "title": "街坊闲聊"})
    now = datetime.now(UTC)
    topic, other = spirit.change(
        {"do": "topic", "author": "老陈", "category": board, "title": "停水", "at": (now - timedelta(minutes=30)).isoformat()},
        {"do": "topic", "author": "老陈", "category": board, "title": "还在的", "at": at(0)},
    )
    one, two = spirit.change(
        *[
            {"do": "comment", "author": "街坊", "topic": topic, "text": text, "at": (now - timedelta(minutes=20)).isoformat()}
            for text in ("几点来", "八点")
        ]
    )
    spirit.change({"do": "comment", "author": "街坊", "topic": other, "text": "一直在", "at": at(1)})
    write_source(settings, spirit.url)
    source = settings.data / "sources/spirit.yaml"
    source.write_text(source.read_text(encoding="utf-8") + "recheck: 0\n", encoding="utf-8")
    crawl(settings)
    spirit.change({"do": "edit", "comment": one, "text": "几点来水"}, {"do": "remove", "comment": two})
    process = crawl(settings)
    texts = [post.text for post in published(settings) if post.native_id == str(one)]
    assert texts == ["几点来", "几点来水"]
    assert sum('"post gone"' in line for line in process.err) == 1
    spirit.change({"do": "remove_topic", "topic": topic})
    process = crawl(settings)
    assert sum('"post gone"' in line for line in process.err) == 1  # the one that was left
    shutil.rmtree(settings.data / "warc")
