"""The same small town on every product: two boards, threads, replies over pages, a quote, an edit, a removal, a pinned thread."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.servers.forums.running import Running, Written

BEGIN = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)
"""When the first thread was opened; the others follow an hour apart."""
BOARDS = ("街坊闲聊", "亲子活动")
LONG = 7
"""Number of the thread with `LONG_REPLIES` replies."""
LONG_REPLIES = 45
PINNED = 3
PEOPLE = ("老陈", "小满妈妈", "阿丽", "东门大叔", "Tom_88")
TALK = (
    "早餐摊的豆浆今天很香，七点前去不用排队。",
    "周末图书馆有亲子读书会，谁家孩子一起来？",
    "三号楼的电梯又在修，老人家先走西门。",
    "菜场的荔枝新到了，十五块一斤。",
    "有人捡到一把蓝色雨伞吗？昨晚落在车站。",
    "篮球场的灯修好了，晚上可以打球。",
    "求推荐附近修自行车的师傅。",
)


@dataclass(frozen=True)
class Told:
    """A post of the town: what was written last, when (UTC) and whether guests still see it."""

    written: Written
    text: str
    author: str
    at: datetime
    title: str | None = None
    """Of the thread, for its first post."""
    edited: bool = False
    removed: bool = False


@dataclass(frozen=True)
class Town:
    boards: tuple[str, ...]
    """Native ids."""
    posts: tuple[Told, ...]

    @property
    def threads(self) -> tuple[Told, ...]:
        """The first post of each thread, in order."""
        return tuple(post for post in self.posts if post.title is not None)

    @property
    def long(self) -> tuple[Told, ...]:
        """The posts of the long thread: 1 quotes 0's reply, 9 was edited, 11 was removed (numbers count its replies from 0)."""
        first = self.threads[LONG]
        return tuple(post for post in self.posts if post.written.thread == first.written.thread)


def seed(site: Running, threads: int = 30) -> Town:
    """Write the town into an empty site. The same every time."""
    boards = tuple(site.board(title) for title in BOARDS)
    posts: list[Told] = []
    for n in range(threads):
        title, text, author, at = (
            f"第{n}件事：{TALK[n % 7][:6]}",
            f"{TALK[n % 7]}（{n}号）",
            PEOPLE[n % 5],
            BEGIN + timedelta(hours=n),
        )
        first = site.thread(boards[n % 2], title, text, author, at, pinned=n == PINNED)
        posts.append(Told(first, text, author, at, title))
        posts += _replies(site, first, n, LONG_REPLIES if n == LONG else n % 4, at)
    return Town(boards, tuple(posts))


def _replies(site: Running, first: Written, thread: int, count: int, begin: datetime) -> list[Told]:
    replies: list[Told] = []
    for n in range(count):
        text, author, at = (
            f"{TALK[(thread + n) % 7]}（{thread}号回{n}）",
            PEOPLE[(thread + n + 1) % 5],
            begin + timedelta(minutes=n + 1),
        )
        to = replies[0].written if thread == LONG and n == 1 else None
        replies.append(Told(site.reply(first, text, author, at, to=to), text, author, at))
    if thread == LONG:
        changed = "改一下：图书馆的读书会改到周日下午了。"
        site.edit(replies[9].written, changed, begin + timedelta(hours=2))
        site.remove(replies[11].written)
        replies[9], replies[11] = replace(replies[9], text=changed, edited=True), replace(replies[11], removed=True)
    return replies
