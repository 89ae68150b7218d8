"""Words around times: labels to leave out, full-width digits, traditional characters, Chinese numerals, units."""

import re
import unicodedata
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS: Final = {name: place for place, name in enumerate(_MONTHS, 1)}
WEEKDAYS: Final = {name: place for place, name in enumerate("一二三四五六日")} | {"天": 6}
UNITS: Final = {
    **dict.fromkeys(("秒", "秒钟", "s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("分", "分钟", "m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("小时", "h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("天", "d", "day", "days"), 86400),
    **dict.fromkeys(("周", "星期", "礼拜", "w", "week", "weeks"), 604800),
    **dict.fromkeys(("月", "month", "months"), 2592000),
    **dict.fromkeys(("年", "year", "years"), 31536000),
}
"""Seconds; a month counts 30 days and a year 365, as forums do."""
_SIMPLE: Final = str.maketrans("鐘時點個週禮兩後剛", "钟时点个周礼两后刚")
_LABEL: Final = re.compile(
    r"^(?:本帖|该帖|帖子)?(?:最后|最後|最近)?(?:由.{0,40}?)?(?:发表|發表|发布|發佈|發布|回复|回覆|编辑|編輯|更新|修改|创建|提交)?"
    r"(?:于|於|日期|时间|在)\s*:?\s*|^(?:posted|published|updated|created|edited|on)\s*(?:on|at)?\s*:?\s*"
)
_TAIL: Final = re.compile(r"\s*(?:发表|發表|发布|更新|编辑|回复|来自.*|\|.*|·.*)$")
_DIGITS: Final = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL: Final = re.compile(
    r"[零〇一二两三四五六七八九十]{1,3}(?=\s*(?:个半?)?(?:秒|分|小时|天|周前|星期前|礼拜前|月前?|年前?|点|日|号))"
)


def plain(text: str) -> str:
    """`text` in one form: half width, simplified time words, digits for numerals, lower case, single blanks, no labels."""
    value = unicodedata.normalize("NFKC", text).translate(_SIMPLE)
    value = re.sub(r"\s+", " ", value).strip().lower()
    value = _LABEL.sub("", value, count=1)
    value = _TAIL.sub("", value)
    return number(value).strip(" :,")


def number(text: str) -> str:
    """Chinese numerals before a unit as digits: 十二分钟 → 12分钟."""
    return _NUMERAL.sub(lambda found: str(_value(found[0])), text)


def _value(word: str) -> int:
    if "十" not in word:
        return int("".join(str(_DIGITS[one]) for one in word))
    tens, _, ones = word.partition("十")
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
