from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from crawlers.families.discuz import Discuz
from crawlers.families.discuz_addresses import thread_address
from crawlers.states import State
from tests.crawlers.families.pages import NOW, page, source

SITE = "https://bbs.example.cn/"
SOURCE = source("discuz", SITE)
HEAD = '<meta charset="{charset}"><meta name="generator" content="Discuz! X3.4"><base href="https://bbs.example.cn/"><title>坂田论坛</title>'
LIST = f"""<html><head>{HEAD.format(charset="utf-8")}</head><body id="nv_forum" class="pg_forumdisplay">
<div id="threadlist"><table>
<tbody id="stickthread_7"><tr><th><a class="s xst" href="forum.php?mod=viewthread&amp;tid=7&amp;extra=page%3D1">版规</a></th>
 <td class="by"><cite><a>管理</a></cite><em><span>2025-12-1</span></em></td><td class="num"><a>3</a><em>90</em></td>
 <td class="by"><cite><a>甲</a></cite><em><a>2025-12-2 10:00</a></em></td></tr></tbody>
<tbody id="separatorline"><tr><td>版块主题</td></tr></tbody>
<tbody id="normalthread_21"><tr><th><a class="s xst" href="forum.php?mod=viewthread&amp;tid=21&amp;extra=page%3D1&amp;sid=ab12">地铁口修路</a></th>
 <td class="by"><cite><a>乙</a></cite><em><span>2026-1-3</span></em></td><td class="num"><a>12</a><em>340</em></td>
 <td class="by"><cite><a>丙</a></cite><em><a><span title="2026-1-3 12:20">10&nbsp;分钟前</span></a></em></td></tr></tbody>
</table></div>
<div class="pg"><strong>{{current}}</strong><a href="forum-2-2.html">2</a><a class="nxt" href="forum.php?mod=forumdisplay&amp;fid=2&amp;page=2">下一页</a></div>
</body></html>"""


def post(pid: int, text: str, *, when: str = "发表于 2026-1-3 12:01:09", author: str = "街坊甲", under: str = "") -> str:
    return f"""<div id="post_{pid}"><div class="authi"><a class="xw1" href="space-uid-9.html">{author}</a></div>
 <a id="postnum{pid}"><em>1</em>#</a><em id="authorposton{pid}">{when}</em>
 <div class="pcb"><table><tr><td class="t_f" id="postmessage_{pid}">{text}</td></tr></table>
 <div class="pattl"><img src="static/image/common/none.gif" file="data/attachment/{pid}.jpg"></div></div>
 <div class="sign">签名不是内容</div>{under}</div>"""


def thread(*posts: str, current: int = 1, following: str = '<a class="nxt" href="thread-21-2-1.html">下一页</a>') -> str:
    return f"""<html><head>{HEAD}</head><body id="nv_forum" class="pg_viewthread"><div id="pt"><div class="z"><a href="./">论坛</a>
 <a href="forum-2-1.html">街坊闲聊</a></div></div><span id="thread_subject">地铁口修路</span>
 <div id="postlist">{"".join(posts)}<div id="postlistreply"><div id="post_new"></div></div></div>
 <div class="pg"><strong>{current}</strong>{following}</div></body></html>"""


def read(html: str, *, first: bool = True, **other):
    return Discuz().read_thread(page(html, f"{SITE}thread-21-1-1.html", **other), SOURCE, NOW, first=first)


def test_a_board_lists_threads_with_their_last_reply_and_sticky_ones_marked():
    found = Discuz().read_list(page(LIST.format(current=1), f"{SITE}forum.php?mod=forumdisplay&fid=2"), SOURCE, NOW)
    assert [(one.url, one.activity, one.sticky) for one in found.threads] == [
        (f"{SITE}forum.php?mod=viewthread&tid=7", "2025-12-2 10:00 3", True),
        (f"{SITE}forum.php?mod=viewthread&tid=21", "2026-1-3 12:20 12", False),
    ]
    assert found.more == (f"{SITE}forum.php?mod=forumdisplay&fid=2&page=2",)


