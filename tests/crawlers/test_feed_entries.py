import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crawlers.feed_entries import read_feed
from crawlers.json_feed import read_json_feed

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
URL = "https://f.example/rss"

RSS = """<?xml version="1.0" encoding="gb2312"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>论坛</title>
<item><title>标题 &amp; 一</title><link>https://f.example/t/1</link><guid isPermaLink="false">p1</guid><dc:creator>老王</dc:creator>
<category>闲聊</category><pubDate>Mon, 23 Nov 2026 20:15:42 +0800</pubDate><description>短</description>
<content:encoded><![CDATA[<p>第一段<br/>换行<img src="/a.png"></p><script>no()</script><p>第二段</p>]]></content:encoded></item>
<item><title>没有时间</title><guid>p2</guid></item>
<item><title>没有编号</title><pubDate>Mon, 23 Nov 2026 20:15:42 +0800</pubDate></item>
<item><title>只有标题</title><link>https://f.example/t/3</link><pubDate>Mon, 23 Nov 2026 12:00:00 GMT</pubDate></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>论坛</title><id>x</id>
<link rel="next" href="?page=2"/><updated>2026-11-23T12:00:00Z</updated>
<entry><id>tag:f.example,2026:1</id><title>标题</title><link href="/t/1"/><author><name>小李</name></author>
<published>2026-11-23T20:00:00+08:00</published><updated>2026-11-23T21:00:00+08:00</updated>
<content type="html">&lt;p&gt;正文&lt;/p&gt;</content></entry>
<entry><id>tag:f.example,2026:2</id><title type="html">&lt;b&gt;回复&lt;/b&gt;</title><updated>2026-11-23T21:00:00+08:00</updated>
<thr:in-reply-to ref="tag:f.example,2026:1"/><summary type="text">a &lt;b&gt; c</summary></entry></feed>"""


def read(text, *, encoding="utf-8", content_type="text/xml"):
    return read_feed(text.encode(encoding), content_type, URL, SHANGHAI, NOW)


def item(inner):
    feed = read(f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item>{inner}</item></channel></rss>')
    assert not feed.trouble
    (post,) = feed.posts
    return post


def test_rss_in_a_chinese_encoding_is_read():
    feed = read(RSS, encoding="gb18030", content_type="text/xml; charset=gb2312")
    assert feed.trouble == ""
    first, no_time, no_id, title_only = feed.posts
    assert (first.native_id, first.url, first.title, first.author, first.board) == (
        "p1", "https://f.example/t/1", "标题 & 一", "老王", "闲聊",
    )  # fmt: skip
    assert first.text == "第一段\n换行\n\n第二段"
    assert first.images == ("https://f.example/a.png",)
    assert first.ts == datetime(2026, 11, 23, 12, 15, 42, tzinfo=UTC)
    assert "no time" in no_time.trouble
    assert (no_id.trouble, no_id.text) == ("", "没有编号")
    assert (title_only.native_id, title_only.text) == ("https://f.example/t/3", "只有标题")


def test_entry_without_id_keeps_the_one_made_for_it():
    first, again, other = (
        item(f"<title>{title}</title><pubDate>Mon, 23 Nov 2026 20:15:42 +0800</pubDate><description>{text}</description>").native_id
        for title, text in (("甲", "原文"), ("甲", "改过的原文"), ("乙", "原文"))
    )
    assert first == again != other
    assert "neither id nor link" in item("<description>x</description>").trouble


@pytest.mark.parametrize(
    ("written", "declared", "header"),
    [
        ("gb18030", "utf-8", "text/xml"),
        ("gb18030", "utf-8", "text/xml; charset=utf-8"),
        ("gb18030", "iso-8859-1", "text/xml"),
        ("utf-8", "gb2312", "text/xml; charset=gb2312"),
        ("utf-8", "us-ascii", "text/xml"),
        ("utf-8", "no-such-encoding", "text/html; charset=none"),
        ("utf-8-sig", "gbk", "text/xml"),
        ("utf-16", "utf-16", "text/xml"),
    ],
)
def test_wrongly_declared_encoding_is_seen_through(written, declared, header):
    text = RSS.replace('encoding="gb2312"', f'encoding="{declared}"')
    assert read(text, encoding=written, content_type=header).posts[0].title == "标题 & 一"


def test_declared_encoding_is_used_where_it_fits():
    text = '<?xml version="1.0" encoding="big5"?><rss version="2.0"><channel><item><guid>1</guid><title>論壇的標題</title></item></channel></rss>'
    feed = read(text.replace("</item>", "<pubDate>2026-11-23</pubDate></item>"), encoding="big5")
    assert feed.posts[0].title == "論壇的標題"


def test_atom_is_read():
    feed = read(ATOM)
    first, reply = feed.posts
    assert (first.native_id, first.url, first.author, first.text) == (
        "tag:f.example,2026:1",
        "https://f.example/t/1",
        "小李",
        "正文",
    )
    assert first.ts == datetime(2026, 11, 23, 12, tzinfo=UTC)  # published, not updated
    assert (reply.reply_to, reply.title, reply.text) == (first.native_id, "回复", "a <b> c")
    assert reply.ts == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert feed.more == "https://f.example/rss?page=2"


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-11-23 20:15:00", 12),  # Chinese feeds: no offset, local time
        ("2026年11月23日 20:15", 12),
        ("Mon, 23 Nov 2026 20:15:00", 12),
        ("Mon, 23 Nov 2026 20:15:00 CST", 12),
        ("Mon, 23 Nov 26 20:15:00 +0800", 12),
        ("昨天 20:15", 12),
    ],
)
def test_time_without_offset_is_in_the_zone_of_the_source(written, hour):
    assert item(f"<guid>1</guid><title>a</title><pubDate>{written}</pubDate>").ts == datetime(2026, 11, 23, hour, 15, tzinfo=UTC)


