"""What Discuz!'s desktop and touch templates have in common: bodies, quotations, pictures, comments, pages."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from parsel import Selector, SelectorList
from scrapy.http import TextResponse

from crawlers.families.discuz_addresses import thread_address
from crawlers.page_links import base_of, next_link, picture_links
from crawlers.page_text import element_text
from crawlers.reading import ReadPost
from crawlers.source import Source
from humiao.times import parse_time

NOT_THE_AUTHORS: Final = (
    "i.pstatus",
    ".quote",
    ".locked",
    ".tip",
    ".jammer",
    "[style*='display:none']",
    "[style*='display: none']",
    ".attach_nopermission",
    "script",
)
"""Within a body: edit note, quotation, what is hidden from guests, tool tips, random anti-copy text."""


@dataclass(frozen=True)
class ThreadPage:
    """What the posts of a page have in common."""

    page: TextResponse
    source: Source
    now: datetime
    board: str

    @property
    def thread(self) -> str:
        """The thread's address."""
        return thread_address(self.page.url)

    @property
    def base(self) -> str:
        """What relative addresses are relative to."""
        return base_of(self.page.selector, self.page.url)


@dataclass(frozen=True)
class Parts:
    """A post's parts as a template shows them."""

    pid: str
    author: str
    written: str
    bodies: SelectorList[Selector]
    pictures: SelectorList[Selector]
    hidden: str = ""
    """The site's words for what guests may not see of it."""


def read_parts(parts: Parts, shared: ThreadPage, title: str) -> ReadPost:
    """The post."""
    text = "\n".join(filter(None, (element_text(body, NOT_THE_AUTHORS) for body in parts.bodies)))
    if not text and parts.hidden:
        return ReadPost(parts.pid, withheld=parts.hidden[:200])
    try:
        ts = parse_time(parts.written, shared.source.zone, shared.now)
    except (ValueError, OverflowError) as error:
        return ReadPost(parts.pid, trouble=f"time: {error}")
    images = tuple(one for one in picture_links(parts.pictures, shared.base) if not _is_ornament(one))
    if not text:
        return ReadPost(parts.pid, images=images, trouble="the post has no text (an image only?)")
    quote = parts.bodies.css(".quote blockquote")
    answered = re.search(r"[?&;]pid=(\d+)", quote.css("a::attr(href)").get(default="")) if quote else None
    return ReadPost(
        native_id=parts.pid,
        url=f"{shared.thread}#pid{parts.pid}",
        board=shared.board,
        title=title,
        author=parts.author,
        text=text,
        ts=ts,
        reply_to=answered[1] if answered else "",
        quoted=element_text(quote[0], ("font[size='2'] a", "img")) if quote else "",
        images=images,
    )


def read_comment(pid: str, author: str, text: str, written: str, shared: ThreadPage) -> ReadPost:
    """A comment (点评) under post `pid`. It has no id on the desktop: author and text name it within its post."""
    name = hashlib.sha256(f"{author}\x1f{text}".encode()).hexdigest()[:12]
    try:
        ts = parse_time(written, shared.source.zone, shared.now)
    except (ValueError, OverflowError) as error:
        return ReadPost(f"{pid}:{name}", trouble=f"time: {error}")
    where = f"{shared.thread}#comment_{pid}"
    return ReadPost(f"{pid}:{name}", url=where, board=shared.board, author=author, text=text, ts=ts, reply_to=pid)


def following(page: TextResponse) -> tuple[str, ...]:
    """The next page; both templates are made with it, and a script makes of it what a phone shows."""
    found = next_link(
        page.selector, base_of(page.selector, page.url), page.url, "div.pg a.nxt::attr(href), .page a.nxt::attr(href)"
    )
    return (found,) if found else ()


def upside_down(posts: list[ReadPost]) -> bool:
    """Whether the thread shows its newest post first (after the opening one)."""
    times = [post.ts for post in posts if post.ts and ":" not in post.native_id]
    return len(times) > 2 and times[1:] == sorted(times[1:], reverse=True) and times[1] != times[-1]  # noqa: PLR2004 (two say nothing)


def text_of(
    element: Selector | SelectorList[Selector] | TextResponse, selector: str, drop: tuple[str, ...] = (), *, last: bool = False
) -> str:
    """Text of the first (or last) element that `selector` finds; empty if there is none."""
    found = element.css(selector)
    return element_text(found[-1 if last else 0], drop) if found else ""


def _is_ornament(address: str) -> bool:
    return address.endswith("none.gif") or "/smiley/" in address