def test_a_list_page_past_the_end_that_answers_page_one_is_the_end():
    found = Discuz().read_list(page(LIST.format(current=1), f"{SITE}forum.php?mod=forumdisplay&fid=2&page=9"), SOURCE, NOW)
    assert (found.threads, found.more) == ((), ())


def test_an_index_leads_to_its_boards():
    html = f'<html><head>{HEAD}</head><body><div id="ct"><table class="fl_tb"><tr><td><h2><a href="forum-2-1.html">街坊</a></h2></td></tr></table></div></body></html>'
    assert Discuz().read_list(page(html, SITE), SOURCE, NOW).boards == (f"{SITE}forum-2-1.html",)


def test_posts_have_pid_author_time_text_and_the_thread_its_title_once():
    found = read(
        thread(
            post(501, "修到几时啊<br>天天<b>堵</b>"),
            post(502, "下个月吧", when='<span title="2026-1-3 12:20:00">10&nbsp;分钟前</span>'),
        )
    )
    assert [(one.native_id, one.author, one.text, one.title, one.board) for one in found.posts] == [
        ("501", "街坊甲", "修到几时啊\n天天堵", "地铁口修路", "街坊闲聊"),
        ("502", "街坊甲", "下个月吧", "", "街坊闲聊"),
    ]
    assert [one.ts for one in found.posts] == [datetime(2026, 1, 3, 4, 1, 9, tzinfo=UTC), datetime(2026, 1, 3, 4, 20, tzinfo=UTC)]
    assert found.posts[0].url == f"{SITE}thread-21-1-1.html#pid501"
    assert found.posts[0].images == (f"{SITE}data/attachment/501.jpg",)
    assert found.more == (f"{SITE}thread-21-2-1.html",)


def test_what_is_not_the_authors_is_left_out_and_a_quotation_names_its_post():
    quote = '<div class="quote"><blockquote><a href="forum.php?mod=redirect&amp;goto=findpost&amp;pid=501&amp;ptid=21"><font size="2">街坊甲 发表于 2026-1-3</font></a><br>修到几时啊</blockquote></div>'
    body = f'<i class="pstatus"> 本帖最后由 街坊乙 于 2026-1-3 12:30 编辑 </i>{quote}快了<font class="jammer">k3Xq</font><span style="display:none">x9</span>快了'
    (found,) = read(thread(post(502, body))).posts
    assert (found.text, found.reply_to) == ("快了快了", "501")
    assert "修到几时啊" in found.quoted


def test_comments_under_a_post_are_posts_that_answer_it():
    under = '<div id="comment_501"><div class="pstl"><div class="psta"><a class="xi2">街坊丁</a></div><div class="psti">顶<span class="xg1">发表于 2026-1-3 12:10</span></div></div></div>'
    _, comment = read(thread(post(501, "修到几时啊", under=under))).posts
    assert (comment.author, comment.text, comment.reply_to) == ("街坊丁", "顶", "501")
    assert comment.native_id == read(thread(post(501, "修到几时啊", under=under))).posts[1].native_id
    assert comment.ts == datetime(2026, 1, 3, 4, 10, tzinfo=UTC)


def test_a_post_that_a_moderator_blocked_is_withheld_with_the_sites_words():
    locked = '<div id="post_503"><div class="authi"><a class="xw1">某人</a></div><em id="authorposton503">发表于 2026-1-3 12:00</em><div class="pcb"><div class="locked">提示: <em>该帖被管理员或版主屏蔽</em></div></div></div>'
    (found,) = read(thread(locked)).posts
    assert (found.native_id, found.withheld) == ("503", "提示: 该帖被管理员或版主屏蔽")


def test_a_reversed_thread_is_noticed():
    posts = [post(500, "楼主")] + [post(510 - n, "回", when=f"发表于 2026-1-3 11:{50 - n}:00") for n in range(4)]
    assert read(thread(*posts)).newest_first
    assert not read(thread(*[post(500 + n, "回", when=f"发表于 2026-1-3 11:{10 + n}:00") for n in range(4)])).newest_first


