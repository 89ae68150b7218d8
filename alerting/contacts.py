"""Ways to reach somebody that a post names: WeChat, QQ and other accounts, mobile numbers, addresses of sites.

They are reduced to what stays when they are written otherwise: ``V❤信：s k i n 8 8 8 8`` and ``wx skin8888`` are one. The app
does not count: whoever is ``skin8888`` here and there is taken for one. Numbers that belong to everybody (110, 12355, 400 …) have
too few digits or another form, and so are never found.
"""

import re
import unicodedata
from typing import Final

from humiao.store.query import fold

MOST: Final = 20
"""Contacts of one post that are looked at; a list of a hundred numbers is a directory."""
SHORTEST: Final = 6
LONG_WORD: Final = 8
_NUMERALS: Final = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_ANNOUNCED: Final = re.compile(
    "(?:[微薇威维徽嶶v][ .❤♥]*信|weixin|wechat|[vwｖ]x|加[ +]*[v薇微威维]|[+➕]+[ ]*[v薇微威维]|卫星|qq|扣扣|企鹅|q群|群号|加群|"
    "telegram|电报|纸飞机|飞机|tg|抖音|快手|小红书|联系|私)"
    "(?:号码?|群号?|id|同号|群|我|是|为|方式|[^a-z0-9\u4e00-\u9fff]){0,6}"
    "(?P<account>(?:[a-z0-9][ .·•*|/、-]){4,23}[a-z0-9](?![a-z0-9])|@?[a-z0-9][a-z0-9_-]{4,23}(?![a-z0-9_-]))"
)
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9](?:[ .·•*|/、-]?\d){9})(?!\d)")
_SPOKEN: Final = re.compile("[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖0-9 .·-]{7,}")
_SITE: Final = re.compile(
    r"(?<![a-z0-9@.-])(?P<host>(?:[a-z0-9-]{1,63}\.)+(?:com|cn|net|org|top|xyz|vip|cc|me|io|club|shop|info|app|live|site|fun|im|link))"
    r"(?P<path>/[a-z0-9_-]{3,40})?(?![a-z0-9])"
)
_SHARED_HOSTS: Final = frozenset({"t.cn", "t.me", "dwz.cn", "url.cn", "u.jd.com", "m.tb.cn", "suo.im", "wa.me", "discord.gg"})
"""Sites where the path says who is meant."""
_EVERYBODYS: Final = re.compile(
    r"(?:^|\.)(?:gov\.cn|edu\.cn|baidu\.com|qq\.com|weibo\.(?:com|cn)|bilibili\.com|b23\.tv|taobao\.com|tmall\.com|jd\.com|douyin\.com|"
    r"xiaohongshu\.com|xhslink\.com|zhihu\.com|163\.com|sina\.com\.cn|sina\.com|sohu\.com|toutiao\.com|kuaishou\.com|youku\.com|"
    r"iqiyi\.com|people\.com\.cn|xinhuanet\.com|news\.cn|cctv\.com|12377\.cn|apple\.com|github\.com|google\.com|youtube\.com)$"
)
_WORDS: Final = frozenset({"admin", "service", "kefu", "weixin", "wechat", "telegram", "douyin", "group"})


def contacts(text: str) -> list[str]:
    """The contacts that `text` names, reduced, sorted, each once; at most `MOST`."""
    folded = _spoken(fold(text))
    found = {_bare(one["account"]) for one in _ANNOUNCED.finditer(folded)}
    found |= {_bare(one[1]) for one in _MOBILE.finditer(folded)}
    found |= {site for one in _SITE.finditer(folded) if (site := _site(one["host"], one["path"] or ""))}
    return sorted(one for one in found if one not in _WORDS and _tells(one))[:MOST]


def masked(contact: str) -> str:
    """As much of a contact as a list may show."""
    return contact[:2] + "*" * max(3, len(contact) - 4) + contact[-2:]


def _spoken(text: str) -> str:
    """`text` with rows of numerals written as digits."""
    return _SPOKEN.sub(lambda row: row[0].translate(_NUMERALS) if _has_numerals(row[0]) else row[0], text)


def _has_numerals(row: str) -> bool:
    return any(unicodedata.category(char) == "Lo" or char == "〇" for char in row)


def _bare(account: str) -> str:
    return re.sub("[^a-z0-9]", "", account)


def _tells(contact: str) -> bool:
    """Whether it can belong to one alone: six characters, and not letters that make a word."""
    if len(contact) < SHORTEST or "xxx" in contact:
        return False
    return len(contact) >= LONG_WORD or "." in contact or any(char.isdigit() for char in contact)


def _site(host: str, path: str) -> str:
    if host in _SHARED_HOSTS:
        return host + path if path else ""
    return "" if _EVERYBODYS.search(host) else host.removeprefix("www.")
