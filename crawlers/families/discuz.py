"""Discuz! X3.4 and X3.5, desktop template: boards, threads, posts with their comments; every page that is none of these."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.discuz_addresses import list_page, thread_address
from crawlers.families.discuz_walls import is_gone, wall_of
from crawlers.page_text import element_text
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from humiao.times import parse_time

_BODY: Final = "[id^=postmessage_]"
NOT_THE_AUTHORS: Final = (
    "i.pstatus",
    "div.quote",
    ".tip",
    "font.jammer",
    "[style*='display:none']",
    "[style*='display: none']",
    ".attach_nopermission",
    "script",
)
"""Within a body: edit note, quotation, tool tips, random anti-copy text."""


class Discuz(Family):
    """Threads are known by their tid, posts by their pid; floors have gaps, and threads may be reversed."""

    name = "discuz"

    def recognises(self, page: TextResponse) -> bool:
        """Generator, or the footer and script marks of sites that removed it."""
        generator = page.css("meta[name=generator]::attr(content)").get(default="")
        marks = ("cookiepre" in page.text) + ("discuz_uid" in page.text) + bool(page.css("#frt, body[id^=nv_]"))
        return generator.startswith("Discuz!") or marks > 1 or "Powered by Discuz!" in page.css("title::text").get(default="")

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """An index of boards, a board, or a guide list."""
        if reading := _no_content(page):
            return reading
        base = _base(page)
        if _past_the_end(page, list_page(page.url)):
            return Reading()
        threads = [one for row in page.css("tbody[id^=normalthread_], tbody[id^=stickthread_]") if (one := _listed(row, base))]
        threads += [
            ListedThread(thread_address(urljoin(base, link)), "")
            for link in page.css("ul#waterfall > li h3 a::attr(href)").getall()
        ]
        boards = (
            []
            if threads
            else [
                urljoin(base, link)
                for link in page.css(
                    "#ct .fl_tb h2 a::attr(href), #ct .fl_tb dt a::attr(href), #ct .fl_g dt a::attr(href)"
                ).getall()
            ]
        )
        return Reading(boards=tuple(dict.fromkeys(boards)), threads=tuple(threads), more=_next(page, base))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A page of a thread."""
        if reading := _no_content(page):
            return reading
        base = _base(page)
        title = _text(page, "#thread_subject")
        board = _text(page, "#pt .z a[href*=forumdisplay], #pt .z a[href*='forum-']", last=True)
        posts: list[ReadPost] = []
        for element in page.css("#postlist > div[id^=post_]"):
            if pid := re.fullmatch(r"post_(\d+)", element.attrib.get("id", "")):
                heading = title if first and not posts else ""
                posts += _posts(element, pid[1], page.url, source, now, title=heading, board=board)
        times = [post.ts for post in posts if post.ts and ":" not in post.native_id]
        upside_down = len(times) > 2 and times[1:] == sorted(times[1:], reverse=True) and times[1] != times[-1]  # noqa: PLR2004 (two say nothing)
        return Reading(posts=tuple(posts), more=_next(page, base), title=title, newest_first=upside_down)


def _no_content(page: TextResponse) -> Reading | None:
    if is_gone(page):
        return Reading(gone=True)
    wall = wall_of(page)
    return Reading(wall=wall) if wall else None


def _listed(row: Selector, base: str) -> ListedThread | None:
    link = row.css("a.s.xst::attr(href), a.xst::attr(href)").get()
    if not link:
        return None
    last = row.css("td.by")[-1:]
    moment = last.css("em span::attr(title)").get() or _text(last, "em a")
    replies = _text(row, "td.num a")
    return ListedThread(
        url=thread_address(urljoin(base, link)),
        activity=f"{moment} {replies}".strip(),
        sticky=row.attrib.get("id", "").startswith("stick"),
    )


def _posts(element: Selector, pid: str, page: str, source: Source, now: datetime, *, title: str, board: str) -> Iterator[ReadPost]:
    """The post, and the comments (点评) under it."""
    if locked := _text(element, ".pcb .locked"):
        yield ReadPost(pid, withheld=locked[:200])
        return
    written = element.css(f"#authorposton{pid} span::attr(title)").get() or _text(element, f"#authorposton{pid}")
    try:
        ts = parse_time(written, source.zone, now)
    except (ValueError, OverflowError) as error:
        yield ReadPost(pid, trouble=f"time: {error}")
        return
    bodies = element.css(_BODY)
    quote = bodies.css("div.quote blockquote")
    answered = re.search(r"[?&;]pid=(\d+)", quote.css("a::attr(href)").get(default="")) if quote else None
    images = tuple(urljoin(page, one) for one in _images(element))
    text = "\n".join(filter(None, (element_text(body, NOT_THE_AUTHORS) for body in bodies)))
    author = _text(element, ".authi a.xw1") or _text(element, ".authi a.xi2") or _text(element, ".authi")
    if not text:
        yield ReadPost(pid, images=images, trouble="the post has no text (an image only?)")
    else:
        yield ReadPost(
            native_id=pid, url=f"{thread_address(page)}#pid{pid}", board=board, title=title, author=author, text=text, ts=ts,
            reply_to=answered[1] if answered else "", quoted=_quoted(quote), images=images,
        )  # fmt: skip
    yield from _comments(element, pid, page, source, now, board)


def _comments(element: Selector, pid: str, page: str, source: Source, now: datetime, board: str) -> Iterator[ReadPost]:
    """Comments have no id of their own: author and text name them within their post."""
    for comment in element.css(f"#comment_{pid} .pstl"):
        author, body = _text(comment, ".psta a.xi2"), comment.css(".psti")
        text = element_text(body[0], (".xg1",)) if body else ""
        written = body.css(".xg1 span::attr(title)").get() or _text(body, ".xg1")
        name = hashlib.sha256(f"{author}\x1f{text}".encode()).hexdigest()[:12]
        try:
            ts = parse_time(written, source.zone, now)
        except (ValueError, OverflowError) as error:
            yield ReadPost(f"{pid}:{name}", trouble=f"time: {error}")
            continue
        if text:
            yield ReadPost(
                f"{pid}:{name}",
                url=f"{thread_address(page)}#comment_{pid}",
                board=board,
                author=author,
                text=text,
                ts=ts,
                reply_to=pid,
            )


def _quoted(quote: object) -> str:
    found = quote[0] if isinstance(quote, list) and quote else None
    return element_text(found, ("font[size='2'] a", "img")) if found is not None else ""


def _images(element: Selector) -> Iterator[str]:
    """Real addresses: pictures load late, and their `src` shows a grey square until then."""
    for picture in element.css(f"{_BODY} img, .pattl img"):
        address = picture.attrib.get("file") or picture.attrib.get("zoomfile") or picture.attrib.get("src", "")
        if address and not address.endswith("none.gif") and "smilieid" not in picture.attrib:
            yield address


def _next(page: TextResponse, base: str) -> tuple[str, ...]:
    link = page.css("div.pg a.nxt::attr(href)").get()
    return (urljoin(base, link),) if link else ()


def _past_the_end(page: TextResponse, asked: int) -> bool:
    """A list page past the end answers with the first one."""
    shown = page.css("div.pg strong::text").get(default="")
    return asked > 1 and shown.isdigit() and int(shown) != asked


def _base(page: TextResponse) -> str:
    return urljoin(page.url, page.css("base::attr(href)").get(default=page.url)) if page.css("base") else page.url


def _text(element: object, selector: str, *, last: bool = False) -> str:
    found = element.css(selector)  # type: ignore[attr-defined]
    return element_text(found[-1 if last else 0]) if found else ""
