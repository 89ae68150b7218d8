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
        (around("<p>您还没有登陆，请先登陆</p>"), State.LOGIN_WALL),
        (around("<p>抱歉，本内容仅限会员查看</p>"), State.LOGIN_WALL),
        (around("<div class=error>您没有登录或者您没有权限访问此页面</div>"), State.LOGIN_WALL),
        (around("<h2>Information</h2><p>You must be logged in to view this forum.</p>"), State.LOGIN_WALL),
        (
            "<html><head><title>登录 - 家长论坛</title></head><body><div class=box><form method=post><input name=a><input type=password name=b></form></div></body></html>",
            State.LOGIN_WALL,
        ),
        ("<html><head><title>百度安全验证</title></head><body><div>网络不给力，请稍后重试</div></body></html>", State.CAPTCHA),
        ("<html><body><h2>环境异常</h2><p>当前环境异常，完成验证后即可继续访问。</p><a>去验证</a></body></html>", State.CAPTCHA),
        ("<html><body><p>亲，请拖动下方滑块完成验证</p><div id=nc_1_n1z></div></body></html>", State.CAPTCHA),
        ("<html><head><title>验证码中间页</title></head><body></body></html>", State.CAPTCHA),
        (
            "<html><body><div id=c></div><script src='https://turing.captcha.qcloud.com/TCaptcha.js'></script></body></html>",
            State.CAPTCHA,
        ),
        ("<html><body><script>initAliyunCaptcha({SceneId:1})</script><p>访问验证</p></body></html>", State.CAPTCHA),
        ("<html><body>Our systems have detected unusual traffic from your computer network.</body></html>", State.CAPTCHA),
        (
            "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>",
            State.BLOCKED,
        ),
        (
            "<html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1></body></html>",
            State.BLOCKED,
        ),
        ("<html><script>document.cookie='__jsl_clearance=1;path=/'</script></html>", State.BLOCKED),
        ("<html><body><script>var __tst_status='1#'; EO_Bot_Ssid='2'</script></body></html>", State.BLOCKED),
        ("<html><script>$_ts=window['$_ts'];</script></html>", State.BLOCKED),
        (
            "<html><body><iframe src='/_Incapsula_Resource?x'>Request unsuccessful. Incapsula incident ID: 1</iframe></body></html>",
            State.BLOCKED,
        ),
        (
            "<html><head><title>405</title></head><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</body></html>",
            State.BLOCKED,
        ),
        (
            "<html><head><title>网站防火墙</title></head><body>您的请求带有不合法参数，已被网站管理员设置拦截！</body></html>",
            State.BLOCKED,
        ),
        ("<html><body>当前访问疑似黑客攻击，已被创宇盾拦截</body></html>", State.BLOCKED),
        ("<html><body>请在微信客户端打开链接</body></html>", State.BLOCKED),
        (around("<p>抱歉，您无权访问该版块</p>"), State.BLOCKED),
        (around("<p>You are not authorised to read this forum.</p>"), State.BLOCKED),
        (
            around("<p>Your access to this site has been limited by the site owner. Access to this site has been limited</p>"),
            State.BLOCKED,
        ),
        (
            "<html><body>Access to this page has been denied because we believe you are using automation tools.</body></html>",
            State.BLOCKED,
        ),
        (around("<p>刷新太快，请 10 秒后再试</p>"), State.THROTTLED),
        (around("<p>您的请求过于频繁</p>"), State.THROTTLED),
        ("<html><body>Briefly unavailable for scheduled maintenance. Check back in a minute.</body></html>", State.UNREACHABLE),
        (around("<p>Sorry but this board is currently unavailable.</p>"), State.UNREACHABLE),
        (around("<p>系统维护，请明日再来</p>"), State.UNREACHABLE),
        ("<html><body>网站暂时无法访问：该网站未进行备案</body></html>", State.UNREACHABLE),
        ("<html><body>This domain name is for sale.</body></html>", State.UNREACHABLE),
        ("<html><body><h1>Account Suspended</h1></body></html>", State.UNREACHABLE),
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


QUICK = "<div id=hd><form id=lsform><input name=u><input type=password name=p><button>登录</button></form></div>"
"""The small login form at the top of every page of a Discuz! forum."""
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
        f"<html><body>{QUICK}<div class=bm>本版块暂无主题，快来发帖吧</div></body></html>",
        f"<html><body>{QUICK}<div class=bm>抱歉，没有找到相关内容</div></body></html>",
        "<html><head><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></head><body><p>本版块暂无主题</p></body></html>",
        "<html><head><script src='https://www.google.com/recaptcha/api.js'></script></head><body><p>暂无新帖</p></body></html>",
        around(f"<article>{STORY}登录之后才能查看的那个功能坏了，请先登录再试也没用，访问被拒绝</article>"),
        around(f"<article>{STORY}今天被封号了，说我访问频繁，拖动滑块也没用，too many requests</article>"),
        around(f"<article>{STORY}Cloudflare 老是 just a moment...，checking your browser，烦死了</article>"),
        around("<h1>通知</h1><p>图书馆周三闭馆，读者可在自助机上还书。</p>"),
        around("<article>孩子说学校机房的电脑开不了机，老师让大家先写作业。</article>"),
        around("<p>No topics yet. Be the first to start a discussion!</p>"),
        "<html><body><header><form><input name='u'><input type='text'></form></header><p>今天停水</p></body></html>",
        "",
    ],
)
def test_a_page_with_content_is_none_whatever_it_talks_about(html):
    assert found(html) is None


def test_an_answer_that_is_no_page_is_judged_by_its_status_only():
    assert found('{"message": "rate limit"}', 200, **{"Content-Type": "application/json"}) is None
