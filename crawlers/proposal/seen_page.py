"""A page as it was seen: its elements, their texts, and every time that stands on it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector
from scrapy.http import TextResponse

from humiao.times import parse_time

ZONE: Final = ZoneInfo("Asia/Shanghai")
SHORT: Final = 70
"""Characters up to which an element's text may be a time and little else."""
MOST_TIMES: Final = 600
QUIET: Final = frozenset({"script", "style", "noscript", "template", "head", "option", "textarea", "svg", "iframe"})
_CLUE: Final = re.compile(r"\d[\d:年月/.-]|前|刚|昨|今|ago|now|yesterday|today|[\u4e00-\u5341]月", re.IGNORECASE)
_TIME_ATTRIBUTES: Final = (
    "datetime", "data-time", "data-timestamp", "data-date", "data-datetime", "data-ts", "data-created", "data-created-at",
    "data-original-title", "data-tooltip", "title", "content",
)  # fmt: skip
_DAY: Final = r"(?:(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?|昨天|前天|今天|昨日|今日)"
WRITTEN: Final = (
    rf"({_DAY}(?:\s*(?:周|星期)[一二三四五六日天])?\s*(?:[上下]午|晚上|凌晨|中午)?\s*\d{{1,2}}:\d{{1,2}}(?::\d{{1,2}})?(?:\s?[AP]M)?)",
    r"((?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?)",
    r"((?:\d+|半|几)\s?(?:秒钟?|分钟|个?小时|天|周|个?月|年)前|刚刚)",
    r"((?:昨天|前天|今天)\s*\d{1,2}:\d\d(?::\d\d)?)",
)
"""Times within a sentence, by how much they say."""
NOT_WHEN_POSTED: Final = re.compile(
    r"注册|加入|入会|会员|登[录陆]|在线|生日|编辑|修改|更新|到期|访问|"
    r"joined|regist|member since|edited|modified|updated|last (?:visit|seen|active)",
    re.IGNORECASE,
)
"""Words beside a time that is not the post's."""


@dataclass(frozen=True)
class SeenTime:
    """A time that an element shows."""

    element: Any
    attribute: str
    """Where it stands; empty = in the text."""
    pattern: str
    """What takes it out of a longer text; empty = the text is the time."""
    ts: datetime
    relative: bool
    """Written as 3 小时前, so that its text changes by itself."""
    clock: bool
    """It says the time of day."""


@dataclass
class SeenPage:
    """A page that was fetched, `now` being when (aware)."""

    url: str
    response: TextResponse
    now: datetime
    zone: ZoneInfo = ZONE
    link_text: str = ""
    """What the link said that led here."""
    texts: dict[Any, str] = field(default_factory=dict, repr=False)

    @cached_property
    def selector(self) -> Selector:
        """For CSS."""
        return self.response.selector

    @cached_property
    def root(self) -> Any:
        """The body, or whatever there is."""
        found = self.response.selector.css("body") if self.response.selector.type == "html" else []
        return found[0].root if found else self.response.selector.root

    @cached_property
    def times(self) -> list[SeenTime]:
        """Every time on the page, in its order."""
        return times_in(self.root, self.zone, self.now) if isinstance(self.root, HtmlElement) else []

    @cached_property
    def links(self) -> list[Any]:
        """Elements that lead elsewhere."""
        return list(self.root.iter("a")) if isinstance(self.root, HtmlElement) else []


@lru_cache(maxsize=60_000)
def text_of(element: Any, most: int = 4000) -> str:
    """What an element says, white space as single blanks, scripts left out."""
    pieces: list[str] = []
    size = 0
    for piece in _pieces(element):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            break
    return " ".join("".join(pieces).split())


def _pieces(element: Any) -> Any:
    skipped = 0
    for event, each in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            if each.tag in QUIET:
                skipped += 1
            if not skipped and each.text:
                yield each.text
            if each.tag in {"br", "p", "div", "td", "li", "tr", "dt", "dd"}:
                yield " "
        elif event == "end":
            if each.tag in QUIET:
                skipped -= 1
            if not skipped and each is not element and each.tail:
                yield each.tail
        elif not skipped and each is not element and each.tail:
            yield each.tail


def times_in(root: Any, zone: ZoneInfo, now: datetime) -> list[SeenTime]:
    """Every time within `root`; of elements that say the same, the innermost."""
    found: list[SeenTime] = []
    for element in root.iter():
        if len(found) >= MOST_TIMES:
            break
        if not isinstance(element.tag, str) or element.tag in QUIET or _within_quiet(element):
            continue
        found.extend(_of_attributes(element, zone, now))
        if one := _of_text(element, zone, now):
            found.append(one)
    return found


def _within_quiet(element: Any) -> bool:
    return any(above.tag in QUIET for above in element.iterancestors())


def _of_attributes(element: Any, zone: ZoneInfo, now: datetime) -> list[SeenTime]:
    found = []
    for name in _TIME_ATTRIBUTES:
        value = element.get(name, "")
        if not value or len(value) > SHORT or not _CLUE.search(value) or (name == "content" and "itemprop" not in element.attrib):
            continue
        if re.fullmatch(r"[\d.:\s]{1,8}", value) or (name in {"title", "content"} and re.fullmatch(r"\d+", value)):
            continue
        if ts := time_of(value, zone, now):
            found.append(SeenTime(element, name, "", ts, relative=_is_relative(value), clock=_has_clock(value)))
    return found


def _of_text(element: Any, zone: ZoneInfo, now: datetime) -> SeenTime | None:
    whole = text_of(element, SHORT + 1)
    if not _CLUE.search(whole[: SHORT + 1]) and len(whole) <= SHORT:
        return None
    if len(whole) <= SHORT and (ts := time_of(whole, zone, now)):
        inner = [one for one in element if isinstance(one.tag, str) and time_of(text_of(one, SHORT), zone, now) == ts]
        return None if inner else SeenTime(element, "", "", ts, relative=_is_relative(whole), clock=_has_clock(whole))
    return _in_a_sentence(element, zone, now)


def _in_a_sentence(element: Any, zone: ZoneInfo, now: datetime) -> SeenTime | None:
    own = [element.text or "", *(child.tail or "" for child in element)]
    for piece in own:
        if not _CLUE.search(piece):
            continue
        for pattern in WRITTEN:
            match = re.search(pattern, piece)
            if match and (ts := time_of(match[1], zone, now)):
                return SeenTime(element, "", pattern, ts, relative=_is_relative(match[1]), clock=_has_clock(match[1]))
    return None


def time_of(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The time that `text` is; None = it is none."""
    if len(text) < 2 or not _CLUE.search(text):
        return None
    try:
        return parse_time(text, zone, now)
    except (ValueError, OverflowError):
        return None


def _is_relative(text: str) -> bool:
    return bool(re.search(r"前(?!天)|刚|ago|now|[今昨前][天日]|yesterday|today", text, re.IGNORECASE)) or bool(
        re.fullmatch(r"\D{0,6}\d{1,2}:\d\d", text)
    )


def _has_clock(text: str) -> bool:
    return bool(re.search(r"\d{1,2}:\d\d|\d{10}|\d点|\d时", text))
