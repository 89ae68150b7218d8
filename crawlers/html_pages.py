"""Lists and threads read from HTML by the selectors of a source. Pure functions of a page."""

import re
from datetime import datetime
from urllib.parse import urljoin

from parsel import Selector, SelectorList

from crawlers.page_text import element_text
from crawlers.reading import ListedThread, ReadPost
from crawlers.source import ListSelectors, Source, ThreadSelectors
from crawlers.times import parse_time


def read_boards(page: Selector, url: str, by: ListSelectors) -> list[str]:
    """Addresses of boards on an index page."""
    return _addresses(page, url, by.board)


def read_threads(page: Selector, url: str, by: ListSelectors) -> list[ListedThread]:
    """Threads of a list page, in its order."""
    rows = ((row, _first(row, by.link)) for row in page.css(by.row))
    return [ListedThread(urljoin(url, link), _every(row, by.activity)) for row, link in rows if link]


def next_page(page: Selector, url: str, selector: str | None) -> str:
    """Address of the next page; empty at the end."""
    found = _addresses(page, url, selector)
    return found[0] if found else ""


def page_title(page: Selector, by: ThreadSelectors) -> str:
    """The thread's title."""
    return _first(page, by.title)


def read_posts(page: Selector, url: str, source: Source, by: ThreadSelectors, *, first_page: bool, now: datetime) -> list[ReadPost]:
    """Posts of a page of a thread, in its order; the thread's title goes to the first post of the first page."""
    title, board = _first(page, by.title), _first(page, by.board)
    posts = []
    for index, element in enumerate(page.css(by.post)):
        heading = title if first_page and index == 0 else ""
        posts.append(_read_post(element, url, source, by, board=board, title=heading, now=now))
    return posts


def _read_post(
    element: Selector, url: str, source: Source, by: ThreadSelectors, *, board: str, title: str, now: datetime
) -> ReadPost:
    native_id = _first(element, by.id)
    if by.id_pattern:
        found = re.search(by.id_pattern, native_id)
        native_id = (found.group(1) or "") if found else ""
    if not native_id:
        return ReadPost("", trouble=f"selectors.thread.id: {by.id!r} gives no id")
    written = _first(element, by.time)
    try:
        ts = parse_time(written, source.zone, now)
    except (ValueError, OverflowError) as error:
        return ReadPost(native_id, trouble=f"selectors.thread.time: {error}")
    bodies = element.css(by.body)
    if not bodies:
        return ReadPost(native_id, trouble=f"selectors.thread.body: {by.body!r} finds no element")
    drop = [*by.drop, *([by.edited] if by.edited else [])]
    text = "\n".join(filter(None, (element_text(body, drop) for body in bodies)))
    images = tuple(_addresses(bodies, url, "img::attr(src)"))
    if not text:
        return ReadPost(native_id, images=images, trouble="the post has no text (an image only?)")
    permalink = _first(element, by.permalink)
    return ReadPost(
        native_id=native_id,
        url=urljoin(url, permalink) if permalink else f"{url}#{native_id}",
        board=board,
        title=title,
        author=_first(element, by.author),
        text=text,
        ts=ts,
        reply_to=_first(element, by.parent),
        images=images,
    )


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
