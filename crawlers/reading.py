"""What is read from pages, before it becomes posts."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from crawlers.source import Source
from crawlers.states import Wall
from humiao.post import MAX_PARENT, Capture, Post


@dataclass(frozen=True)
class ListedThread:
    """A thread as a list shows it."""

    url: str
    """Its first page, canonical: no session ids, list pages or campaign marks in it, so that it names the thread for good."""
    activity: str = ""
    """A text that changes when the thread does, such as time of the last post and number of replies; empty if the list has none."""
    sticky: bool = False
    """Stands at the top whatever its activity."""


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
    """`native_id` of the post that it answers."""
    quoted: str = field(default="", repr=False)
    """Text of the post that it answers, where the page itself quotes it."""
    images: tuple[str, ...] = ()
    """Addresses of its pictures, absolute."""
    withheld: str = ""
    """The post stands there, but the site shows its text no longer (deleted, blocked by a moderator): the site's words."""
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
                parent=(parent or self.quoted)[:MAX_PARENT],
                source=source.name,
                place=source.place,
                fetched_at=fetched_at,
                capture=capture,
            )
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            raise ValueError(f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}") from error


@dataclass(frozen=True)
class Reading:
    """All that a family found on one page."""

    boards: tuple[str, ...] = ()
    """Lists to read, by address."""
    threads: tuple[ListedThread, ...] = ()
    posts: tuple[ReadPost, ...] = ()
    """In the page's order. On a list page (a timeline, a feed) they belong to no thread."""
    more: tuple[str, ...] = ()
    """Further pages of this list or thread, in order: the next one, or all that are known."""
    title: str = ""
    """Of the thread."""
    gone: bool = False
    """The page says that the thread no longer exists."""
    no_thread: bool = False
    """A page that a list named among threads or boards, and that is none for guests: it needs more rights, or is a contact form."""
    closed: Wall | None = None
    """Why this page alone is closed to guests, while the site is open (with `no_thread`)."""
    wall: Wall | None = None
    """The page is a wall: everything else is empty."""
    newest_first: bool = False
    """The thread stands upside down: new posts come on its first page."""
    trouble: str = ""
    """Why the page could not be read at all."""


@dataclass(frozen=True)
class PageItem:
    """Posts of one page, on their way to the log. Never printed with their texts."""

    source: str
    thread: str
    """Address of the thread's first page; empty for feeds."""
    posts: tuple[Post, ...] = field(repr=False)


@dataclass(frozen=True)
class ThreadItem:
    """A thread was read as far as was wanted. Follows the PageItems of its pages."""

    source: str
    thread: str
    activity: str
    tail: str
    """Its last page; empty = it is always read from its first."""
    whole: bool
    """It was read from its first page to its last, so that what is missing has disappeared."""
    gone: tuple[str, ...] = ()
    """Ids of posts that were known and that two readings no longer found."""
    closed: bool = False
    """The thread itself is gone."""
    altered: bool = False
    """Its list shows a change, its end nothing new: somewhere within a post was edited or deleted."""
