"""What is read from pages, before it becomes posts."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from crawlers.source import Source
from humiao.post import MAX_PARENT, Capture, Post


@dataclass(frozen=True)
class ListedThread:
    """A thread as a list shows it."""

    url: str
    activity: str
    """A text that changes when the thread does; empty if the list has none."""


@dataclass(frozen=True)
class ReadPost:
    """One post as a page or feed has it, or why it could not be read."""

    native_id: str
    url: str = ""
    board: str = ""
    title: str = ""
    author: str = ""
    text: str = field(default="", repr=False)
    ts: datetime | None = None
    reply_to: str = ""
    trouble: str = ""
    """Why this is no post; empty = it is one. Never quotes the text."""

    def to_post(self, source: Source, fetched_at: datetime, capture: Capture | None, parent: str = "") -> Post:
        """The post that flows on; `parent`: text of the post that it answers, as far as the page has it.

        Raises:
            ValueError: it is no valid post; the message names field and reason, without the text.
        """
        if self.trouble or self.ts is None:
            raise ValueError(self.trouble or "ts: no time was read")
        try:
            return Post(
                platform=source.platform,
                board=self.board or source.board,
                url=self.url,
                native_id=self.native_id,
                title=self.title,
                author=self.author,
                text=self.text,
                ts=self.ts,
                reply_to=self.reply_to,
                parent=parent[:MAX_PARENT],
                source=source.name,
                place=source.place,
                fetched_at=fetched_at,
                capture=capture,
            )
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            raise ValueError(f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}") from error


@dataclass(frozen=True)
class PageItem:
    """Posts of one page, on their way to the log. Never printed with their texts."""

    source: str
    thread: str
    """Address of the thread's first page; empty for feeds."""
    posts: tuple[Post, ...] = field(repr=False)


@dataclass(frozen=True)
class ThreadItem:
    """A thread was read to its end: what is no longer in it is gone. Follows the PageItems of its pages."""

    source: str
    thread: str
    activity: str
    gone: tuple[str, ...] = ()
    """Ids of posts that were known and have disappeared."""
    closed: bool = False
    """The thread itself is gone."""
