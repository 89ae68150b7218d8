"""How old a child is that a text speaks of: years and school years as people write them, never a guess."""

import re
from typing import Final

from humiao.store.query import fold

_DIGITS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBER: Final = r"(\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_YEARS: Final = re.compile(rf"(?<![\d一二三四五六七八九十百]){_NUMBER}(?:周岁|岁)(?!以[上下内]|多|到|至|-|~|的?(?:大人|老人|成年))")
_SCHOOL: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    *((re.compile(rf"{word}年级"), age) for word, age in zip("一二三四五六", range(7, 13), strict=True)),
    *((re.compile(rf"初{word}(?![个次步中])"), age) for word, age in zip("一二三", range(13, 16), strict=True)),
    *((re.compile(rf"{word}年级"), age) for word, age in zip("七八九", range(13, 16), strict=True)),
    *((re.compile(rf"高{word}(?![个次级])"), age) for word, age in zip("一二三", range(16, 19), strict=True)),
    (re.compile("幼儿园|学前班"), 6),
    (re.compile("小学生"), 12),
)
"""Words of school and the usual age in them at most."""
ADULT: Final = 18


def youngest(text: str) -> int | None:
    """The lowest age below 18 that `text` names; None if it names none."""
    folded = fold(text)
    ages = [_number(found) for found in _YEARS.findall(folded)]
    ages += [age for word, age in _SCHOOL if word.search(folded)]
    return min((age for age in ages if 0 < age < ADULT), default=None)


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text]
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
