from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.families.notices import Notices
from crawlers.reading import ListedThread
from tests.crawlers.families.pages import NOW, page, source

LIST = "https://www.q.example/zwgk/tzgg/index.html"
BASE = "https://www.q.example/zwgk/tzgg/"
NOTICES = Notices()
SOURCE = source("feed", LIST).model_copy(update={"family": NOTICES.name})


def replica(name, url, **more):
    return page((Path(__file__).parent / "pages" / "notices" / name).read_text(encoding="utf-8"), url, **more)


def article(name="article.html", url=BASE + "202601/t20260102_1001.html", *, first=True):
    reading = NOTICES.read_thread(replica(name, url), SOURCE, NOW, first=first)
    (post,) = reading.posts
    return post, reading


def served(html, url=BASE + "x.html"):
    (post,) = NOTICES.read_thread(page(html, url), SOURCE, NOW, first=True).posts
    return post


def test_list_gives_dated_and_article_like_links_on_its_own_hosts():
    reading = NOTICES.read_list(replica("list.html", LIST), SOURCE, NOW)
    assert reading.threads == (
        ListedThread(BASE + "202601/t20260102_1001.html", "2026-01-02"),
        ListedThread(BASE + "202512/t20251231_1000.html", "12-31"),
        ListedThread("https://www.q.example/jy/xx/notice.html", "2025年12月30日"),
        ListedThread("https://www.q.example/art/2025/12/1/art_12_345.html", ""),
    )


@pytest.mark.parametrize(("current", "expected"), [(0, [1, 2, 3]), (1, [2, 3]), (3, [])])
def test_pager_counts_its_pages_from_zero(current, expected):
    html = f"<script>createPageHTML('page_div',4, {current},'index','shtml', 77);</script>"
    url = BASE + ("index.shtml" if current == 0 else f"index_{current}.shtml")
    assert NOTICES.read_list(page(html, url), SOURCE, NOW).more == tuple(f"{BASE}index_{number}.shtml" for number in expected)


def test_pager_of_absurd_length_is_cut():
    assert len(NOTICES.read_list(page("<script>createPageHTML(99999, 0, 'index', 'html')</script>", LIST), SOURCE, NOW).more) < 1000


def test_link_to_the_next_page_is_followed_where_there_is_no_such_pager():
    html = "<a href='javascript:next()'>下一页</a><a href='list_2.html'> 下一页 </a><a href='list_9.html'>尾页</a>"
    assert NOTICES.read_list(page(html, BASE + "list_1.html"), SOURCE, NOW).more == (BASE + "list_2.html",)


def test_article_with_the_metas_of_government_sites_is_one_post():
    post, reading = article()
    assert (post.trouble, post.title, post.author, post.board) == ("", "关于开展寒假读书活动的通知", "某街道办事处", "通知公告")
    assert post.ts == datetime(2026, 1, 2, 2, 30, tzinfo=UTC)
    assert post.text == "各社区居委会：\n\n为丰富假期生活，定于本周六开展读书活动。\n\n某街道办事处\n2026年1月2日"
    assert post.images == (BASE + "202601/W020260102.jpg",)
    assert (post.native_id, post.url) == ("www.q.example/zwgk/tzgg/202601/t20260102_1001.html", BASE + "202601/t20260102_1001.html")
    assert (reading.title, reading.more) == (post.title, ())
    assert post.to_post(SOURCE, NOW, None).text == post.text


def test_same_article_over_http_is_the_same_post_and_read_later_it_is_the_same_revision():
    post, _ = article()
    again, _ = article(url="http://www.q.example/zwgk/tzgg/202601/t20260102_1001.html#p1", first=False)
    assert (again.native_id, again.title, again.text) == (post.native_id, post.title, post.text)


def test_article_without_metas_is_read_from_what_the_page_says():
    post, _ = article("plain_article.html", "https://www.q.example/jy/xx/notice.html")
    assert (post.trouble, post.title, post.author) == ("", "学校周边道路施工公告", "区市政中心")
    assert post.ts == datetime(2025, 12, 29, 16, tzinfo=UTC)
    assert "雨水管道改造" in post.text
    assert "体育馆停车场" in post.text
    assert not any(word in post.text for word in ("首页", "备案号"))


@pytest.mark.parametrize(
    "html",
    [
        "<meta property='article:published_time' content='2026-01-02T10:30:00+08:00'>",
        "<meta name='PubDate' content='暂无'><p>发布时间： 2026-01-02 10:30</p>",
        "<p>[ 索引号 ]</p><p>成文日期：[2026年01月02日 10:30]</p>",
        "<time datetime='2026-01-02T10:30:00+08:00'>上周</time>",
    ],
)
def test_date_is_found_where_sites_put_it(html):
    assert served(f"{html}<h1>标题</h1><div id='zoom'>文</div>").ts == datetime(2026, 1, 2, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("path", ["202601/t20260102_9.html", "art/2026/1/2/art_5_6.html"])
def test_address_has_the_date_where_nothing_else_has(path):
    assert served("<h1>标题</h1><div id='zoom'>文</div>", BASE + path).ts == datetime(2026, 1, 1, 16, tzinfo=UTC)


def test_article_without_any_date_is_trouble_and_no_guess():
    post = served("<h1>标题</h1><div id='zoom'>活动于2026年3月1日举行</div>")
    assert "no date" in post.trouble
    assert post.ts is None


def test_notice_that_is_only_an_attached_file_has_its_title_as_text():
    assert (
        served("<h1>名单公示</h1><p>发布时间：2026-01-02</p><div class='TRS_Editor'><a href='a.pdf'></a></div>").text == "名单公示"
    )


def test_article_split_over_pages_has_a_post_for_each():
    html = "<h1>长文</h1><p>发布时间：2026-01-02</p><div id='zoom'>第{}部分</div><script>createPageHTML(2,{},'t20260102_1','html')</script>"
    first = NOTICES.read_thread(page(html.format(1, 0), BASE + "t20260102_1.html"), SOURCE, NOW, first=True)
    assert first.more == (BASE + "t20260102_1_1.html",)
    second = NOTICES.read_thread(page(html.format(2, 1), first.more[0]), SOURCE, NOW, first=False)
    assert (second.posts[0].text, second.more) == ("第2部分", ())
    assert second.posts[0].native_id != first.posts[0].native_id


def test_missing_page_is_gone_and_an_empty_one_has_no_posts():
    assert NOTICES.read_thread(page("<h1>404 页面不存在</h1>", BASE + "x.html", status=404), SOURCE, NOW, first=True).gone
    assert NOTICES.read_list(page("", LIST, status=410), SOURCE, NOW).gone
    assert NOTICES.read_thread(page("<html><body></body></html>", BASE + "x.html"), SOURCE, NOW, first=True).posts == ()


def test_family_knows_its_sites_by_their_metas_or_pager():
    assert NOTICES.recognises(replica("list.html", LIST))
    assert NOTICES.recognises(replica("article.html", LIST))
    assert not NOTICES.recognises(replica("plain_article.html", LIST))
