"""Where a text names a person, announced or not: 刚才李晓雯又哭了.

A name begins with a surname and goes on with one or two characters that do not belong to the words around them. Each possible
name is scored by the sum of the weights of what holds of it: how often its characters stand together in ordinary text, how
often they make names, and what stands beside them. Weights and counts (``names.npz``) come from ``python -m classifier.names``.
Only Chinese names; one of a foreigner or a nickname (小明, 阿强) is none.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

DATA: Final = Path(__file__).with_name("names.npz")
DOUBLE_SURNAMES: Final = frozenset(
    ["欧阳", "上官", "司马", "诸葛", "司徒", "东方", "夏侯", "皇甫", "尉迟", "慕容", "令狐", "南宫", "长孙", "轩辕", "端木", "独孤"]
)
GIVEN_NAMES: Final = frozenset(
    # Characters that given names are often made of, above all those of children born since 2005.
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛超兰霞刚桂英华玉萍红鹏辉梓涵浩宇轩雨欣怡诗雅墨诺琪睿泽晨晓雯婷佳俊豪博嘉思彤梦瑶子宸铭皓瑞萱妍悦"
    "瑾珊琳璐倩颖莹莉芬燕珍珠琴梅菊荣贵福建志文武斌彬峰波亮凯旭东林森海江河山川龙虎飞翔宏宁康健安然若冰雪心语馨蕊菲薇莎蓉芸蕾芷芮茜荷莲妮娅婉"
    "婧媛嫣姗姝娇娥曦昊昕晗晴暄煜炜烨焕熙霖霏霄锐锋鑫钰铮钧钦淑清洁泓淇渝源溪润澜灏灿哲远达迪逸道遥翰翊羽帆乐仪伊依俐倪凌凡力劲勤卓奕奇威学孝"
    "尧峻岩岚崇巍帅庆延弘彦德忠念恒恺恩惠慧慷振捷敬斯昌星春昱景智朋柏柯栋桐楠榕樱欢民永沁治泉洪浚淳深湘炎爽牧玥玮玲珂琛琦琼瑜瑗璇璟畅益盈祥"
    "祺禾竹筠紫纯素绍维翠聪胜舒航良艺苑茵茹菁葵蓝虹蝶裕誉豫贝赫跃辰锦阳雁雄霜青韵顺颜风香骏鸣鸿麒麟黛齐一可小明芯朵果沐沫泠恬甯柠桃栩槿毓承弛曼"
    "岸朔笑蔚筱霁知夏乐天柔萌多家"
)
NEVER: Final = frozenset(
    "的了不是我你他她它们么吗吧呢啊哦在有就都也和与及但而或被把给让对向从到为以于这那哪什谁怎很太更最还又再只才没别去来上下里外前后说看做打吃喝走要想会能年月日号时分点个"
    "条次位本元块钱人"
)
"""Characters of grammar, which no given name has."""
COMMON_SHARE: Final = 3.4e-4
"""A neighbour that is at least this share of ordinary text is told by itself, a rarer one as "some character"."""
CUT: Final = -1.5
"""Score from which on it is taken for a name: rather a word masked than a child named."""
LONGEST_GIVEN: Final = 2
_STOPS: Final = "，。！？、,.!?:：；;…"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a name may stand."""

    start: int
    surname: int
    """Characters of the surname."""
    given: int
    """Characters of the given name."""

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + self.surname + self.given


class Counts:
    """How ordinary text uses characters and pairs of them, in coarse levels."""

    def __init__(self, surnames: str, chars: Mapping[str, int], pairs: NDArray[np.uint32], levels: NDArray[np.uint16]) -> None:
        """Take counts over.

        Args:
            surnames: all surnames of one character.
            chars: character -> parts per million of ordinary text.
            pairs: pairs of characters (first << 16 | second), sorted.
            levels: for each pair its association, its share of the first and its share of the second (`pair_level`).
        """
        self.surnames, self.chars, self.pairs, self.levels = frozenset(surnames), chars, pairs, levels
        self.level = lru_cache(1 << 16)(self._level)

    def _level(self, first: str, second: str) -> tuple[int, int, int]:
        if not (_is_han(first) and _is_han(second)):
            return 9, 9, 9
        key = (ord(first) << 16) | ord(second)
        place = int(np.searchsorted(self.pairs, key))
        if place == len(self.pairs) or self.pairs[place] != key:
            return 0, 0, 0
        packed = int(self.levels[place])
        return packed >> 8, packed >> 4 & 15, packed & 15

    def rarity(self, char: str) -> int:
        """0 (unknown) to 7 (every hundredth character)."""
        return min(7, int(math.log2(self.chars.get(char, 0) + 1) / 2))

    def beside(self, char: str) -> str:
        """What stands beside a name, as far as it tells anything."""
        if not char:
            return "^"
        if _is_han(char):
            return char if self.chars.get(char, 0) >= COMMON_SHARE * 1e6 else "h"
        if char.isspace():
            return " "
        return "0" if char.isdigit() else "a" if char.isalpha() else "p" if char in _STOPS else "o"


