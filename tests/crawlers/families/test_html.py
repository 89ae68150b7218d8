"""Any site by selectors: table layouts of 2005, div soups of 2024, floors, quotations, late pictures, notices with status 200."""

from datetime import UTC, datetime

import pytest
from scrapy.http import HtmlResponse

from crawlers.families.html import Html
from crawlers.page_links import next_link
from crawlers.source import Source
from tests.crawlers.families.pages import NOW, page, source

SITE = "http://old.example.cn/bbs/"


def described(list_: dict | None, thread: dict, **more) -> Source:
    plain = source("feed", SITE).model_dump(exclude_unset=True)
    return Source.model_validate(plain | {"family": "html", "selectors": {"list": list_, "thread": thread, **more}})


OLD = described(
    {"board": "td.board a::attr(href)", "row": "table.topics tr:has(a)", "link": "a[href*='show.asp']::attr(href)",
     "activity": "td:nth-child(4), td:nth-child(3)", "sticky": "img[src*=top]"},
    {"title": "td.title b", "board": "td.path a:last-of-type", "post": "table.post", "id": "a[name]::attr(name)", "thread_id": "[?&]id=(\\d+)",
     "author": "td.who b", "time": "td.who, td.when", "body": "td.words", "floor": "td.when", "answers": "td.words > font.re", "drop": ["font.re", "div.sig"],
     "quote": "table.quote td"},
)  # fmt: skip
OLD_LIST = """<HTML><HEAD><BASE HREF="http://old.example.cn/bbs/"><TITLE>街坊论坛</TITLE></HEAD><BODY bgcolor=#ffffff><TABLE class=topics border=0>
<TR><TH>主题<TH>作者<TH>回复<TH>最后更新
<TR><TD><IMG src="img/top.gif"><A HREF="show.asp?id=3">版规</A><TD>管理员<TD>1<TD>2025-12-1 8:00
<TR><TD><A HREF='show.asp?id=21'>停水了吗<TD>老陈<TD>12<TD>昨天 20:15
</TABLE><CENTER>第1页 <A HREF="list.asp?page=2">[下一页]</A> <A HREF="list.asp?page=9">尾页</A></CENTER></BODY>"""
OLD_THREAD = """<HTML><HEAD><BASE HREF="http://old.example.cn/bbs/"></HEAD><BODY><TABLE><TR><TD class=path><A href=index.asp>首页</A> &gt; <A href=list.asp>闲聊</A>
<TR><TD class=title><B>停水了吗</B></TABLE>
<TABLE class=post><TR><TD class=who><A name=1></A><B>老陈</B><BR>等级：新手<TD class=when>楼主 发表于：2026-1-2 20:15<TR><TD colspan=2 class=words>三号楼<BR>停水了吗？<IMG src="pic/space.gif" data-original="up/1.jpg"><DIV class=sig>签名</DIV></TABLE>
<TABLE class=post><TR><TD class=who><A name=2></A><B>阿丽</B><TD class=when>2楼 昨天 21:00<TR><TD colspan=2 class=words>停了，八点来。</TABLE>
<TABLE class=post><TR><TD class=who><A name=3></A><TD class=when>3楼 3 小时前<TR><TD colspan=2 class=words><FONT class=re>回复 2楼：</FONT>谢谢</TABLE>
<TABLE class=post><TR><TD class=who><A name=4></A><B>东门大叔</B><TD class=when>4楼 半小时前<TR><TD colspan=2 class=words><TABLE class=quote><TR><TD>停了，八点来。</TABLE>来了没有</TABLE>
<A href="show.asp?id=21&page=2">下一页 &raquo;</A><A href="show.asp?id=22">下一主题</A>"""


def test_a_list_of_2005_is_read_with_its_base_its_sticky_thread_and_the_link_that_says_next():
    found = Html().read_list(page(OLD_LIST, f"{SITE}deep/list.asp"), OLD, NOW)
    assert [(one.url, one.activity, one.sticky) for one in found.threads] == [
        (f"{SITE}show.asp?id=3", "1 2025-12-1 8:00", True),
        (f"{SITE}show.asp?id=21", "12 昨天 20:15", False),
    ]
    assert found.more == (f"{SITE}list.asp?page=2",)


def test_a_thread_of_2005_is_read_with_floors_quotations_and_a_post_without_author():
    found = Html().read_thread(page(OLD_THREAD, f"{SITE}show.asp?id=21"), OLD, NOW, first=True)
    assert [(one.native_id, one.author, one.text, one.reply_to, one.quoted) for one in found.posts] == [
        ("21-1", "老陈", "三号楼\n停水了吗？", "", ""),
        ("21-2", "阿丽", "停了，八点来。", "", ""),
        ("21-3", "", "谢谢", "21-2", ""),
        ("21-4", "东门大叔", "来了没有", "", "停了，八点来。"),
    ]
    assert [one.ts for one in found.posts] == [
        datetime(2026, 1, 2, 12, 15, tzinfo=UTC),
        datetime(2026, 1, 2, 13, tzinfo=UTC),
        datetime(2026, 1, 3, 1, 30, tzinfo=UTC),
        datetime(2026, 1, 3, 4, tzinfo=UTC),
    ]
    assert (found.posts[0].title, found.posts[0].board, found.posts[0].images) == ("停水了吗", "闲聊", (f"{SITE}up/1.jpg",))
    assert found.more == (f"{SITE}show.asp?id=21&page=2",)


