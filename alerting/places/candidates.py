"""Which places a name may mean, with a score and the reasons for it.

Points of evidence (more is surer); a name is settled when the best candidate leads by `LEAD`, or is the only one.
"""

import re
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final

from alerting.places.gazetteer import Gazetteer, Naming
from alerting.places.occurrences import Occurrence
from alerting.places.place import Kind, Place
from alerting.places.surroundings import Known

LEAD: Final = 1.5
"""By which the best candidate must lead the second."""
NEAR_KM: Final = 1.5
BESIDE: Final = 1
"""Characters between an area and the name that it stands before: 坂田一中, 坂田的一中."""
_NAMING: Final = {Naming.OFFICIAL: 3.0, Naming.ALIAS: 1.0, Naming.DERIVED: 0.0}
_NAMING_WORDS: Final = {Naming.OFFICIAL: "正式名称", Naming.ALIAS: "登记的别名", Naming.DERIVED: "由正式名称推出的简称"}
SAID: Final[dict[str, tuple[float, float, str]]] = {
    "hint": (4.0, 2.0, "来源地点"),
    "board": (4.0, 2.0, "版块"),
    "title": (3.0, 1.5, "标题"),
    "parent": (3.0, 1.5, "所回复的帖子"),
    "text": (4.0, 1.5, "正文"),
}
"""Where a place or its area is named -> points for the place itself, for an area that it lies in, the word for it."""
_AREA_BEFORE: Final = 3.0
_NEIGHBOUR: Final = 1.5
_KIND_CUE: Final = 1.5
_LEVEL_CUE: Final = 2.5
_CUES: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.SCHOOL: (
        "学生", "老师", "上学", "放学", "同学", "年级", "班主任", "校长", "校服", "操场", "校门", "读书", "家长会",
        "初一", "初二", "初三", "高一", "高二", "高三",
    ),
    Kind.KINDERGARTEN: ("小班", "中班", "大班", "园长", "入园", "接娃", "宝宝"),
    Kind.ESTATE: ("业主", "物业", "小区", "楼下", "保安亭", "住户", "邻居", "租房", "期", "栋", "车库"),
    Kind.SHOP: ("老板", "店员", "店里", "奶茶", "买", "收银"),
    Kind.STATION: ("地铁", "出站", "站口", "换乘"),
    Kind.WATER: ("游泳", "野泳", "溺水", "钓鱼", "玩水"),
}  # fmt: skip
_LEVELS: Final = {
    "小学": re.compile(r"[一二三四五六1-6]年级|小学|小升初|小朋友"),
    "中学": re.compile(r"初[一二三中]|高[一二三中]|[七八九7-9]年级|中考|高考|中学"),
}
"""What is said of pupils of a school whose name ends so."""
_CUE_WITHIN: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name may mean."""

    id: str
    score: float
    reasons: tuple[str, ...]
    """Chinese, one fact each."""


def candidates(one: Occurrence, text: str, known: dict[str, Known], gazetteer: Gazetteer) -> list[Candidate]:
    """The places that the name of `one` may mean, the best first.

    Args:
        one: a name in `text`.
        text: folded.
        known: what the texts of `SAID` name for certain.
        gazetteer: of the district.
    """
    ids = gazetteer.names[one.name]
    found = []
    for id, naming in ids.items():
        evidence = [
            (_NAMING[naming], _NAMING_WORDS[naming]),
            *_said(id, one, known, gazetteer),
            *_neighbours(id, known["text"], gazetteer),
        ]
        if len(ids) > 1:
            evidence += _level(gazetteer.places[id], one, text)
        if len({gazetteer.places[other].kind for other in ids}) > 1:
            evidence += _cues(gazetteer.places[id], one, text)
        found.append(Candidate(id, round(sum(points for points, _ in evidence), 2), tuple(reason for _, reason in evidence)))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.id))


def settled(found: list[Candidate]) -> str | None:
    """The id that leads clearly; None = it is not certain which place is meant."""
    if not found:
        return None
    return found[0].id if len(found) == 1 or found[0].score - found[1].score >= LEAD else None


def _said(id: str, one: Occurrence, known: dict[str, Known], gazetteer: Gazetteer) -> list[tuple[float, str]]:
    areas = gazetteer.areas(id)
    evidence = []
    for where, (itself, within, word) in SAID.items():
        if not (places := known[where]):
            continue
        named = places.get(id)
        if named and (where != "text" or named.times > 1 or named.first != one):
            evidence.append((itself, f"{word}提到{gazetteer.places[id].name}"))
        elif area := next((area for area in areas if area in places), ""):
            beside = where == "text" and any(one.start - gap in places[area].ends for gap in range(BESIDE + 1))
            evidence.append((_AREA_BEFORE if beside else within, f"{word}提到所在的{gazetteer.places[area].name}"))
    return evidence


def _neighbours(id: str, known: Known, gazetteer: Gazetteer) -> list[tuple[float, str]]:
    """One of the places named beside it that lies near in the district."""
    place = gazetteer.places[id]
    for other in known:
        neighbour = gazetteer.places[other]
        if other != id and neighbour.kind is not Kind.AREA and _near(place, neighbour):
            return [(_NEIGHBOUR, f"同时提到附近的{neighbour.name}")]
    return []


def _near(one: Place, other: Place) -> bool:
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return kilometres(one.lat, one.lon, other.lat, other.lon) <= NEAR_KM
    return bool(one.parent) and one.parent == other.parent


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance (haversine, mean radius of the earth 6371 km) of two points in degrees."""
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    half = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def _level(place: Place, one: Occurrence, text: str) -> list[tuple[float, str]]:
    level = _LEVELS.get(place.name[-2:])
    found = level.search(_around(one, text)) if level else None
    return [(_LEVEL_CUE, f"旁边有“{found.group()}”")] if found else []


def _cues(place: Place, one: Occurrence, text: str) -> list[tuple[float, str]]:
    around = _around(one, text)
    cue = next((word for word in _CUES.get(place.kind, ()) if word in around), "")
    return [(_KIND_CUE, f"旁边有“{cue}”")] if cue else []


def _around(one: Occurrence, text: str) -> str:
    return f"{text[max(0, one.start - _CUE_WITHIN) : one.start]} {text[one.end : one.end + _CUE_WITHIN]}"
