import pytest

from crawlers.states import State
from crawlers.walls import find_wall
from tests.crawlers.families.pages import page


def found(html: str, status: int = 200, **headers: str):
    return find_wall(page(html, "https://bbs.example.cn/t/1", status=status, headers={"Content-Type": "text/html", **headers}))


def around(inner: str, title: str = "坂田论坛") -> str:
    return f"<html><head><title>{title}</title></head><body><header>坂田论坛 <a href='/'>首页</a></header><main>{inner}</main><footer>备案号</footer></body></html>"


@pytest.mark.parametrize(
    ("html", "state"),
    [
        (
            around("<form action='/login'><input name='u'><input type='password' name='p'><button>登录</button></form>"),
            State.LOGIN_WALL,
        ),
        (around("<p>抱歉，您需要先登录才能继续本操作</p>"), State.LOGIN_WALL),
        (around("<p>登录后才可以查看</p>"), State.LOGIN_WALL),
        (around("<p>Please sign in to continue</p>"), State.LOGIN_WALL),
        (around("<p>请输入验证码</p><img src='/code.png'>"), State.CAPTCHA),
        (around("<p>请拖动滑块完成拼图</p>"), State.CAPTCHA),
        ("<html><body><script src='https://static.geetest.com/v4/gt4.js'></script></body></html>", State.CAPTCHA),
        ("<html><body><div class='g-recaptcha'></div></body></html>", State.CAPTCHA),
        (around("<p>Verify you are human by completing the action below.</p>"), State.CAPTCHA),
        ("<html><script>var arg1='A';document.cookie='acw_sc__v2='+x</script></html>", State.BLOCKED),
        (
            "<html><body><script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>Just a moment...</body></html>",
            State.BLOCKED,
        ),
        (around("<h1>Access Denied</h1>"), State.BLOCKED),
        (around("<p>您的 IP 已被封禁</p>"), State.BLOCKED),
        (around("<p>您的访问过于频繁，请稍后再试</p>"), State.THROTTLED),
        (around("<p>Too many requests</p>"), State.THROTTLED),
        (around("<p>网站正在维护中，请稍后访问</p>"), State.UNREACHABLE),
        (around("<p>论坛暂时关闭</p>"), State.UNREACHABLE),
    ],
)
def test_a_page_that_is_nothing_but_a_wall_is_a_state(html, state):
    wall = found(html)
    assert wall
    assert wall.state == state
    assert wall.evidence


@pytest.mark.parametrize(
    ("status", "state"),
    [(401, State.LOGIN_WALL), (403, State.BLOCKED), (407, State.BLOCKED), (429, State.THROTTLED), (451, State.BLOCKED)],
)
def test_a_refusal_by_status_is_one_and_keeps_what_the_page_says(status, state):
    wall = found(around("<p>不行</p>"), status)
    assert wall
    assert (wall.state, "不行" in wall.evidence) == (state, True)


STORY = (
    "孩子今天回来讲，学校门口新开了家文具店，排队的人从门口一直站到公交站。我去看了看，本子三块五，比网上贵一点，老板人倒是很好，还送了块橡皮。"
    * 8
)


@pytest.mark.parametrize(
    "html",
    [
        around(f"<article>{STORY}<p>您需要登录后才可以回帖 <a href='/login'>登录</a></p></article>"),
        around(f"<div class='box'><input type='password'></div><article>{STORY}</article>"),
        around(f"<article>{STORY}验证码老是收不到，请输入验证码那个页面卡死了</article>"),
        around(f"<article>{STORY}</article><div class='g-recaptcha'></div>"),
        around(f"<article>{STORY}网站正在维护中，我刷了半天</article>"),
        around("<p>本版块暂无主题</p>"),
        around("<p>没有找到相关内容</p>"),
        around("<article>求教：小区门口的路灯谁管？</article>"),
        "<html><body><header><form><input name='u'><input type='text'></form></header><p>今天停水</p></body></html>",
        "",
    ],
)
def test_a_page_with_content_is_none_whatever_it_talks_about(html):
    assert found(html) is None


def test_an_answer_that_is_no_page_is_judged_by_its_status_only():
    assert found('{"message": "rate limit"}', 200, **{"Content-Type": "application/json"}) is None
