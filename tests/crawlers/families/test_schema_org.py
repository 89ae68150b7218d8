import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.http import TextResponse

from crawlers.families.schema_org import SchemaOrg
from crawlers.reading import ListedThread
from tests.crawlers.families.pages import NOW, page, source

START = "https://s.example/sitemap.xml"
SCHEMA = SchemaOrg()
SOURCE = source("feed", START).model_copy(update={"family": SCHEMA.name})
FILES = Path(__file__).parent / "pages" / "schema_org"
INDEX = """<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://s.example/old.xml</loc><lastmod>2025-01-01</lastmod></sitemap>
<sitemap><loc>https://s.example/new.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap>
<sitemap><loc>http://169.254.169.254/x.xml</loc></sitemap></sitemapindex>"""


def listed(body, url=START):
    raw = body if isinstance(body, bytes) else body.encode()
    return SCHEMA.read_list(TextResponse(url, body=raw), SOURCE, NOW)


def thread(name, url, *, first=True, encoding="utf-8"):
    return SCHEMA.read_thread(page((FILES / name).read_text(encoding="utf-8"), url, encoding=encoding), SOURCE, NOW, first=first)


def linked(*items):
    html = "".join(f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in items)
    return SCHEMA.read_thread(page(html, "https://s.example/t/1"), SOURCE, NOW, first=True)


def test_sitemap_gives_threads_with_their_last_change_the_latest_first():
    expected = (
        ListedThread("https://s.example/n/3?a=1&b=2", "2026-01-03T08:00:00+08:00"),
        ListedThread("https://s.example/t/2", "2026-01-02"),
        ListedThread("https://s.example/t/1", "2025-12-30T09:00:00+08:00"),
        ListedThread("https://s.example/about", ""),
    )
    text = (FILES / "sitemap.xml").read_bytes()
    assert listed(text).threads == expected
    assert listed(gzip.compress(text), "https://s.example/new.xml.gz").threads == expected
    assert listed(b"\xef\xbb\xbf" + text).threads == expected


def test_index_and_robots_give_sitemaps_on_the_hosts_of_the_source():
    assert listed(INDEX).boards == ("https://s.example/new.xml.gz", "https://s.example/old.xml")
    robots = (
        "User-agent: *\nDisallow: /x\n sitemap: /a.xml\nSitemap: https://s.example/b.xml\nSitemap: https://elsewhere.example/c.xml"
    )
    assert listed(robots, "https://s.example/robots.txt").boards == ("https://s.example/a.xml", "https://s.example/b.xml")


def test_sitemap_of_plain_lines_is_one():
    reading = listed(
        "https://s.example/t/1\nhttps://s.example/t/2\n\nhttps://elsewhere.example/t/3\n", "https://s.example/sitemap.txt"
    )
    assert [one.url for one in reading.threads] == ["https://s.example/t/1", "https://s.example/t/2"]


def test_broken_sitemap_gives_what_can_be_read():
    text = (FILES / "sitemap.xml").read_text(encoding="utf-8")
    assert [one.url for one in listed(text[: text.index("<url><loc>https://s.example/about")]).threads][1:] == [
        "https://s.example/t/2",
        "https://s.example/t/1",
    ]


