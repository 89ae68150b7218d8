"""Pages that Discuz! shows instead of content, most of them with status 200."""

import re
from typing import Final

from scrapy.http import TextResponse

from crawlers.page_text import element_text
from crawlers.states import State, Wall

GONE: Final = ("指定的主题不存在", "指定的主題不存在", "指定的版块不存在", "指定的版塊不存在")
SAID: Final[tuple[tuple[tuple[str, ...], State], ...]] = (
    (("您需要先登录", "您尚未登录", "需要登录", "您需要先登錄"), State.LOGIN_WALL),
    (("没有权限访问", "只有特定用户", "阅读权限高于", "所在的用户组", "需要密码"), State.LOGIN_WALL),
    (("本站点暂时关闭", "站点关闭", "请其他时间再试"), State.UNREACHABLE),
    (("IP 地址不在允许范围", "IP地址不在允许范围"), State.BLOCKED),
)
"""Words of the notice page, and the state that they mean."""
BARE: Final[tuple[tuple[tuple[str, ...], State], ...]] = (
    (("频繁刷新限制", "页面重载开启", "代理服务器访问限制"), State.THROTTLED),
    (("secqsubmit",), State.CAPTCHA),
    (("_dsign=",), State.BLOCKED),
)
"""The same for pages without the site's frame."""


def is_gone(page: TextResponse) -> bool:
    """The thread or board does not exist (any more)."""
    return any(word in _notice(page) for word in GONE)


def wall_of(page: TextResponse) -> Wall | None:
    """The wall that `page` is; None = it is none."""
    notice = _notice(page)
    if notice:
        for words, state in SAID:
            if any(word in notice for word in words):
                return Wall(state, notice[:200])
        if page.css("#messagelogin"):
            return Wall(State.LOGIN_WALL, notice[:200])
    if page.css("#postlist, #threadlist, #ct .fl"):
        return None
    if re.search(r"<title>[^<]*Database Error", page.text):
        return Wall(State.UNREACHABLE, "Database Error")
    for words, state in BARE:
        if any(word in page.text for word in words):
            return Wall(state, " ".join(element_text(page.selector).split())[:200] or words[0])
    return Wall(State.BLOCKED, notice[:200]) if notice else None


def _notice(page: TextResponse) -> str:
    found = page.css("#messagetext p, .jump_c p")
    return " ".join(element_text(found[0]).split()) if found else ""
