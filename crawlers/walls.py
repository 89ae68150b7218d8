"""Walls that stand where content should be, on any site: known by status, by their own marks, and by being all that the page is."""

import re
from http import HTTPStatus
from typing import Final

from scrapy.http import TextResponse

from crawlers.page_text import element_text
from crawlers.polite.markup_limits import too_much_markup
from crawlers.states import State, Wall

BY_STATUS: Final = {
    HTTPStatus.UNAUTHORIZED.value: State.LOGIN_WALL,
    HTTPStatus.PAYMENT_REQUIRED.value: State.BLOCKED,
    HTTPStatus.FORBIDDEN.value: State.BLOCKED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value: State.BLOCKED,
    HTTPStatus.TOO_MANY_REQUESTS.value: State.THROTTLED,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS.value: State.BLOCKED,
}
CHALLENGES: Final = (
    ("acw_sc__v2", State.BLOCKED),
    ("/cdn-cgi/challenge-platform/", State.BLOCKED),
    ("cf-chl-", State.BLOCKED),
    ("_dsign=", State.BLOCKED),
    ("$_ts=window", State.BLOCKED),
    ("geetest", State.CAPTCHA),
    ("recaptcha", State.CAPTCHA),
    ("hcaptcha", State.CAPTCHA),
    ("tcaptcha", State.CAPTCHA),
)
"""Marks of scripts that stand before a site; on a page with content they mean nothing (a comment form may have a captcha)."""
_CAPTCHA: Final = (
    r"请输入(?:图中的?|下[图方]的?)?验证码|拖动滑块|滑块验证|完成(?:下方|安全|人机)?验证|人机验证"
    r"|verify (?:that )?you are (?:a )?human"
)
_FLOOD: Final = r"访问(?:过于|太)?频繁|操作(?:过于|太)频繁|频繁刷新|请求(?:过于|太)频繁|too many requests|rate limit"
_LOGIN: Final = (
    r"(?:您|你)?(?:需要|请先|必须)(?:先)?登[录錄]|登[录錄](?:后|後)(?:才能|才可以|可)?(?:查看|浏览|访问|继续)"
    r"|please (?:log|sign) in|(?:log|sign) in to (?:continue|view)"
)
_REFUSED: Final = r"(?:拒绝|禁止)访问|access denied|被(?:防火墙|安全策略)?拦截|IP\s*(?:地址)?(?:已)?被(?:封|禁)|forbidden"
_CLOSED: Final = r"(?:正在|暂时)(?:维护|升级)|(?:维护|升级)中|(?:站点|网站|论坛)(?:已|暂时)?关闭|under maintenance"
SAID: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), state)
    for pattern, state in (
        (_CAPTCHA, State.CAPTCHA),
        (_FLOOD, State.THROTTLED),
        (_LOGIN, State.LOGIN_WALL),
        (_REFUSED, State.BLOCKED),
        (_CLOSED, State.UNREACHABLE),
    )
)
"""What a page says that says little else."""
LITTLE: Final = 400
"""Characters of visible text up to which a page can be nothing but a notice."""
_CHROME: Final = ("header", "footer", "nav", "aside", "select", "[role=navigation]", "[role=banner]")


def find_wall(page: TextResponse) -> Wall | None:
    """The wall that `page` is; None = it is none.

    For pages on which the family found nothing: a page with threads or posts is content, whatever it says.
    """
    if too_much_markup(page.body):
        return Wall(BY_STATUS[page.status], f"HTTP {page.status}") if page.status in BY_STATUS else None
    if state := BY_STATUS.get(page.status):
        return Wall(state, _evidence(page) or f"HTTP {page.status}")
    if "html" not in (page.headers.get("Content-Type") or b"html").decode("latin-1"):
        return None
    text = _text(page)
    return _of_words(page, text) if len(text) <= LITTLE else None


def _of_words(page: TextResponse, text: str) -> Wall | None:
    for mark, state in CHALLENGES:
        if mark in page.text:
            return Wall(state, text[:200] or mark)
    if page.css("form input[type=password]"):
        return Wall(State.LOGIN_WALL, text[:200] or "a login form")
    title = page.css("title::text").get(default="")
    said = [state for pattern, state in SAID if pattern.search(text) or pattern.search(title)]
    return Wall(said[0], (text or title)[:200]) if said else None


def _text(page: TextResponse) -> str:
    """What the page says apart from its frame."""
    body = page.css("body")
    return " ".join(element_text(body[0], _CHROME).split()) if body else " ".join(page.text[:LITTLE].split())


def _evidence(page: TextResponse) -> str:
    return f"HTTP {page.status}: {_text(page)[:180]}"
