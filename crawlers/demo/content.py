"""What stands in the demo forum at an instant: its boards, threads and posts, with one edit and one deletion to come."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from humiao.errors import BadInput

POSTS_FILE: Final = Path(__file__).with_name("posts.jsonl")
BOARD_NAMES: Final = {
    "chat": "街坊闲聊",
    "school": "校园与家长",
    "trade": "二手与便民",
    "game": "游戏电竞",
    "help": "求助打听",
    "youth": "青春树洞",
}


@dataclass(frozen=True)
class Written:
    """A post as its author left it in the file; what the labellers added is not even read."""

    number: int
    """1, 2, 3 … in the order of the file; the permalink is ``/post/pNUMBER``."""
    author: str
    text: str
    minutes: int
    """Minutes before the forum's first start."""
    reply_to: int | None
    """Index in the thread of the post that this one quotes."""
    edit: str | None
    deleted: bool


@dataclass(frozen=True)
class Topic:
    """A thread as it stands in the file."""

    key: str
    board: str
    title: str
    posts: tuple[Written, ...]

    @property
    def changes(self) -> bool:
        """Whether one of its posts will be edited or deleted."""
        return any(post.deleted or post.edit is not None for post in self.posts)


@dataclass(frozen=True)
class Shown:
    """A post as a visitor sees it."""

    number: int
    floor: int
    author: str
    text: str
    ts: datetime
    parent: "Shown | None"
    edited_at: datetime | None

    @property
    def id(self) -> str:
        """Id of the element and of the permalink."""
        return f"p{self.number}"


@dataclass(frozen=True)
class ShownThread:
    """A thread as a visitor sees it."""

    key: str
    board: str
    board_name: str
    title: str
    posts: tuple[Shown, ...]

    @property
    def last(self) -> Shown:
        """The newest post."""
        return max(self.posts, key=lambda post: post.ts)

    @property
    def touched_at(self) -> datetime:
        """When anything in it was last written or edited."""
        return max(post.edited_at or post.ts for post in self.posts)


def read_topics(file: Path = POSTS_FILE) -> dict[str, Topic]:
    """Threads by key, in the order of the file.

    Raises:
        BadInput: a line is no post; the message names file and line.
    """
    titles: dict[str, tuple[str, str]] = {}
    posts: dict[str, list[Written]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            key = row["thread"]
            if key not in titles:
                titles[key] = (row["board"], row["title"])
            written = Written(
                number=number,
                author=row["author"],
                text=row["text"],
                minutes=row["minutes"],
                reply_to=row.get("reply_to"),
                edit=row.get("edit"),
                deleted=bool(row.get("deleted")),
            )
            posts.setdefault(key, []).append(written)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{file}:{number}: is no post of the demo forum ({type(error).__name__}: {error})") from error
    return {key: Topic(key, board, title, tuple(posts[key])) for key, (board, title) in titles.items()}


def show(topic: Topic, started_at: datetime, changed_at: datetime | None) -> ShownThread | None:
    """The thread as it looks now; `changed_at` is when its edit and deletion happened, None = not yet. None = nothing is left."""
    shown: dict[int, Shown] = {}
    for index, post in enumerate(topic.posts):
        if changed_at and post.deleted:
            continue
        edited = changed_at if changed_at and post.edit is not None else None
        shown[index] = Shown(
            number=post.number,
            floor=index + 1,
            author=post.author,
            text=post.edit if edited and post.edit is not None else post.text,
            ts=started_at - timedelta(minutes=post.minutes),
            parent=shown.get(post.reply_to) if post.reply_to is not None else None,
            edited_at=edited,
        )
    if not shown:
        return None
    name = BOARD_NAMES.get(topic.board, topic.board)
    return ShownThread(topic.key, topic.board, name, topic.title, tuple(shown.values()))