def test_hostile_sitemap_is_bounded():
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    assert "compressed" in listed(bomb, "https://s.example/new.xml.gz").trouble
    assert "more than 100000 entries" in listed("<urlset>" + "<url/>" * 100_001 + "</urlset>").trouble
    assert "compressed" in listed(b"\x1f\x8b\x08 no gzip at all").trouble
    nested = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE r [<!ENTITY l0 "https://s.example/">{nested}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    reading = listed(
        "<?xml version='1.0'?><urlset><url><loc>https://s.example/t/1</loc></url></urlset>".replace("<urlset>", f"{laughs}<urlset>")
    )
    assert len(str(reading)) < 1000
    reading = listed(f"<urlset>{laughs}<url><loc>&l9;&f;</loc></url></urlset>")
    assert len(str(reading)) < 1000


def test_page_of_links_names_its_threads_by_its_items():
    found = page((FILES / "forum.html").read_text(encoding="utf-8"), "https://s.example/forum")
    reading = SCHEMA.read_list(found, SOURCE, NOW)
    assert reading.threads == (
        ListedThread("https://s.example/t/1", "2026-01-03 4"),
        ListedThread("https://s.example/t/2", ""),
        ListedThread("https://s.example/t/3", ""),
    )
    assert reading.more == ("https://s.example/forum?page=2",)


def test_page_of_links_without_items_gives_numbered_links_outside_of_menus():
    html = """<nav><a href="/n/1">菜单</a></nav><main><a href="/t/5#last">甲</a><a href="/t/6">乙</a><a href="/rules">规则</a>
      <a href="https://elsewhere.example/7">丙</a><a rel="next" href="/forum?page=2">2</a></main><footer><a href="/n/2">页脚</a></footer>"""
    reading = SCHEMA.read_list(page(html, "https://s.example/forum"), SOURCE, NOW)
    assert [one.url for one in reading.threads] == ["https://s.example/t/5", "https://s.example/t/6"]


def test_discussion_with_nested_comments_is_read():
    reading = thread("discussion.html", "https://s.example/t/1")
    main, comment, nested, same_address, other, no_time, no_text = reading.posts
    assert (main.native_id, main.url, main.board) == ("https://s.example/t/1#post", "https://s.example/t/1", "闲聊")
    assert (main.title, main.author, main.text) == ("晚上又在挖路", "老王", "第一行\n第二行 & 完")
    assert main.ts == datetime(2026, 1, 2, 12, 15, tzinfo=UTC)
    assert main.images == ("https://s.example/a.png", "https://s.example/t/b.png")
    assert (comment.native_id, comment.reply_to, comment.title, comment.text) == ("Comment:7", main.native_id, "", "同感\n换行")
    assert comment.ts == datetime(2026, 1, 2, 13, tzinfo=UTC)
    assert (nested.native_id, nested.reply_to, nested.author) == ("https://s.example/t/1#c8", "Comment:7", "小张")
    assert nested.ts == datetime(2026, 1, 2, 14, tzinfo=UTC)
    assert len({main.native_id, same_address.native_id, other.native_id}) == 3
    assert (same_address.reply_to, other.text) == (main.native_id, "地址也同主题")
    assert "time" in no_time.trouble
    assert "no text" in no_text.trouble
    assert no_text.images == ("https://s.example/c.png",)
    assert (reading.title, reading.more) == ("晚上又在挖路", ("https://s.example/t/1?page=2",))
    assert [post.to_post(SOURCE, NOW, None).native_id for post in reading.posts[:5]] == [
        post.native_id for post in reading.posts[:5]
    ]


def test_question_with_answers_and_comments_is_read_and_no_answer_twice():
    posts = thread("question.html", "https://s.example/q/5").posts
    assert [(post.native_id, post.reply_to, post.text) for post in posts] == [
        ("Question:5", "", "怎么找回？"),
        ("Comment:5", "Question:5", "哪路车？"),
        ("Answer:5", "Question:5", "打客服电话"),
        ("Comment:6", "Answer:5", "谢谢"),
        ("Answer:8", "Question:5", "去终点站问"),
    ]
    assert posts[0].title == "水壶落在公交上了"
    assert not any(post.trouble for post in posts)


def test_microdata_in_a_chinese_encoding_is_read():
    main, first, second = thread("microdata.html", "https://s.example/t/4", encoding="gb18030").posts
    assert (main.native_id, main.title, main.author) == ("DiscussionForumPosting:40", "周末去哪", "老王")
    assert main.text.split() == ["公园", "或者图书馆", "都行"]
    assert (first.native_id, first.author, first.text) == ("https://s.example/t/4#c41", "小李", "图书馆")
    assert first.ts == NOW - timedelta(hours=3)
    assert (second.author, second.reply_to, second.trouble) == ("小张", main.native_id, "")
    assert second.native_id.startswith("item:")


def test_later_page_leaves_out_the_posting_that_only_heads_its_comments():
    later = thread("microdata.html", "https://s.example/t/4?page=2", first=False, encoding="gb18030").posts
    assert [post.text for post in later] == ["图书馆", "公园"]
    assert later[0].reply_to == "DiscussionForumPosting:40"


def test_article_without_text_in_its_item_has_the_page_s():
    (post,) = thread("article.html", "https://s.example/n/3").posts
    assert (post.trouble, post.title, post.author, post.board) == ("", "公园周末有活动", "记者甲", "社区")
    assert post.text.startswith("本周六上午")
    assert "图书馆举行" in post.text
    assert not any(word in post.text for word in ("首页", "相关新闻", "版权所有"))


def test_id_made_for_a_comment_survives_its_edit():
    def ids(text):
        comment = {"@type": "Comment", "text": text, "author": "甲", "datePublished": "2026-01-02T20:00:00Z"}
        main = {
            "@type": "DiscussionForumPosting",
            "@id": "1",
            "text": "x",
            "datePublished": "2026-01-02T19:00:00Z",
            "comment": [comment],
        }
        return [post.native_id for post in linked(main).posts]

    assert ids("原文") == ids("改过")


def test_items_that_refer_to_each_other_in_a_circle_are_read_once():
    main = {"@type": "DiscussionForumPosting", "@id": "#1", "text": "甲", "datePublished": "2026-01-02", "comment": {"@id": "#2"}}
    comment = {
        "@type": "Comment",
        "@id": "#2",
        "text": "乙",
        "datePublished": "2026-01-02",
        "comment": [{"@id": "#1"}, {"@id": "#2"}, {"@id": "#3"}],
    }
    assert [post.text for post in linked({"@graph": [main, comment]}).posts] == ["甲", "乙"]


@pytest.mark.parametrize(
    "item",
    [
        None, 3, "x", [], [[]], {}, {"@type": 5}, {"@type": {"a": 1}}, {"@graph": 3}, {"@type": "QAPage", "mainEntity": [None, 1]},
        {"@type": "DiscussionForumPosting", "text": {"a": [{}]}, "author": [[]], "datePublished": [], "comment": [3, None, [1], {"@id": "#9"}]},
    ],
)  # fmt: skip
def test_odd_items_are_no_posts_and_no_error(item):
    assert not [post for post in linked(item).posts if not post.trouble]


def test_hostile_scripts_are_bounded():
    deep = '{"@type":"DiscussionForumPosting","comment":' * 50_000
    html = f'<script type="application/ld+json">{deep}</script>' + "<div itemscope itemprop='comment'>" * 300
    assert not SCHEMA.read_thread(page(html, "https://s.example/t/1"), SOURCE, NOW, first=True).posts


def test_missing_page_is_gone():
    assert SCHEMA.read_thread(page("<h1>404</h1>", "https://s.example/t/1", status=410), SOURCE, NOW, first=True).gone


def test_family_knows_marked_pages_and_sitemaps():
    assert SCHEMA.recognises(TextResponse(START, body=(FILES / "sitemap.xml").read_bytes()))
    for name in ("discussion.html", "question.html", "microdata.html", "article.html"):
        assert SCHEMA.recognises(page((FILES / name).read_text(encoding="utf-8"), "https://s.example/t/1"))
    assert not SCHEMA.recognises(page("<html><body><p>字</p></body></html>", "https://s.example/"))
