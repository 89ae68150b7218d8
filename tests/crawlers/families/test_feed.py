import gzip
from datetime import UTC, datetime

import pytest
from scrapy.http import TextResponse

from crawlers.families.feed import FeedFamily
from tests.crawlers.families.pages import NOW, page, source

URL = "https://f.example/feed"
FEED = FeedFamily()
SOURCE = source("feed", URL)

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>公告</title><link rel="next" href="/feed?page=2"/>
<entry><id>a1</id><title>甲</title><link href="/1"/><updated>2026-01-02T08:00:00+08:00</updated><content>正文</content></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "next_url": "https://f.example/feed?page=2",
"items": [{"id": "j1", "content_text": "正文", "date_published": "2026-01-02T08:00:00+08:00"}]}"""
RSS = """<rss version="2.0"><channel><item><guid>r1</guid><title>甲</title><description>正文</description><pubDate>昨天 08:00</pubDate>
</item></channel></rss>"""


def served(text, content_type="application/xml", encoding="utf-8", status=200):
    return TextResponse(URL, status=status, headers={"Content-Type": content_type}, body=text.encode(encoding))


@pytest.mark.parametrize(
    ("text", "more"), [(ATOM, ("https://f.example/feed?page=2",)), (JSON, ("https://f.example/feed?page=2",)), (RSS, ())]
)
def test_feed_of_each_kind_gives_posts_and_its_next_page(text, more):
    found = served(text)
    assert FEED.recognises(found)
    reading = FEED.read_list(found, SOURCE, NOW)
    (post,) = reading.posts
    assert (post.text, post.trouble, reading.more, reading.trouble) == ("正文", "", more, "")
    assert post.ts == datetime(2026, 1, 2, 0, tzinfo=UTC)
    assert post.to_post(SOURCE, NOW, None).platform == "one"


def test_json_feed_with_a_byte_order_mark_or_another_content_type_is_one():
    assert FEED.read_list(served("\ufeff" + JSON, "text/html"), SOURCE, NOW).posts[0].native_id == "j1"


def test_encoding_of_the_source_file_wins_over_the_header():
    text = RSS.replace("正文", "論壇文字")
    stated = SOURCE.model_copy(update={"encoding": "big5"})
    reading = FEED.read_list(served(text, "text/xml; charset=gb18030", encoding="big5hkscs"), stated, NOW)
    assert reading.posts[0].text == "論壇文字"


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html><html><body><h1>维护中</h1></body></html>", "RSS Disabled", "", '{"error": "off"}']
)
def test_page_that_is_no_feed_is_trouble_and_never_content(text):
    found = served(text, "text/html")
    assert not FEED.recognises(found)
    reading = FEED.read_list(found, SOURCE, NOW)
    assert reading.posts == ()
    assert reading.trouble


def test_feed_that_is_gone_is_gone():
    assert FEED.read_list(page("<h1>404</h1>", URL, status=404), SOURCE, NOW).gone


def test_binary_answer_is_trouble():
    found = TextResponse(URL, headers={"Content-Type": "application/xml"}, body=gzip.compress(b"x" * 100))
    assert FEED.read_list(found, SOURCE, NOW).trouble
