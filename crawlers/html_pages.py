"""Lists and threads read from HTML by the selectors of a source. Pure functions of a page."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from parsel import Selector, SelectorList

from crawlers.floors import floor_of
from crawlers.page_links import addresses, base_of, next_link, picture_links
from crawlers.page_text import element_text
from crawlers.post_elements import post_elements
from crawlers.reading import ListedThread, ReadPost
from crawlers.source import ListSelectors, Source, ThreadSelectors
from crawlers.web_address import absolute
from humiao.times import parse_time

CANDIDATES: Final = 8
"""Texts in a post that may be its time."""


@dataclass(frozen=True)
class _Page:
    """What the posts of a page have in common."""

    url: str
    base: str
    """What its relative addresses are relative to."""
    thread: str
    """The thread's own id, where ids need it."""
    board: str
    source: Source
    by: ThreadSelectors
    now: datetime


def read_boards(page: Selector, url: str, by: ListSelectors) -> list[str]:
    """Addresses of boards on an index page."""
    return addresses(page, base_of(page, url), by.board)


def read_threads(page: Selector, url: str, by: ListSelectors) -> list[ListedThread]:
    """Threads of a list page, in its order."""
    base, rows = base_of(page, url), ((row, _first(row, by.link)) for row in page.css(by.row))
    return [
        ListedThread(absolute(base, link), _every(row, by.activity), sticky=bool(by.sticky and row.css(by.sticky)))
        for row, link in rows
        if link
    ]


def next_page(page: Selector, url: str, selector: str | None) -> str:
    """Address of the next page; empty at the end."""
    return next_link(page, base_of(page, url), url, selector)


def page_title(page: Selector, by: ThreadSelectors) -> str:
    """The thread's title."""
    return _matched(_first(page, by.title), by.title_pattern)


def read_posts(page: Selector, url: str, source: Source, by: ThreadSelectors, *, first_page: bool, now: datetime) -> list[ReadPost]:
    """Posts of a page of a thread, in its order; the thread's title goes to the first post of the first page."""
    title, thread = page_title(page, by), _matched(url, by.thread_id) if by.thread_id else ""
    shared = _Page(url, base_of(page, url), thread, _first(page, by.board), source, by, now)
    posts: list[ReadPost] = []
    floors: dict[int, str] = {}
    named: Counter[str] = Counter()
    for index, one in enumerate(post_elements(page, by.post, spans=by.spans)):
        begins = first_page and index == 0
        native_id = _native_id(one.element, by, thread, begins=begins)
        named[native_id] += 1
        if named[native_id] > 1 and not by.id:  # two that say the same: told apart by their order
            native_id = f"{native_id}-{named[native_id]}"
        post = _read_post(one.element, native_id, shared, title if begins else "")
        if one.within is not None and not post.reply_to:
            post = replace(post, reply_to=posts[one.within].native_id)
        if not post.reply_to and (answered := floor_of(_first(one.element, by.answers))) is not None:
            post = replace(post, reply_to=floors.get(answered, ""))
        if (floor := floor_of(_first(one.element, by.floor))) is not None:
            floors[floor] = native_id
        posts.append(post)
    return posts


def _native_id(element: Selector, by: ThreadSelectors, thread: str, *, begins: bool) -> str:
    if by.thread_id and not thread:
        return ""
    if by.id:
        id = _matched(_first(element, by.id), by.id_pattern)
        if not id:
            return thread if begins else ""
        return f"{thread}-{id}" if thread else id
    if thread and begins:
        return thread
    parts = {"author": _author(element, by), "time": _written(element, by), "text": " ".join(_text(element, by).split())}
    if not any(parts[name] for name in by.name_by):
        return ""
    digest = hashlib.sha256("\x1f".join(parts[name] for name in by.name_by).encode()).hexdigest()[:16]
    return f"{thread}-{digest}" if thread else digest


def _read_post(element: Selector, native_id: str, page: _Page, title: str) -> ReadPost:
    by = page.by
    if not native_id:
        missing = f"selectors.thread.id: {by.id!r} gives no id" if by.id else "selectors.thread: nothing names the post"
        if by.thread_id and not page.thread:
            missing = f"selectors.thread.thread_id: {by.thread_id!r} does not fit {page.url}"
        return ReadPost("", trouble=missing)
    try:
        ts = _time(element, page)
    except (ValueError, OverflowError) as error:
        return ReadPost(native_id, trouble=f"selectors.thread.time: {error}")
    bodies = element.css(by.body)
    if not bodies:
        return ReadPost(native_id, trouble=f"selectors.thread.body: {by.body!r} finds no element")
    text = _text(element, by)
    images = picture_links(bodies, page.base)
    if not text:
        return ReadPost(native_id, images=images, trouble="the post has no text (an image only?)")
    permalink = _first(element, by.permalink)
    return ReadPost(
        native_id=native_id,
        url=absolute(page.base, permalink) if permalink else f"{page.url}#{native_id}",
        board=page.board,
        title=title,
        author=_author(element, by),
        text=text,
        ts=ts,
        reply_to=_parent(element, by, page.thread),
        quoted=_quoted(element, by),
        images=images,
    )


def _parent(element: Selector, by: ThreadSelectors, thread: str) -> str:
    """A link to a post is read like the post's own id."""
    said = _first(element, by.parent)
    id = (_matched(said, by.id_pattern) or said) if said else ""
    return f"{thread}-{id}" if thread and id else id


def _quoted(element: Selector, by: ThreadSelectors) -> str:
    found = element.css(by.quote) if by.quote else []
    return "\n".join(filter(None, (element_text(one, ("cite",)) for one in found)))


def _author(element: Selector, by: ThreadSelectors) -> str:
    return _matched(_first(element, by.author), by.author_pattern)


def _written(element: Selector, by: ThreadSelectors) -> str:
    return _matched(_first(element, by.time), by.time_pattern)


def _time(element: Selector, page: _Page) -> datetime:
    """The first of what the selector finds that is a time: author, floor and time often stand in elements of one kind.

    Raises:
        ValueError: none is; the reason is that of the first.
    """
    found = [_matched(element_text(one), page.by.time_pattern) for one in element.css(page.by.time)[:CANDIDATES]]
    troubles: list[ValueError | OverflowError] = []
    for written in found or [""]:
        try:
            return parse_time(written, page.source.zone, page.now)
        except (ValueError, OverflowError) as error:
            troubles.append(error)
    raise troubles[0]


def _text(element: Selector, by: ThreadSelectors) -> str:
    drop = [*by.drop, *filter(None, (by.edited, by.quote))]
    return _matched("\n".join(filter(None, (element_text(body, drop) for body in element.css(by.body)))), by.body_pattern)


def _matched(text: str, pattern: str | None) -> str:
    """The group of `pattern` in `text`; all of it without a pattern, nothing where it does not fit."""
    if not pattern:
        return text
    found = re.search(pattern, text)
    return (found.group(1) or "").strip() if found else ""


def _first(element: Selector, selector: str | None) -> str:
    if not selector:
        return ""
    found: SelectorList[Selector] = element.css(selector)
    return element_text(found[0]) if found else ""


def _every(element: Selector, selector: str | None) -> str:
    return " ".join(filter(None, (element_text(one) for one in element.css(selector)))) if selector else ""