def test_unreadable_time_is_trouble_and_no_guess():
    assert "no time" in item("<guid>1</guid><title>a</title><pubDate>11/12/2026 20:15</pubDate>").trouble


def test_entry_without_author_has_none_and_an_address_is_not_a_name():
    assert item("<guid>1</guid><title>a</title><pubDate>2026-11-23</pubDate>").author == ""
    assert item("<guid>1</guid><title>a</title><pubDate>2026-11-23</pubDate><author>w@f.test (老王)</author>").author == "老王"


def test_guid_that_is_no_address_becomes_no_address():
    assert item("<guid isPermaLink='false'>abc</guid><title>a</title><pubDate>2026-11-23</pubDate>").url == ""


def test_markup_in_titles_and_texts_is_removed():
    post = item(
        "<guid>1</guid><title>&lt;script&gt;x()&lt;/script&gt;&lt;b&gt;好&lt;/b&gt;</title><pubDate>2026-11-23</pubDate>"
        "<description>&lt;style&gt;p{}&lt;/style&gt;&lt;p onclick='x()'&gt;话&lt;/p&gt;</description>"
    )
    assert (post.title, post.text) == ("好", "话")


def test_entities_neither_explode_nor_open_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not to be read")
    nested = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE r [<!ENTITY l0 "haha">{nested}<!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    began = time.monotonic()
    feed = read(
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><item><guid>1</guid><title>&l9;&f;</title>'
        "<pubDate>2026-11-23</pubDate><description>文字</description></item></channel></rss>"
    )
    assert time.monotonic() - began < 10
    assert sum(len(post.text) + len(post.title) for post in feed.posts) < 1000
    assert "not to be read" not in str([(post.title, post.text) for post in feed.posts])


def test_what_is_no_feed_is_trouble_and_no_content():
    for body in (b"<html><body>RSS Disabled</body></html>", b"", b"RSS Disabled", b"\x00\xff\xfe"):
        feed = read_feed(body, "text/html", URL, SHANGHAI, NOW)
        assert feed.posts == ()
        assert "no feed" in feed.trouble


def test_broken_feed_gives_what_stands_before_the_break():
    posts = read(ATOM[: ATOM.index("<entry><id>tag:f.example,2026:2")] + "<entry><id>tag").posts
    assert posts[0].text == "正文"


def test_json_feed_is_read():
    text = """{"version": "https://jsonfeed.org/version/1.1", "title": "论坛", "authors": [{"name": "街道办"}],
      "next_url": "/feed.json?page=2", "items": [
      {"id": 7, "url": "/t/7", "title": "甲", "content_html": "<p>一<img src='a.png'></p><p>二</p>", "date_published": "2026-11-23T20:15:00+08:00",
       "date_modified": "2026-11-24T00:00:00Z", "authors": [{"name": "老王"}], "tags": ["闲聊"]},
      {"id": "8", "content_text": "纯文字 <不是标签>", "date_published": "2026-11-23T12:00:00Z", "author": null,
       "attachments": [{"url": "b.jpg", "mime_type": "image/jpeg"}, {"url": "c.mp3", "mime_type": "audio/mpeg"}, 3]},
      {"id": "9", "content_text": "没有时间"}, {"content_text": "什么都没有"}, "nonsense",
      {"title": "丙", "date_published": "2026-02-30T12:00:00Z"}]}"""
    feed = read_json_feed(text, "https://f.example/feed.json", SHANGHAI, NOW)
    first, second, no_time, nothing, no_date = feed.posts
    assert (first.native_id, first.url, first.title, first.text) == ("7", "https://f.example/t/7", "甲", "一\n\n二")
    assert (first.author, first.board, first.images) == ("老王", "闲聊", ("https://f.example/a.png",))
    assert first.ts == datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
    assert (second.text, second.author, second.images) == ("纯文字 <不是标签>", "街道办", ("https://f.example/b.jpg",))
    assert "time" in no_time.trouble
    assert "neither id nor url" in nothing.trouble
    assert "no date" in no_date.trouble
    assert feed.more == "https://f.example/feed.json?page=2"


@pytest.mark.parametrize(
    "text",
    ["{}", "[1]", '{"version": 1}', "{" * 100, '{"a":' * 100_000, '{"version": "https://jsonfeed.org/version/2", "items": 3}'],
)
def test_other_json_is_no_feed(text):
    feed = read_json_feed(text, URL, SHANGHAI, NOW)
    assert feed.posts == ()
    assert bool(feed.trouble) == ("items" not in text)