def pair_level(count: int, first: int, second: int, total: int) -> int:
    """A pair's levels, packed: association (1 none to 6 strong), share of the first, share of the second (1 rare to 6 always)."""
    association = math.log(count * total / (first * second))
    strength = 1 if association < 0.3 else 2 + min(4, int(association / 1.3))  # noqa: PLR2004 (no more than chance)
    shares = [1 + min(5, max(0, int(math.log10(count / whole * 1e4)))) for whole in (first, second)]
    return strength << 8 | shares[0] << 4 | shares[1]


def candidates(text: str, counts: Counts) -> Iterator[Candidate]:
    """Where a name may stand."""
    for start, char in enumerate(text):
        surname = 2 if text[start : start + 2] in DOUBLE_SURNAMES else 1
        if surname == 1 and char not in counts.surnames:
            continue
        for length in range(LONGEST_GIVEN, 0, -1):
            given = text[start + surname : start + surname + length]
            if len(given) == length and all(_is_han(one) and one not in NEVER for one in given):
                yield Candidate(start, surname, length)


def features(text: str, found: Candidate, counts: Counts) -> list[str]:
    """What holds of a candidate."""
    given = text[found.start + found.surname : found.end]
    before = text[found.start - 1 : found.start] if found.start else ""
    after = text[found.end : found.end + 1]
    family, last = text[found.start + found.surname - 1], given[-1]
    kind = str(found.given)
    into = counts.level(before, text[found.start])
    inside = counts.level(family, given[0])
    out = counts.level(last, after)
    named = [one in GIVEN_NAMES for one in given]
    told = [
        f"kind {kind}{found.surname}",
        f"surname {text[found.start : found.start + found.surname]}",
        f"before {counts.beside(before)}",
        f"after {counts.beside(after)}",
        f"{kind} surname is {counts.rarity(family)}",
        f"{kind} in {into[0]}",
        f"{kind} in by {into[2]}",
        f"{kind} surname first {inside[0]}",
        f"{kind} surname by {inside[1]}",
        f"{kind} first by {inside[2]}",
        f"{kind} out {out[0]}",
        f"{kind} out by {out[1]}",
        f"{kind} first named {named[0]}",
        f"{kind} first is {counts.rarity(given[0])}",
        f"first {given[0]}",
    ]
    if found.given == 1:
        return told
    between = counts.level(given[0], last)
    return [
        *told,
        f"last {last}",
        f"last named {named[1]}",
        f"last is {counts.rarity(last)}",
        f"first last {between[0]}",
        f"first last by {between[1]}",
        f"twice {given[0] == last}",
        f"named {sum(named)}",
    ]


@dataclass(frozen=True)
class Names:
    """Finds names."""

    counts: Counts
    weights: Mapping[str, float]
    bias: float

    def spans(self, text: str, cut: float = CUT) -> list[tuple[int, int]]:
        """Where names begin and end, in order; they do not overlap."""
        scored = [(self.score(text, one), one) for one in candidates(text, self.counts)]
        taken: list[Candidate] = []
        for score, one in sorted(scored, key=lambda pair: (-pair[0], pair[1].start)):
            if score < cut:
                break
            if all(one.end <= other.start or one.start >= other.end for other in taken):
                taken.append(one)
        return sorted((one.start, one.end) for one in taken)

    def score(self, text: str, found: Candidate) -> float:
        """Log odds that a candidate is a name."""
        return self.bias + sum(self.weights.get(one, 0.0) for one in features(text, found, self.counts))


@cache
def names() -> Names:
    """The finder that this version ships with."""
    with np.load(DATA) as stored:
        chars = dict(zip(str(stored["chars"]), stored["parts"].tolist(), strict=True))
        counts = Counts(str(stored["surnames"]), chars, stored["pairs"], stored["levels"])
        told = str(stored["features"]).split("\n")
        return Names(counts, dict(zip(told, stored["weights"].astype(float).tolist(), strict=True)), float(stored["bias"]))


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
