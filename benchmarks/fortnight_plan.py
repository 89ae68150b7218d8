"""A simulated fortnight of a district: everyday posts, look-alikes and planted incidents, with what belongs to which incident."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fortnight_texts import GRIEVANCES, HARMFUL, LOOK_ALIKES, QUIET, SLOTS, evaded, everyday, filled

from alerting.places.place import Place
from humiao.labels import Harm
from humiao.post import Post

BEGIN: Final = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Midnight in Shanghai."""
BOARDS: Final = (
    ("forum", "生活闲聊"), ("forum", "亲子教育"), ("forum", "二手市场"), ("forum", "校园"), ("forum", "失物寻人"),
    ("feed", "同城"), ("feed", "美食"), ("feed", "游戏"), ("feed", "追星"), ("qa", "情感"), ("qa", "升学"), ("qa", "健康"),
)  # fmt: skip
HOURS: Final = (3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 8, 10, 8, 7, 7, 8, 10, 12, 14, 15, 14, 10, 6)
"""Posts by hour of the day in Shanghai, in proportion."""
PLACES: Final = tuple(
    Place(id=id, kind=kind, name=name, aliases=aliases, invented=True)
    for id, kind, name, aliases in (
        ("qinghewan", "school", "青禾湾小学", ("青小",)),
        ("qiyunlu", "school", "栖云路实验学校", ("栖实",)),
        ("mingxizhou", "school", "明溪洲学校", ("明溪",)),
        ("wangrongpo", "school", "望榕坡中学", ("望中",)),
        ("afu", "shop", "阿福士多", ("阿福",)),
        ("xinghuo", "venue", "星火燎原网咖", ("星火网咖",)),
        ("jingyu", "venue", "鲸屿电竞酒店", ("鲸屿",)),
        ("mige", "venue", "谜格密室", ()),
    )
)
SPIKE: Final = "spike"
SHARE_OF_LOOK_ALIKES: Final = 0.02
_DISTINCT: Final = 4000


@dataclass(frozen=True, slots=True)
class Planted:
    """One happening, and the ids of its posts."""

    name: str
    kind: str
    begin: datetime
    posts: frozenset[str]
    boards: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """All posts in the order in which they are seen, and what was planted."""

    posts: list[Post]
    incidents: list[Planted]


