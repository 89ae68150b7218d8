"""Lists and threads read from HTML by the selectors of a source. Pure functions of a page."""

import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from urllib.parse import urldefrag, urljoin

from parsel import Selector, SelectorList

from crawlers.page_text import element_text
from crawlers.post_elements import post_elements
from crawlers.reading import ListedThread, ReadPost
from crawlers.source import ListSelectors, Source, ThreadSelectors
from humiao.times import parse_time


def read_boards(page: Selector, url: str, by: ListSelectors) -> list[str]:
    """Addresses of boards on an index page."""
    return _addresses(page, url, by.board)


def read_threads(page: Selector, url: str, by: ListSelectors) -> list[ListedThread]:
    """Threads of a list page, in its order."""
    rows = ((row, _first(row, by.link)) for row in page.css(by.row))
    return [ListedThread(urljoin(url, link), _every(row, by.activity)) for row, link in rows if link]


def next_page(page: Selector, url: str, selector: str | None) -> str:
    """Address of the next page; empty at the end."""
    found = (link for link in _addresses(page, url, selector) if link.startswith("http"))  # no javascript:
    return next((link for link in found if urldefrag(link).url != urldefrag(url).url), "")


def page_title(page: Selector, by: ThreadSelectors) -> str:
    """The thread's title."""
    return _matched(_first(page, by.title), by.title_pattern)


def read_posts(page: Selector, url: str, source: Source, by: ThreadSelectors, *, first_page: bool, now: datetime) -> list[ReadPost]:
    """Posts of a page of a thread, in its order; the thread's title goes to the first post of the first page."""
    title, board, thread = page_title(page, by), _first(page, by.board), _matched(url, by.thread_id) if by.thread_id else ""
    posts: list[ReadPost] = []
    named: Counter[str] = Counter()
    for index, one in enumerate(post_elements(page, by.post, spans=by.spans)):
        begins = first_page and index == 0
        native_id = _native_id(one.element, by, thread, begins=begins)
        named[native_id] += 1
        if named[native_id] > 1 and not by.id:  # two that say the same: told apart by their order
            native_id = f"{native_id}-{named[native_id]}"
        post = _read_post(one.element, native_id, url, source, by, board=board, title=title if begins else "", now=now)
        if one.within is not None and not post.reply_to:
            post = replace(post, reply_to=posts[one.within].native_id)
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


def _read_post(
    element: Selector, native_id: str, url: str, source: Source, by: ThreadSelectors, *, board: str, title: str, now: datetime
) -> ReadPost:
    thread = _matched(url, by.thread_id) if by.thread_id else ""
    if not native_id:
        missing = f"selectors.thread.id: {by.id!r} gives no id" if by.id else "selectors.thread: nothing names the post"
        if by.thread_id and not thread:
            missing = f"selectors.thread.thread_id: {by.thread_id!r} does not fit {url}"
        return ReadPost("", trouble=missing)
    try:
        ts = parse_time(_written(element, by), source.zone, now)
    except (ValueError, OverflowError) as error:
        return ReadPost(native_id, trouble=f"selectors.thread.time: {error}")
    bodies = element.css(by.body)
    if not bodies:
        return ReadPost(native_id, trouble=f"selectors.thread.body: {by.body!r} finds no element")
    text = _text(element, by)
    images = tuple(_addresses(bodies, url, "img::attr(src)"))
    if not text:
        return ReadPost(native_id, images=images, trouble="the post has no text (an image only?)")
    permalink = _first(element, by.permalink)
    return ReadPost(
        native_id=native_id,
        url=urljoin(url, permalink) if permalink else f"{url}#{native_id}",
        board=board,
        title=title,
        author=_author(element, by),
        text=text,
        ts=ts,
        reply_to=_parent(element, by, thread),
        images=images,
    )


def _parent(element: Selector, by: ThreadSelectors, thread: str) -> str:
    """A link to a post is read like the post's own id."""
    said = _first(element, by.parent)
    id = (_matched(said, by.id_pattern) or said) if said else ""
    return f"{thread}-{id}" if thread and id else id


def _author(element: Selector, by: ThreadSelectors) -> str:
    return _matched(_first(element, by.author), by.author_pattern)


def _written(element: Selector, by: ThreadSelectors) -> str:
    return _matched(_first(element, by.time), by.time_pattern)


def _text(element: Selector, by: ThreadSelectors) -> str:
    drop = [*by.drop, *([by.edited] if by.edited else [])]
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


def _addresses(page: Selector | SelectorList[Selector], url: str, selector: str | None) -> list[str]:
    found = page.css(selector).getall() if selector else []
    return list(dict.fromkeys(urljoin(url, link.strip()) for link in found if link.strip()))
