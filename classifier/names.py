"""Teaches `humiao.names` what a name looks like: ``python -m classifier.names --public-data FOLDER``.

No text with marked names is needed: invented names are put where ordinary posts say 他, 我 or 老师, and the model learns to tell
them from all else that begins with a surname. Counts come from the public sets and our own posts; neither can be read back out of
``humiao/names.npz``. Takes some ten minutes on one core.
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifier.public import folder, held_out, read
from classifier.rows import own
from humiao.names import DATA, DOUBLE_SURNAMES, GIVEN_NAMES, NEVER, Counts, candidates, features, pair_level

SURNAMES: Final = (
    # The hundred and some commonest first, by the name reports of 2020; then rarer ones in no order.
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵"
    "万覃武钱戴严莫孔向常汤欧温施洪季康赖文樊兰殷葛章祝左纪庞柳涂齐甘尤翟耿裴鲁聂阮骆凌翁柯喻岳盛童关毕路祁倪辛焦梅鲍安单詹申成包舒华甄宁娄卓冉穆谷屈项宫霍俞席虞诸戚费岑滕时傅皮卞伍元卜"
    "平和萧湛米贝明臧计伏谈茅闵麻危颜虢支昝管经房裘缪干解应宗宣贲郁杭吉钮嵇邢滑荣荀羊惠曲封芮储靳汲糜井富巫乌牧隗山车全班仰秋仲伊仇栾暴厉戎符景束幽司韶郜蓟薄印宿怀蒲邰从鄂索咸籍蔺屠蒙"
    "池乔阴胥能苍双闻莘党贡劳逄姬扶堵宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农晏柴瞿阎慕连茹宦艾鱼容古易慎庾终暨居衡步耿满弘匡国寇广禄阙殳沃利蔚越夔隆师巩厍晁勾敖融冷訾阚那简饶空毋沙乜养鞠须丰"
    "巢蒯相查后荆红游竺权逯盖益桓公苟佘蓝佟练苗初郎买揭宾幸凡亓晋楚代丘敬区"
)
COMMON_SURNAMES: Final = 117
MOST_ORDINARY: Final = 2.2e-3
"""A rarer surname that makes up more of ordinary text than this is left out: it is hardly ever one."""
FEWEST_PAIRS: Final = 20
FEWEST_SEEN: Final = 8
LONGEST: Final = 200
"""Characters of a post that are learnt from."""
NAMED: Final = {"weibo_unlabelled": 24_000, "nus_sms_unlabelled": 10_000, "chnci_bullying": 24_000}
SEED: Final = 7
_SPOT: Final = re.compile("(?<!其)[他她你我](?!们)|老师|妈妈|爸爸|同学|哥哥|姐姐|弟弟|妹妹|老板|队友|医生|孩子|女生|男生")
_RUN: Final = re.compile("[\u4e00-\u9fff]+")


def count(posts: Sequence[str]) -> Counts:
    """Characters and pairs in distinct `posts`."""
    singles: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for run in (run for post in dict.fromkeys(posts) for run in _RUN.findall(post)):
        singles.update(run)
        pairs.update(map("".join, pairwise(run)))
    total = sum(singles.values())
    kept = sorted((ord(pair[0]) << 16 | ord(pair[1]), pair) for pair, seen in pairs.items() if seen >= FEWEST_PAIRS)
    levels = [pair_level(pairs[pair], singles[pair[0]], singles[pair[1]], total) for _, pair in kept]
    surnames = [
        one for rank, one in enumerate(dict.fromkeys(SURNAMES)) if rank < COMMON_SURNAMES or singles[one] / total <= MOST_ORDINARY
    ]
    parts = {char: round(seen / total * 1e6) for char, seen in singles.items() if seen / total >= 1e-6}  # noqa: PLR2004
    return Counts("".join(surnames), parts, np.array([key for key, _ in kept], np.uint32), np.array(levels, np.uint16))


class Inventor:
    """Makes names up and puts them into posts."""

    def __init__(self, counts: Counts, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        self._given = sorted(GIVEN_NAMES)
        ordered = sorted(counts.chars, key=lambda char: (-counts.chars[char], char))
        self._any = [char for char in ordered[250:3000] if char not in NEVER]
        self._surnames = [one for one in dict.fromkeys(SURNAMES) if one in counts.surnames]
        self._shares = [(1 / (8 + rank)) ** 0.75 for rank in range(len(self._surnames))]

    def name(self) -> str:
        """A name that nobody need bear."""
        if self._dice.random() < 0.01:  # noqa: PLR2004
            return self._dice.choice(sorted(DOUBLE_SURNAMES)) + self._given_name()
        return self._dice.choices(self._surnames, self._shares)[0] + self._given_name()

    def _given_name(self) -> str:
        usual, other = self._dice.choice(self._given), self._dice.choice(self._any)
        forms = [usual + self._dice.choice(self._given), usual, usual * 2, self._dice.choice("小一子思可若天") + usual,
                 usual + other, other + usual, other + self._dice.choice(self._any), other]  # fmt: skip
        return self._dice.choices(forms, [52, 12, 5, 6, 9, 9, 4, 3])[0]

    def named(self, post: str) -> tuple[str, set[tuple[int, int]]]:
        """`post` with up to three invented names, and where they begin and end."""
        parts: list[str] = []
        places: set[tuple[int, int]] = set()
        done = length = 0
        for spot in _SPOT.finditer(post):
            if len(places) == 3 or self._dice.random() < 0.5:  # noqa: PLR2004
                continue
            name = self.name()
            parts += [post[done : spot.start()], name]
            length += spot.start() - done
            places.add((length, length + len(name)))
            length, done = length + len(name), spot.end()
        return "".join([*parts, post[done:]]), places


def examples(named: Sequence[str], plain: Sequence[str], counts: Counts, inventor: Inventor) -> Iterator[tuple[list[str], bool]]:
    """Candidates with what holds of them, and whether each is an invented name."""
    for post in named:
        text, places = inventor.named(post[:LONGEST])
        for one in candidates(text, counts):
            yield features(text, one, counts), (one.start, one.end) in places
    for post in plain:
        for one in candidates(post[:LONGEST], counts):
            yield features(post[:LONGEST], one, counts), False


def learn(rows: Sequence[tuple[list[str], bool]]) -> tuple[dict[str, float], float]:
    """Weights of a logistic regression, and its bias."""
    seen = Counter(one for told, _ in rows for one in told)
    seats = {one: seat for seat, one in enumerate(sorted(one for one, times in seen.items() if times >= FEWEST_SEEN))}
    cells = [[seats[one] for one in told if one in seats] for told, _ in rows]
    ends = np.cumsum([0, *map(len, cells)])
    flat = np.concatenate([np.array(some, np.int32) for some in cells])
    table = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(rows), len(seats)))
    model = LogisticRegression(C=0.3, max_iter=400).fit(table, [is_name for _, is_name in rows])
    return {one: float(model.coef_[0, seat]) for one, seat in seats.items()}, float(model.intercept_[0])


def main() -> None:
    """Count, learn, write ``humiao/names.npz``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public-data", type=Path)
    given = parser.parse_args()
    home = folder(given.public_data)
    sets = {name: [row["text"] for row in read(home, name) if not held_out(row)] for name in NAMED}
    ours = [row.text for row in own()]
    counts = count([*(text for some in sets.values() for text in some), *ours])
    dice = random.Random(SEED)  # noqa: S311
    named, plain = ours[::2], ours[1::2]
    for name, size in NAMED.items():
        mixed = dice.sample(sets[name], len(sets[name]))
        named, plain = [*named, *mixed[:size]], [*plain, *mixed[size : 2 * size]]
    rows = list(examples(named, plain, counts, Inventor(counts, SEED)))
    sys.stdout.write(f"{len(rows):,} candidates, {sum(is_name for _, is_name in rows):,} of them names\n")
    weights, bias = learn(rows)
    chars = sorted(counts.chars)
    np.savez_compressed(
        DATA,
        surnames=np.array("".join(sorted(counts.surnames))),
        chars=np.array("".join(chars)),
        parts=np.array([counts.chars[char] for char in chars], np.int32),
        pairs=counts.pairs,
        levels=counts.levels,
        features=np.array("\n".join(weights)),
        weights=np.array(list(weights.values()), np.float16),
        bias=np.array(bias),
    )
    sys.stdout.write(f"{DATA}: {len(weights):,} weights, {len(counts.pairs):,} pairs, {DATA.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