class Writer:
    """Makes posts with consecutive native ids."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.count = 0

    def post(
        self, at: datetime, where: tuple[str, str], text: str, *, author: str = "", reply_to: str = "", parent: str = ""
    ) -> Post:
        """A post seen half a minute after it was published."""
        self.count += 1
        author = author or f"网友{self.dice.randint(1, 40000)}"
        return Post(
            platform=where[0],
            board=where[1],
            native_id=f"n{self.count}",
            author=author,
            text=text,
            ts=at,
            reply_to=reply_to,
            parent=parent,
            source="fortnight",
            fetched_at=at + timedelta(seconds=30),
        )


def plan(days: int, total: int, others: Sequence[str] = (), seed: int = 7) -> Plan:
    """`total` posts of `days` days with the incidents that begin in them; `others` are further everyday texts."""
    writer = Writer(seed)
    incidents, posts = [], []
    for name, kind, written in _incidents(writer, days):
        boards = frozenset((post.platform, post.board) for post in written)
        incidents.append(Planted(name, kind, min(post.ts for post in written), frozenset(post.id for post in written), boards))
        posts += written
    posts += _everyday(writer, days, max(0, total - len(posts)), others)
    return Plan(sorted(posts, key=lambda post: (post.fetched_at, post.id)), incidents)


def _everyday(writer: Writer, days: int, count: int, others: Sequence[str]) -> Iterator[Post]:
    dice = writer.dice
    texts = [*others, *(everyday(dice) for _ in range(_DISTINCT))]
    odd = [filled(text, dice) for texts in LOOK_ALIKES.values() for text in texts for _ in range(12)]
    last: dict[tuple[str, str], Post] = {}
    for _ in range(count):
        at = BEGIN + timedelta(days=dice.randrange(days), hours=dice.choices(range(24), HOURS)[0], seconds=dice.randrange(3600))
        where = dice.choice(BOARDS)
        text = dice.choice(odd) if dice.random() < SHARE_OF_LOOK_ALIKES else dice.choice(texts)
        before = last.get(where) if dice.random() < 0.005 else None
        before = before if before and before.ts < at else None
        post = writer.post(at, where, text, reply_to=before.native_id if before else "", parent=before.text if before else "")
        last[where] = post
        yield post


def _moment(dice: random.Random, days: int) -> datetime:
    return BEGIN + timedelta(days=dice.uniform(0.05, days - 0.3))


def _incidents(writer: Writer, days: int) -> Iterator[tuple[str, str, list[Post]]]:
    """In proportion to `days`; all kinds at 14."""
    every = [*_by_harm(writer, days), *_quiet(writer, days), *_campaigns(writer, days), *_waves(writer, days), _spike(writer, days)]
    writer.dice.shuffle(every)
    yield from every if days >= 14 else every[: max(8, len(every) * days // 14)]


def _by_harm(writer: Writer, days: int) -> Iterator[tuple[str, str, list[Post]]]:
    dice = writer.dice
    for harm in Harm:
        for voice, texts in zip(("offender", "victim"), HARMFUL[harm], strict=True):
            begin, where, author, own = _moment(dice, days), dice.choice(BOARDS), f"用户{dice.randint(50000, 99999)}", _own(dice)
            posts = [
                writer.post(
                    begin + timedelta(minutes=dice.uniform(0, 300) if n else 0), where, filled(text, dice, **own), author=author
                )
                for n, text in enumerate(dice.sample(texts, len(texts)))
            ]
            yield f"{harm.value}, {voice}", "single voice", posts


def _own(dice: random.Random) -> dict[str, str]:
    """What one incident keeps from post to post."""
    return {
        "pupil": dice.choice("程陆顾何苏方林许") + dice.choice("小一念子晚舟知亦") + dice.choice("北鸣安衿晴遥秋白"),
        **{name: dice.choice(SLOTS[name]) for name in ("school", "spot", "shop", "grade")},
        "account": f"zz{dice.choice('abcdefgh')}{dice.randint(100000, 999999)}",
    }


def _quiet(writer: Writer, days: int) -> Iterator[tuple[str, str, list[Post]]]:
    for number, text in enumerate(QUIET):
        yield f"quiet cry {number + 1}", "quiet cry", [writer.post(_moment(writer.dice, days), ("qa", "情感"), text)]


def _campaigns(writer: Writer, days: int) -> Iterator[tuple[str, str, list[Post]]]:
    """Adverts posted again and again on all boards by many accounts, each time changed a little."""
    dice = writer.dice
    for harm in (Harm.GAMBLING, Harm.FRAUD, Harm.DRUGS, Harm.CRIME_RECRUITMENT, Harm.ADDICTION_SPENDING):
        begin, text = _moment(dice, days), filled(HARMFUL[harm][0][0], dice, **_own(dice))
        posts = [
            writer.post(begin + timedelta(hours=dice.expovariate(1 / 8) if n else 0), dice.choice(BOARDS), evaded(text, dice))
            for n in range(dice.randint(60, 250))
        ]
        yield f"{harm.value}, campaign", "campaign", posts


def _waves(writer: Writer, days: int) -> Iterator[tuple[str, str, list[Post]]]:
    """A thread in which many join in."""
    dice = writer.dice
    joining = (
        "{pupil}滚出{school}",
        "恶心，{pupil}去死吧",
        "早就看{pupil}不顺眼了，见一次打一次",
        "哈哈哈{pupil}丑八怪",
        "同意，别跟{pupil}说话",
        "{pupil}全家都是垃圾",
    )
    for number in range(4):
        begin, where, own = _moment(dice, days), dice.choice(BOARDS), _own(dice)
        first = writer.post(begin, where, filled(HARMFUL[Harm.BULLYING][0][number % 3], dice, **own))
        replies = [
            writer.post(
                begin + timedelta(minutes=dice.expovariate(1 / 90)),
                where,
                filled(dice.choice(joining), dice, **own),
                reply_to=first.native_id,
                parent=first.text,
            )
            for _ in range(dice.randint(15, 60))
        ]
        yield f"wave {number + 1}", "wave", [first, *replies]


def _spike(writer: Writer, days: int) -> tuple[str, str, list[Post]]:
    """Parents are angry about a school on one board; no harm is in any post."""
    dice = writer.dice
    begin = BEGIN + timedelta(days=max(0.0, days - 4), hours=4.2) if days >= 14 else BEGIN + timedelta(days=days - 1, hours=19)
    school = dice.choice(SLOTS["school"])
    texts = [filled(dice.choice(GRIEVANCES), dice, school=school) + "！" * dice.randint(0, 3) for _ in range(160)]
    posts = [writer.post(begin + timedelta(minutes=dice.uniform(0, 170)), ("forum", "亲子教育"), text) for text in texts]
    return "bad mood about a school", SPIKE, posts


def distinct(posts: Sequence[Post]) -> list[Post]:
    """One post for each text and parent that the classifier would see."""
    return list({(post.title, post.text, post.parent): post for post in posts}.values())
