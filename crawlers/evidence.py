"""Evidence of a source's state in Chinese; what a site itself said stays as it said it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_SHANGHAI: Final = timezone(timedelta(hours=8))
_FIELDS: Final = {
    "posts": "页面里的帖子",
    "id": "编号",
    "time": "时间",
    "author": "作者",
    "text": "正文",
    "threads": "列表里的主题",
    "activity": "列表里的最后回复",
}


def _filled(found: re.Match[str]) -> str:
    field = _FIELDS.get(found[1], found[1])
    return f"“{field}”：{found[3]} 处只有 {found[2]} 处读到，平时为 {found[4]}"


def _since(found: re.Match[str]) -> str:
    instant = datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).astimezone(_SHANGHAI)
    return f"{instant:%Y-%m-%d %H:%M} 之后没有新帖"


def _says(wording: str) -> Callable[[re.Match[str]], str]:
    return lambda found: wording.format(*found.groups())


_WORDINGS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), wording)
    for pattern, wording in (
        (r"(\d+) new posts, (\d+) pages", _says("新帖 {0} 条，读了 {1} 页")),
        (r"no new post since (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", _since),
        (r"no post yet", _says("还没有采到帖子")),
        (r"the hours in the source file are over", _says("来源文件约定的采集时段已过")),
        (r"paused by (.+?): (.+)", _says("由 {0} 暂停：{1}")),
        (r"(\w+): found in (\d+) of (\d+), usually in (\d+%)", _filled),
        (r"Forbidden by robots\.txt", _says("robots.txt 不允许采集起始页")),
        (r"robots\.txt could not be read, so nothing is", _says("读不到 robots.txt，因此什么也不读")),
        (r"robots\.txt could not be read, so nothing is: (.+)", _says("读不到 robots.txt，因此什么也不读（{0}）")),
        (r"(.+); (\S+) is not asked before ([-\d]+ [:\d]+) \(UTC\+8\)", _says("{0}；{2}（北京时间）之前不再访问 {1}")),
        (r"robots\.txt answered (\d+)", _says("robots.txt 返回 {0}，因此什么也不读")),
        (r"HTTP (\d{3})", _says("返回 HTTP {0}")),
        (r"HTTP (\d{3}): (.+)", _says("返回 HTTP {0}：{1}")),
        (r"a login form", _says("页面是登录表单")),
        (r"(?:\w*Timeout\w*|TCPTimedOut)Error: (.*)", _says("连接超时（{0}）")),
        (r"\w*ConnectionRefused\w*: (.*)", _says("连接被拒（{0}）")),
        (r"\w*(?:DNSLookup|CannotResolveHost)\w*: (.*)", _says("域名解析失败（{0}）")),
    )
)


def in_chinese(evidence: str) -> str:
    """`evidence` (as `crawlers.condition` words it) in Chinese; words of a site or of a library stay as they are."""
    for pattern, wording in _WORDINGS:
        if found := pattern.fullmatch(evidence):
            return wording(found)
    return evidence
