"""Training-time variation of posts: evasion, typing noise, wrapping, splicing, quoting. Seeded; the labels stay true.

What is varied goes through normalisation afterwards, so the model learns what evasion leaves over, not the tricks themselves.
Positives and negatives are varied alike: a trick is no sign of harm.
"""

from functools import cache
from random import Random
from typing import Final

from classifier.normalise.sounds import emoji_words
from classifier.normalise.tables import rows
from classifier.rows import Row
from humiao.hanzi import SIMPLIFIED
from humiao.labels import Harm, Sentiment, Stance

EVADED: Final = 0.12
NOISY: Final = 0.12
WRAPPED: Final = 0.12
SPLICED: Final = 0.06
QUOTED: Final = 0.06
"""Shares of the rows that get each treatment in an epoch; the rest stay as they are."""
_SEPARATORS: Final = (" ", ".", "·", "-", "/", "、", "*", "❤️", "。", "|", "~", "_", "＋", "🔥", "\u200b", ",")
_BEFORE: Final = (
    "转发微博//@阿宁:",
    "@小鱼干 ",
    "#日常# ",
    "回复 @momo:",
    "刚刚刷到:",
    "🔥🔥",
    "!!!",
    "[图片]",
    "👇👇",
    "1. ",
    "姐妹们,",
    "那个,",
)
_AFTER: Final = (
    " 来自iPhone客户端",
    " [doge]",
    "[流泪]",
    "😂😂",
    " #深圳#",
    " http://t.cn/A6xYz",
    " @小助手",
    "。。。。",
    "!!!!",
    "~~",
    " 网页链接",
    "(配图)",
    " 1楼",
    "[赞]",
    " 本帖最后由 楼主 编辑",
    " 蹲一个",
    " 发表于 3 小时前",
)
#: How people hand on what somebody else wrote; what stands inside was said by another, so the stance is a witness's.
_QUOTES: Final = (
    "有人在班级群里发这个:“{}”,要不要跟老师说?",
    "刷到一条评论写着「{}」,已经举报了",
    "我儿子手机里收到的:{}。气死我了,谁管管",
    "截图给大家看,这人说:{}",
    "群里突然冒出一条:{} 真是离谱,已退群",
    "“{}”——这种话也说得出口?",
    "同桌收到的私信:{}。我们不知道找谁",
    "有家长看到吗,论坛里有人发「{}」,麻烦管理员删一下",
    "今天又有人加我,第一句就是{},我没理,拉黑举报了",
    "转给网警:{}",
)


def vary(row: Row, others: list[Row], dice: Random) -> Row:
    """The row itself or a variant of it; `others`: fully labelled rows to splice with."""
    roll = dice.random()
    for share, treat in ((EVADED, _evaded), (NOISY, _noisy), (WRAPPED, _wrapped)):
        if roll < share:
            return row.with_text(treat(row.text, dice))
        roll -= share
    if roll < SPLICED:
        return _spliced(row, dice.choice(others), dice)
    roll -= SPLICED
    if roll < QUOTED and row.stance is Stance.OFFENDER and not row.parent and len(row.text) <= 80:  # noqa: PLR2004
        quoted = dice.choice(_QUOTES).format(row.text)
        return row.with_text(quoted, stance=Stance.WITNESS, sentiment=Sentiment.NEGATIVE)
    return row


def _spliced(row: Row, other: Row, dice: Random) -> Row:
    """Two posts in one: every harm of both; the stance of the one that harms. Only a harmless one is joined to another."""
    if row.parent or other.parent or len(row.text) + len(other.text) > 160:  # noqa: PLR2004 (both must be seen at once)
        return row
    harmful = [one for one in (row, other) if any(one.harm.values())]
    if len(harmful) > 1:
        return row
    text = dice.choice(("", " ", "\n", "。", " —— ")).join((row.text, other.text))
    if not harmful:
        return row.with_text(text, sentiment=row.sentiment if row.sentiment == other.sentiment else None)
    return harmful[0].with_text(text, sentiment=row.sentiment if row.sentiment == other.sentiment else None)


