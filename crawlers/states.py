"""What a source is doing, in words that patrol staff and ops share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """State of a source. Metrics, the console and the logs use these words."""

    RUNNING = "running"
    QUIET = "quiet"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    LOGIN_WALL = "login_wall"
    CAPTCHA = "captcha"
    LAYOUT_CHANGED = "layout_changed"
    ROBOTS_FORBIDDEN = "robots_forbidden"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    WINDOW_CLOSED = "window_closed"


ADVICE: Final[dict[State, tuple[str, str]]] = {
    State.RUNNING: ("正常采集，无需处理。", "Read as it should be; nothing to do."),
    State.QUIET: (
        "可以访问，但最近没有新帖；如与平日不符，请打开网站核对。",
        "Reachable, but nothing new; if that is unusual, open the site and compare.",
    ),
    State.THROTTLED: (
        "网站要求放慢，已自动降速；如经常出现，请调低该来源的速率。",
        "The site asked to slow down and reading did; if it happens often, lower the source's rate.",
    ),
    State.BLOCKED: (
        "网站拒绝访问，已停止尝试；请联系站方（见许可说明），不要更换地址绕过。",
        "The site refuses us and reading stopped; talk to its owner (see the permission note), never go round it.",
    ),
    State.LOGIN_WALL: (
        "页面需要登录，本系统不登录；请改用公开版块，或请站方提供公开接口。",
        "The pages want a login, which humiao never does; choose public boards or ask the owner for a public feed.",
    ),
    State.CAPTCHA: (
        "网站要求验证码，本系统不作答；请联系站方放行或降低速率。",
        "The site shows a captcha, which is never answered; ask the owner to let us in, or lower the rate.",
    ),
    State.LAYOUT_CHANGED: (
        "页面结构变了，已停止发布以免错采；请运行 humiao sources check 并更新选择器。",
        "The pages changed and publishing stopped; run humiao sources check and mend the selectors.",
    ),
    State.ROBOTS_FORBIDDEN: (
        "robots.txt 不允许采集这些页面；请取得书面同意或移除该来源。",
        "robots.txt forbids these pages; get a written agreement or remove the source.",
    ),
    State.UNREACHABLE: (
        "无法连接网站，会自动重试；若超过一天，请核对网址和网络。",
        "The site can't be reached; it is tried again by itself. After a day, check address and network.",
    ),
    State.PAUSED: ("已被人工暂停；需要时在来源页恢复。", "Paused by a person; resume it on the sources page."),
    State.WINDOW_CLOSED: ("不在约定的采集时段，到点自动继续。", "Outside of the agreed hours; it goes on by itself."),
}
"""What to do about each state: Chinese, English."""


@dataclass(frozen=True)
class Wall:
    """A page that stands where content should be: never content itself."""

    state: State
    """One of blocked, login_wall, captcha, throttled, unreachable."""
    evidence: str
    """What the page says, at most 200 characters."""
