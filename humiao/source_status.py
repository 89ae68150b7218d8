"""What the crawl stage tells of each source, and what a person may tell it: notes in the store that crawlers and console share.

Kinds: ``source`` (key: name of the source, `SourceStatus`), ``pause`` (name of the source, `Pause`), ``crawler`` (id of the
process, `CrawlerNote`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from humiao.errors import BadInput
from humiao.store.port import Store

SOURCE_NOTES: Final = "source"
PAUSE_NOTES: Final = "pause"
CRAWLER_NOTES: Final = "crawler"
LEASE_NOTES: Final = "lease"
KEPT_CHANGES: Final = 50
"""Changes of state that a source's note keeps."""
LONGEST_REASON: Final = 300

_lines = structlog.get_logger()


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


STATE_NAMES: Final[dict[State, str]] = {
    State.LAYOUT_CHANGED: "版面已变",
    State.BLOCKED: "被拒绝",
    State.LOGIN_WALL: "需要登录",
    State.CAPTCHA: "要求验证码",
    State.ROBOTS_FORBIDDEN: "robots 不允许",
    State.UNREACHABLE: "无法连接",
    State.THROTTLED: "被限速",
    State.QUIET: "没有新帖",
    State.PAUSED: "已暂停",
    State.WINDOW_CLOSED: "时段未到",
    State.RUNNING: "正常采集",
}
"""Chinese names, in the order in which they want a person's attention."""

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


class Told(BaseModel):
    """A note's content: immutable; fields of a later release are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Change(Told):
    """A state that a source was in. All times here are UTC."""

    state: State
    since: AwareDatetime
    evidence: str
    """What showed it, in English."""
    evidence_zh: str = ""
    """The same in Chinese."""


class SourceStatus(Told):
    """A source as the process that crawls it sees it. Never holds the text of a post."""

    name: str
    platform: str
    family: str
    owner: str
    permission: str
    place: str = ""
    start: str = ""
    """Its first start page."""
    delay: float
    """Seconds between two requests, as agreed."""
    now: Change | None = None
    """The present state; None = not visited yet."""
    history: tuple[Change, ...] = ()
    """States before the present one, latest first, at most KEPT_CHANGES."""
    last_new: AwareDatetime | None = None
    """When a new post last came."""
    visited_at: AwareDatetime | None = None
    """When it was last visited."""
    next_at: AwareDatetime | None = None
    """When it will be visited again, if nothing comes between."""
    posts_day: int = 0
    """New posts in the last 24 hours."""
    pages_day: int = 0
    """Pages with posts in the last 24 hours."""
    crawler: str = ""
    """Name of the process that crawls it."""
    at: AwareDatetime
    """When this was written."""


class Pause(Told):
    """A person wants a source to rest."""

    who: str = Field(min_length=1, max_length=100)
    at: AwareDatetime
    why: str = Field(min_length=1, max_length=LONGEST_REASON)


class CrawlerNote(Told):
    """A process that crawls, renewed three times and more per lease while it lives."""

    name: str
    """``MACHINE:PROCESS``."""
    mark: str
    """Names the process for good, see `humiao.log.liveness`."""
    beat: int
    """Counts the renewals: the note changes with each."""
    scope: str
    """The same for processes with the same sources, which share them fairly."""
    lease: float
    """Seconds after which a note that no longer changes means a dead process."""
    since: AwareDatetime
    at: AwareDatetime
    """Shown to people only: whether the process lives is told by the note's changes, not by anybody's clock."""
    sources: int = 0
    """How many it crawls."""
    ended: bool = False
    """It ended, or was declared dead: it may never act again under this id."""


def alive(crawlers: dict[str, CrawlerNote], now: datetime) -> dict[str, CrawlerNote]:
    """Those that renewed within two leases, for people to see; clocks that differ by more show too few or too many."""
    return {id: one for id, one in crawlers.items() if not one.ended and (now - one.at).total_seconds() < 2 * one.lease}


def pause_source(store: Store, name: str, *, who: str, why: str, now: datetime) -> None:
    """Let a source rest; the process that crawls it obeys within seconds. One that is paused already keeps who paused it first.

    Raises:
        BadInput: no reason is given, or it is too long.
    """
    why = " ".join(why.split())
    if not 1 <= len(why) <= LONGEST_REASON:
        raise BadInput(f"reason: say why {name} is paused, in at most {LONGEST_REASON} characters; others have to understand it")
    if store.note(PAUSE_NOTES, name) is None:
        store.put_notes(PAUSE_NOTES, {name: Pause(who=who, at=now, why=why).model_dump_json()})
        _lines.info("source paused", source=name, who=who, why=why)


def resume_source(store: Store, name: str, *, who: str) -> bool:
    """Let a source be read again; False: it was not paused."""
    if store.note(PAUSE_NOTES, name) is None:
        return False
    store.drop_notes(PAUSE_NOTES, [name])
    _lines.info("source resumed", source=name, who=who)
    return True
