"""A family reads a page, within limits: of time, of what it may find, and of the characters in it."""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from types import FrameType
from typing import Any, Final

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.polite.markup_limits import too_many_values, too_much_markup
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from crawlers.web_address import absolute
from humiao import metrics

SECONDS: Final = 8.0
"""For one page; an honest one takes some milliseconds, and meanwhile nothing else is read."""
MOST_POSTS: Final = 2000
MOST_LINKS: Final = 5000
"""Of each kind: boards, threads, further pages."""
LONGEST_ADDRESS: Final = 4000
_WRONG: Final = re.compile("[\x00\ud800-\udfff]")
_TEXTS: Final = tuple(one.name for one in fields(ReadPost) if one.type in {"str", str})
_texts: Final = attrgetter(*_TEXTS)


class TooLong(Exception):
    """Reading took longer than a page may."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooLong` within the block when it has taken so long.

    Runaway regular expressions are ended too, calls into other C code are not. Only the main thread can be interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_: int, __: FrameType | None) -> None:
        raise TooLong(f"reading the page took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read_bounded(family: Family, page: TextResponse, source: Source, now: datetime, first: bool | None) -> Reading:
    """What `family` finds on `page` (`first`: None = a list), cut to the limits; a page beyond them is a trouble.

    Lone surrogates and NULs, which neither an address nor a post may hold, become U+FFFD; of posts that give the same id the
    first counts.
    """
    head = page.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    found = too_many_values(page.body) if head.startswith((b"{", b"[")) else too_much_markup(page.body)
    if found:
        return _unread(source, f"not parsed: {found}")
    try:
        with at_most(SECONDS):
            if first is None:
                return _cut(family.read_list(page, source, now))
            return _cut(family.read_thread(page, source, now, first=first))
    except TooLong as error:
        return _unread(source, str(error))
    except RecursionError:
        return _unread(source, "nested too deeply")
    except MemoryError:
        return _unread(source, "too large to be read")


def _unread(source: Source, why: str) -> Reading:
    metrics.PAGES_UNREAD.labels(source.name).inc()
    return Reading(trouble=why)


def _cut(reading: Reading) -> Reading:
    over = len(reading.posts) > MOST_POSTS or any(
        len(links) > MOST_LINKS for links in (reading.boards, reading.threads, reading.more)
    )
    trouble = reading.trouble or ("more on one page than is read of it" if over else "")
    return replace(
        reading,
        boards=_addresses(reading.boards),
        threads=tuple(_thread(one) for one in reading.threads[:MOST_LINKS] if _leads(one.url)),
        posts=_once(reading.posts[:MOST_POSTS]),
        more=_addresses(reading.more),
        title=_WRONG.sub("\ufffd", reading.title),
        trouble=trouble,
    )


def _addresses(links: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_WRONG.sub("\ufffd", one) for one in links[:MOST_LINKS] if _leads(one)))


def _leads(url: str) -> bool:
    return len(url) <= LONGEST_ADDRESS and bool(absolute("", url))


def _thread(one: ListedThread) -> ListedThread:
    if _WRONG.search(one.url) or _WRONG.search(one.activity):
        return replace(one, url=_WRONG.sub("\ufffd", one.url), activity=_WRONG.sub("\ufffd", one.activity))
    return one


def _once(posts: tuple[ReadPost, ...]) -> tuple[ReadPost, ...]:
    kept: dict[str, ReadPost] = {}
    for number, post in enumerate(posts):
        clean = _clean(post)
        kept.setdefault(clean.native_id or f"\0{number}", clean)
    return tuple(kept.values())


def _clean(post: ReadPost) -> ReadPost:
    texts = _texts(post)
    wrong = dict(zip(_TEXTS, (_WRONG.sub("\ufffd", text) for text in texts), strict=True)) if _WRONG.search("".join(texts)) else {}
    images = tuple(one for one in post.images if _leads(one) and not _WRONG.search(one))
    if not wrong and images == post.images:
        return post
    changes: dict[str, Any] = {"images": images, **wrong}
    return replace(post, **changes)
