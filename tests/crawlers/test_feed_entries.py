from datetime import UTC, datetime

from crawlers.feed_entries import read_feed

RSS = """<?xml version="1.0" encoding="gb2312"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>论坛</title>
<item><title>标题 &amp; 一</title><link>https://f.example/t/1</link><guid isPermaLink="false">p1</guid><dc:creator>老王</dc:creator>
<category>闲聊</category><pubDate>Mon, 23 Nov 2026 20:15:42 +0800</pubDate><description>短</description>
<content:encoded><![CDATA[<p>第一段<br/>换行</p><script>no()</script><p>第二段</p>]]></content:encoded></item>
<item><title>没有时间</title><guid>p2</guid></item>
<item><title>没有编号</title><pubDate>Mon, 23 Nov 2026 20:15:42 +0800</pubDate></item>
<item><title>只有标题</title><link>https://f.example/t/3</link><pubDate>Mon, 23 Nov 2026 12:00:00 GMT</pubDate></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>论坛</title><id>x</id><updated>2026-11-23T12:00:00Z</updated>
<entry><id>tag:f.example,2026:1</id><title>标题</title><link href="https://f.example/t/1"/><author><name>小李</name></author>
<published>2026-11-23T20:00:00+08:00</published><updated>2026-11-23T21:00:00+08:00</updated>
<content type="html">&lt;p&gt;正文&lt;/p&gt;</content></entry></feed>"""


def test_rss_in_a_chinese_encoding_is_read():
    feed = read_feed(RSS.encode("gb18030"), "text/xml; charset=gb2312", "https://f.example/rss")
    assert feed.trouble == ""
    first, no_time, no_id, title_only = feed.posts
    assert (first.native_id, first.url, first.title, first.author, first.board) == (
        "p1",
        "https://f.example/t/1",
        "标题 & 一",
        "老王",
        "闲聊",
    )
    assert first.text == "第一段\n换行\n\n第二段"
    assert first.ts == datetime(2026, 11, 23, 12, 15, 42, tzinfo=UTC)
    assert "no time" in no_time.trouble
    assert "neither id nor link" in no_id.trouble
    assert (title_only.native_id, title_only.text) == ("https://f.example/t/3", "只有标题")


def test_atom_is_read():
    feed = read_feed(ATOM.encode(), "application/atom+xml", "https://f.example/atom")
    (post,) = feed.posts
    assert (post.native_id, post.url, post.author, post.text) == ("tag:f.example,2026:1", "https://f.example/t/1", "小李", "正文")
    assert post.ts == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_what_is_no_feed_is_trouble_and_no_content():
    for body in (b"<html><body>RSS Disabled</body></html>", b"", b"RSS Disabled"):
        feed = read_feed(body, "text/html", "https://f.example/rss")
        assert feed.posts == []
        assert feed.trouble
