"""What every site of the collection is made of: threads with posts, and pages by path."""

import os
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime.now(SHANGHAI).replace(second=0, microsecond=0)
SEED = int(os.environ.get("PROPOSAL_SEED", "0"))
"""Other numbers give other posts on the same sites."""
NAMES = ("晚风", "小鱼妈妈", "老陈", "一棵树", "星河", "阿朱", "石头爸", "柚子", "路人甲乙", "云朵", "Tony_W", "三年二班家长")
TITLES = (
    "周末有没有一起去公园的", "求推荐靠谱的游泳班", "小区门口的书店开张了", "孩子不爱吃早饭怎么办", "丢失一把蓝色雨伞", "学校食堂新菜单讨论", "二手自行车转让",
    "请问图书馆几点关门", "暑假夏令营经验分享", "楼下施工太吵了", "求一份三年级书单", "篮球场夜间开灯吗", "周五停水通知大家看到没", "推荐一家平价文具店",
    "校车路线要调整了", "亲子阅读打卡第一天", "流浪猫找领养", "家长会的时间变了吗", "附近哪里可以学围棋", "新开的面馆味道不错",
)  # fmt: skip
SENTENCES = (
    "我家孩子也遇到过，后来慢慢就好了。", "谢谢分享，收藏了。", "周六上午人比较少，停车也方便。", "这个价格还可以，去年要贵一些。", "有没有详细一点的地址？",
    "顶一下，希望更多人看到。", "昨天去看了，环境挺好的，老师也有耐心。", "不太建议，排队时间太长了。", "已经打电话问过，说下周才开始报名。", "同问，等一个答案。",
    "补充一点：记得带上身份证和户口本。", "支持！", "我们班有五个同学都去了，反馈不错。", "下雨天最好别去，路滑。", "可以加个群，大家一起商量。",
)  # fmt: skip


@dataclass
class Said:
    """A post."""

    id: int
    author: str
    at: datetime
    text: str
    quotes: "Said | None" = None


@dataclass
class Talk:
    """A thread."""

    id: int
    title: str
    posts: list[Said] = field(default_factory=list)


@dataclass
class Built:
    """A site: where to begin, its pages by path (bytes or text, or status, headers and bytes), and every post on it."""

    start: str
    pages: dict[str, object]
    truth: list[Said]
    charset: str = "utf-8"
    other_starts: tuple[str, ...] = ()
    forgiving: int = 1
    """To how many minutes its times say when something was written."""


def talks(seed: int, number: int = 12, most: int = 9, *, quotes: bool = False, first_id: int = 1000) -> list[Talk]:
    """Threads, the last active first."""
    dice = random.Random(seed + SEED)
    found, id = [], first_id
    for place in range(number):
        at = NOW - timedelta(days=dice.randrange(1, 300), minutes=dice.randrange(1440))
        talk = Talk(first_id // 10 + place * 7 + 3, TITLES[place % len(TITLES)])
        for floor in range(dice.randrange(1, most + 1) if place != 2 else most):
            id += dice.randrange(1, 9)
            text = "\n".join(dice.sample(SENTENCES, dice.randrange(2 if floor == 0 else 1, 5 if floor == 0 else 3)))
            answered = dice.choice(talk.posts) if quotes and floor > 1 and dice.random() < 0.5 else None
            talk.posts.append(Said(id, dice.choice(NAMES), at, f"{text}", answered))
            at += timedelta(minutes=dice.randrange(2, 400))
        found.append(talk)
    return sorted(found, key=lambda talk: talk.posts[-1].at, reverse=True)


def every(threads: list[Talk]) -> list[Said]:
    return [post for talk in threads for post in talk.posts]


def in_pages(items: list, size: int) -> list[list]:
    return [items[at : at + size] for at in range(0, len(items), size)] or [[]]