SOUP = described(
    {"row": "div[class*=FeedItem_]", "link": "a[href^='/p/']::attr(href)", "activity": "span[class*=meta_]"},
    {"title": "h1", "post": "div[data-floor]", "id": "a[href*='#r']:not([class])::attr(href)", "id_pattern": "#r(\\d+)", "author": "[class*=Name_]",
     "time": "span[class*=Meta_] > span", "body": "[class*=Rich_]", "parent": "a[class*=ReplyTo_]::attr(href)", "floor": "::attr(data-floor)"},
    gone="[class*=Empty_]",
)  # fmt: skip


def test_a_soup_of_2024_is_read_by_parts_of_its_class_names():
    html = """<div id=root><div class="App_x1"><h1 class="Head_9z">周末去哪</h1>
      <div data-floor="1"><div class="Name_a8">小满妈妈</div><span class="Meta_k2"><span>深圳</span><span>昨天 12:30</span><span>3 赞</span></span><div class="Rich_q">图书馆</div><a href="/p/7#r900">链接</a></div>
      <div data-floor="2"><div class="Name_a8">阿丽</div><span class="Meta_k2"><span>深圳</span><span>5 分钟前</span></span><a class="ReplyTo_m" href="/p/7#r900">回复</a><div class="Rich_q">一起</div><a href="/p/7#r901">链接</a></div>
      <a rel="next" href="/p/7?page=2"><svg></svg></a></div></div>"""
    found = Html().read_thread(page(html, "https://new.example.cn/p/7"), SOUP, NOW, first=True)
    assert [(one.native_id, one.author, one.text, one.reply_to) for one in found.posts] == [
        ("900", "小满妈妈", "图书馆", ""),
        ("901", "阿丽", "一起", "900"),
    ]
    assert [one.ts for one in found.posts] == [datetime(2026, 1, 2, 4, 30, tzinfo=UTC), datetime(2026, 1, 3, 4, 25, tzinfo=UTC)]
    assert found.more == ("https://new.example.cn/p/7?page=2",)


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ("<body><header>论坛 登录 注册</header><div>抱歉，该主题不存在或已被删除</div></body>", True),
        ("<body><p>您访问的帖子已被作者删除</p></body>", True),
        ("<body><div class=Empty_1>空空如也</div></body>", True),
        ("<body><p>The requested topic does not exist.</p></body>", True),
        ("<body><p>已删除的帖子</p></body>", True),
        ("<body><p>主题列表</p></body>", False),
        (f"<body><p>{'这里是很长的公告。' * 60}该主题不存在</p></body>", False),
    ],
)
def test_a_notice_with_status_200_that_a_thread_is_no_longer_there_is_understood(html, gone):
    assert Html().read_thread(page(html, "https://new.example.cn/p/8"), SOUP, NOW, first=True).gone is gone


def test_a_page_with_posts_is_content_whatever_they_say():
    html = '<div data-floor="1"><span class="Meta_k"><span>昨天 12:30</span></span><div class="Rich_q">该主题不存在或已被删除</div><a href="#r1">链接</a></div>'
    found = Html().read_thread(page(html, "https://new.example.cn/p/8"), SOUP, NOW, first=True)
    assert (found.gone, [one.text for one in found.posts]) == (False, ["该主题不存在或已被删除"])


@pytest.mark.parametrize(
    ("words", "follows"),
    [("下一页", True), ("下页", True), ("[下一頁]", True), ("下一页 »", True), ("Next", True), ("Next page ›", True), ("»", True), ("&gt;", True),
     ("Older posts", True), ("下一主题", False), ("下一篇：停水", False), ("上一页", False), ("2", False), ("Next topic", False), ("", False), ("Nextcloud", False), ("«", False), ("‹", False), ("[]", False)],
)  # fmt: skip
def test_the_next_page_is_the_link_that_says_so(words, follows):
    html = page(f'<a href="?page=9">尾页</a><a href="?page=2">{words}</a>', SITE)
    assert next_link(html.selector, SITE, SITE, None) == (f"{SITE}?page=2" if follows else "")


@pytest.mark.parametrize("link", ["javascript:;", "#top", "", "http://[", "mailto:a@b.cn"])
def test_a_next_link_that_leads_nowhere_is_the_end(link):
    assert next_link(page(f'<a href="{link}">下一页</a>', SITE).selector, SITE, SITE, None) == ""


def test_broken_html_is_read_as_browsers_read_it():
    html = (
        OLD_THREAD.replace("</TABLE>", "")
        .replace("<BR>", "<br/>")
        .replace("停水了吗？", "停水了吗？\x00<b><i>急</b></i>&nbsp&lt;3")
    )
    found = Html().read_thread(page(html, f"{SITE}show.asp?id=21"), OLD, NOW, first=True)
    assert found.posts[0].native_id == "21-1"
    assert "急 <3" in found.posts[0].text


def test_bytes_of_two_encodings_on_one_page_cost_no_more_than_the_wrong_ones():
    body = "<html><meta charset=gbk>" + OLD_THREAD
    mixed = body.encode("gb18030").replace("阿丽".encode("gb18030"), "阿丽".encode())
    answer = HtmlResponse(f"{SITE}show.asp?id=21", body=mixed)
    found = Html().read_thread(answer, OLD, NOW, first=True)
    assert [one.text for one in found.posts if one.author == "老陈"] == ["三号楼\n停水了吗？"]
    assert found.posts[1].text == "停了，八点来。"
