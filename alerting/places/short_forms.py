"""Short forms that people make of an official name, by rule: 坂田小学 → 坂小, 第一中学 → 一中, 万科四季花城 → 四季花城.

A rule knows nothing of other places: a form that two places share is ambiguous, which is for the matcher to say.
"""

import re
from collections.abc import Iterator
from typing import Final

from alerting.places.place import Kind, Place

SHORTEST_REST: Final = 3
"""Characters that must stay when a suffix like 花园 or 网吧 is dropped: shorter rests are words of everyday."""
_REGION: Final = re.compile(r"^(?:广东省)?(?:深圳市)?(?:[\u4e00-\u9fff]{2}[区县])?(?:[\u4e00-\u9fff]{2}(?:街道|镇))?")
_UNSPECIFIC: Final = frozenset(
    [
        "高级中学",
        "实验学校",
        "外国语学校",
        "实验小学",
        "中心小学",
        "实验中学",
        "附属中学",
        "附属小学",
        "中学",
        "小学",
        "学校",
        "公园",
        "中央广场",
        "城市广场",
    ]
)
_BRANCH: Final = re.compile(r"[（(][^）)]*[）)]$")
_DEVELOPER: Final = re.compile(r"^(?:万科|中海|佳兆业|保利|华润|恒大|碧桂园|龙湖|金地|招商|星河|卓越|华为)(?=.{3,})")
_NUMBERED: Final = re.compile(
    r"^(?P<of>[\u4e00-\u9fff]*?)第(?P<n>[一二三四五六七八九十]{1,2})(?P<high>高级)?(?P<kind>中学|小学|实验学校|实验小学|幼儿园)$"
)
_ATTACHED: Final = re.compile(
    r"^(?P<of>[\u4e00-\u9fff]{2})(?P<normal>师范)?大学(?P<where>[\u4e00-\u9fff]{0,2}?)"
    r"附属(?P<rest>[\u4e00-\u9fff]*)$"
)
_ENDINGS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    # ending of the name, what follows the whole stem, what follows its first character
    ("外国语小学", ("外国语", "外小"), ("外", "外小")),
    ("外国语学校", ("外国语", "外校"), ("外",)),
    ("实验小学", ("实验", "实验小"), ("实小", "实验")),
    ("实验中学", ("实验", "实验中"), ("实中", "实验")),
    ("实验学校", ("实验",), ("实", "实验")),
    ("中心小学", ("中心小", "小学", "小"), ("小",)),
    ("高级中学", ("高中", "高"), ("高", "高中")),
    ("初级中学", ("初中",), ("初",)),
    ("小学", ("小",), ("小",)),
    ("中学", ("中",), ("中",)),
)
_DROPPED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.ESTATE: ("花园", "小区", "公寓", "家园", "山庄", "名苑", "雅苑", "大厦", "庄园"),
    Kind.SHOP: ("便利店", "文具店", "奶茶店", "电子烟店", "奶茶", "超市", "士多", "小卖部"),
    Kind.VENUE: ("电竞酒店", "网咖", "网吧", "KTV", "酒吧", "密室", "桌游吧", "电玩城"),
}
_SAID_INSTEAD: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    Kind.STATION: (("站", "地铁站"), ("站", "地铁口")),
    Kind.KINDERGARTEN: (("双语幼儿园", "幼儿园"), ("双语幼儿园", "幼儿"), ("幼儿园", "幼儿"), ("幼儿园", "幼")),
    Kind.VENUE: (("网咖", "网吧"), ("网吧", "网咖"), ("电竞酒店", "电竞")),
    Kind.PARK: (("体育公园", "公园"), ("郊野公园", "公园"), ("科技公园", "公园"), ("社区公园", "公园")),
}


def derived(place: Place) -> set[str]:
    """Short forms of a place's official name, without the name itself. An area has none: its name must be given whole."""
    if place.kind is Kind.AREA:
        return set()
    bases = set(_bases(place.name, place.kind))
    found = {form for base in bases for form in (_school(base) if place.kind is Kind.SCHOOL else _other(base, place.kind))}
    found |= {form for alias in place.aliases for form in _said_instead(alias, place.kind)}
    return {form for form in found | bases if len(form) > 1} - {place.name, *place.aliases} - _UNSPECIFIC


def _bases(name: str, kind: Kind) -> Iterator[str]:
    """The name, and without the region in front, the branch in brackets, an estate's developer."""
    yield name
    region = _REGION.match(name)
    rest = name[region.end() :] if region else name
    if rest in _UNSPECIFIC or re.fullmatch(r"第[一二三四五六七八九十]+.*", rest):
        yield re.sub(r"[市区县]|街道|镇", "", name[: len(name) - len(rest)])[-2:] + rest
    if rest and rest != name and rest not in _UNSPECIFIC:
        yield rest
    without = _BRANCH.sub("", name)
    if without != name:
        yield without
    if kind is Kind.ESTATE and (developer := _DEVELOPER.match(name)):
        yield name[developer.end() :]


def _school(base: str) -> Iterator[str]:
    if numbered := _NUMBERED.match(base):
        end = {"中": "中", "小": "小", "幼": "幼", "实": "实"}[numbered["kind"][0]]
        short = numbered["n"] + ("高" if numbered["high"] else end)
        yield short
        if of := numbered["of"]:
            yield from (of + short, of[0] + short)
    elif attached := _ATTACHED.match(base):
        yield from _attached(attached)
    else:
        for ending, after_stem, after_first in _ENDINGS:
            if base.endswith(ending) and len(stem := base.removesuffix(ending)) > 1:
                yield from (stem + end for end in after_stem)
                yield from (stem[0] + end for end in after_first)
                return


def _attached(found: re.Match[str]) -> Iterator[str]:
    """华南师范大学附属龙岗雅宝小学: 华附, 华师附小, 雅宝小学, 华附雅宝小学."""
    rest = re.sub(r"^(?:深圳|龙岗)(?:市|区)?", "", found["rest"])
    level = {"小学": "小", "中学": "中"}.get(rest[-2:], "")
    shorts = [found["of"][0] + "附"]
    if found["normal"]:
        shorts += [found["of"][0] + "师附", found["of"] + "师大附属", found["of"][0] + "师大附"]
    for short in shorts:
        yield short
        if level and not short.endswith("附属"):
            yield short + level
        if rest not in _UNSPECIFIC and len(rest) > len(level) + 2:
            yield from (short + rest, short + rest[:-2])
    if rest not in _UNSPECIFIC and len(rest) > 3:  # noqa: PLR2004 (a stem of two characters and 小学)
        yield rest
        yield rest[:-2] + level if level else rest


def _other(base: str, kind: Kind) -> Iterator[str]:
    for ending in _DROPPED.get(kind, ()):
        if base.endswith(ending) and len(base) - len(ending) >= SHORTEST_REST:
            yield base.removesuffix(ending)
    yield from _said_instead(base, kind)


def _said_instead(name: str, kind: Kind) -> Iterator[str]:
    for ending, instead in _SAID_INSTEAD.get(kind, ()):
        if name.endswith(ending):
            yield name.removesuffix(ending) + instead