@pytest.mark.parametrize("charset", ["gbk", "gb2312", "utf-8"])
def test_pages_in_gbk_are_read_with_all_their_characters(charset):
    html = thread(post(501, "䶮叔说㕸字打不出")).replace("{charset}", charset)
    answer = HtmlResponse(f"{SITE}thread-21-1-1.html", body=html.encode("gb18030" if charset != "utf-8" else "utf-8"))
    assert Discuz().read_thread(answer, SOURCE, NOW, first=True).posts[0].text == "䶮叔说㕸字打不出"


NOTICE = '<html><head><title>提示信息 - 坂田论坛</title></head><body><div id="messagetext"><p>{}</p></div>{}</body></html>'


@pytest.mark.parametrize(
    ("html", "state"),
    [
        (NOTICE.format("抱歉，您需要先登录才能继续本操作", '<div id="messagelogin"></div>'), State.LOGIN_WALL),
        (NOTICE.format("抱歉，您没有权限访问该版块", ""), State.LOGIN_WALL),
        (NOTICE.format("抱歉，本版块只有特定用户可以访问", ""), State.LOGIN_WALL),
        (NOTICE.format("抱歉，本站点暂时关闭", ""), State.UNREACHABLE),
        (NOTICE.format("抱歉，您的 IP 地址不在允许范围内", ""), State.BLOCKED),
        ("<html><body>您的访问太快，频繁刷新限制，请稍候</body></html>", State.THROTTLED),
        ("<html><body>请计算 3+4 = <input name='secqsubmit'></body></html>", State.CAPTCHA),
        ("<html><script>var u='forum.php?'+'_dsign='+x</script></html>", State.BLOCKED),
        ("<html><head><title>bbs.example.cn - Database Error</title></head><body></body></html>", State.UNREACHABLE),
    ],
)
def test_walls_with_status_200_are_states_and_never_content(html, state):
    found, start = read(html), Discuz().read_list(page(html, SITE), SOURCE, NOW)
    assert start.wall
    assert (start.wall.state, start.posts, found.posts) == (state, (), ())
    if state == State.LOGIN_WALL:  # one thread among others, on a site that is open
        assert (found.wall, found.no_thread, found.closed) == (None, True, start.wall)
    else:
        assert found.wall == start.wall


@pytest.mark.parametrize(
    "text", ["为什么说频繁刷新限制？", "您需要先登录才能看大图，烦", "secqsubmit 是什么", "本站点暂时关闭是假的"]
)
def test_posts_that_talk_about_walls_are_posts(text):
    found = read(thread(post(501, text)))
    assert (found.wall, [one.text for one in found.posts]) == (None, [text])


def test_a_deleted_thread_is_gone_whatever_the_status():
    for status in (200, 404):
        assert read(NOTICE.format("抱歉，指定的主题不存在或已被删除或正在被审核", ""), status=status).gone


def test_it_recognises_itself_and_nothing_else():
    assert Discuz().recognises(page(LIST.format(current=1), SITE))
    assert not Discuz().recognises(page("<html><head><meta name='generator' content='WordPress 6'></head></html>", SITE))


@given(st.permutations(["mod=viewthread", "tid=21", "extra=page%3D3", "fromuid=8", "sid=Ab1", "page=4"]), st.integers(1, 10**9))
def test_every_way_to_a_thread_is_one_address(parts, tid):
    dynamic = thread_address(f"{SITE}forum.php?{'&'.join(parts)}#lastpost".replace("tid=21", f"tid={tid}"))
    assert dynamic == f"{SITE}forum.php?mod=viewthread&tid={tid}" == thread_address(dynamic)
    rewritten = thread_address(f"{SITE}thread-{tid}-3-7.html?fromuid=2")
    assert rewritten == f"{SITE}thread-{tid}-1-1.html" == thread_address(rewritten)