def _wrapped(text: str, dice: Random) -> str:
    front = dice.choice(_BEFORE) if dice.random() < 0.5 else ""  # noqa: PLR2004 (a coin)
    return front + text + dice.choice(_AFTER)


def _noisy(text: str, dice: Random) -> str:
    """Typing errors: a character lost, doubled, swapped, marks left out, the end cut off."""
    signs = list(text)
    for _ in range(max(1, len(signs) // 30)):
        place = dice.randrange(len(signs))
        kind = dice.randrange(4)
        if kind == 0 and len(signs) > 6:  # noqa: PLR2004
            del signs[place]
        elif kind == 1:
            signs.insert(place, signs[place])
        elif kind == 2 and place + 1 < len(signs):  # noqa: PLR2004
            signs[place], signs[place + 1] = signs[place + 1], signs[place]
        else:
            signs = [sign for sign in signs if sign not in "，。！？、,.!?"] or signs
    return "".join(signs)


def _evaded(text: str, dice: Random) -> str:
    """One to three tricks on about one character in eight."""
    for trick in dice.sample(
        (_by_sound, _by_separator, _by_parts, _by_picture, _by_initials, _by_mask, _in_traditional), dice.randint(1, 3)
    ):
        text = trick(text, dice)
    return text


def _some(text: str, dice: Random) -> list[int]:
    """Places of hanzi to tamper with, from the last to the first."""
    places = [place for place, sign in enumerate(text) if "\u4e00" <= sign <= "\u9fff"]
    count = min(len(places), max(1, round(len(places) / 12)))
    return sorted(dice.sample(places, count), reverse=True)


def _by_sound(text: str, dice: Random) -> str:
    for place in _some(text, dice):
        alike = _same_sound().get(text[place], "")
        if alike:
            text = text[:place] + dice.choice(alike) + text[place + 1 :]
    return text


def _by_separator(text: str, dice: Random) -> str:
    sign = dice.choice(_SEPARATORS)
    for place in _some(text, dice):
        text = text[: place + 1] + sign + text[place + 1 :]
    return text


def _by_parts(text: str, dice: Random) -> str:
    for place in _some(text, dice):
        text = text[:place] + _parts().get(text[place], text[place]) + text[place + 1 :]
    return text


def _by_picture(text: str, dice: Random) -> str:
    words = [word for word in _pictures() if word in text]
    for word in dice.sample(words, min(2, len(words))):
        text = text.replace(word, dice.choice(_pictures()[word]), 1)
    return text


def _by_initials(text: str, dice: Random) -> str:
    for place in _some(text, dice)[:2]:
        reading = _readings().get(text[place])
        if reading:
            text = text[:place] + (reading if dice.random() < 0.4 else reading[0]) + text[place + 1 :]  # noqa: PLR2004
    return text


def _by_mask(text: str, dice: Random) -> str:
    for place in _some(text, dice)[:1]:
        text = text[:place] + dice.choice("*xX○口") + text[place + 1 :]
    return text


def _in_traditional(text: str, dice: Random) -> str:  # noqa: ARG001 (the same shape as its siblings)
    return text.translate(_traditional())


@cache
def _traditional() -> dict[int, str]:
    return {ord(new): chr(old) for old, new in SIMPLIFIED.items()}


@cache
def _readings() -> dict[str, str]:
    return {sign: name for name, signs in rows("readings.tsv") for sign in signs}


@cache
def _same_sound() -> dict[str, str]:
    """Hanzi and the everyday ones that sound like it."""
    everyday = {sign for first, seconds in rows("everyday.tsv") for sign in first + seconds}
    table = {}
    for _, signs in rows("readings.tsv"):
        common = "".join(sign for sign in signs if sign in everyday)
        for sign in common:
            table[sign] = common.replace(sign, "")
    return table


@cache
def _parts() -> dict[str, str]:
    return {joined: parts for parts, joined, _ in rows("splits.tsv")}


@cache
def _pictures() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for picture, word in emoji_words().items():
        table.setdefault(word, []).append(picture)
    return table


def harmful(row: Row) -> bool:
    """Whether any harm is known to be there."""
    return any(row.harm.get(harm, 0.0) >= 0.5 for harm in Harm)  # noqa: PLR2004 (a vote)
