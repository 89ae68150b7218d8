"""Discuz! X3.4 and X3.5: boards, threads, posts with their comments, in the desktop and the touch templates, and other pages."""

import re
from collections.abc import Iterator
from datetime import datetime

from parsel import Selector
from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.discuz_addresses import list_page, thread_address
from crawlers.families.discuz_parts import Parts, ThreadPage, following, read_comment, read_parts, text_of, upside_down
from crawlers.families.discuz_touch import is_touch, read_touch_list, read_touch_thread
from crawlers.families.discuz_walls import is_gone, wall_of
from crawlers.families.not_for_guests import refused
from crawlers.page_links import base_of
from crawlers.page_text import element_text
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from crawlers.web_address import absolute

_ROWS = "tbody[id^=normalthread_], tbody[id^=stickthread_]"
_BOARDS = "#ct .fl_tb h2 a::attr(href), #ct .fl_tb dt a::attr(href), #ct .fl_g dt a::attr(href)"


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
        if reading := _no_content(page, source):
            return reading
        if _past_the_end(page, list_page(page.url)):
            return Reading()
        if not page.css(_ROWS) and is_touch(page):
            return read_touch_list(page)
        base = base_of(page.selector, page.url)
        threads = [one for row in page.css(_ROWS) if (one := _listed(row, base))]
        threads += [
            ListedThread(thread_address(absolute(base, link)), "")
            for link in page.css("ul#waterfall > li h3 a::attr(href)").getall()
        ]
        boards = [] if threads else [absolute(base, link) for link in page.css(_BOARDS).getall()]
        return Reading(boards=tuple(dict.fromkeys(boards)), threads=tuple(threads), more=following(page))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A page of a thread."""
        if reading := _no_content(page, source):
            return reading
        if not page.css("#postlist") and is_touch(page):
            return read_touch_thread(page, source, now, first=first)
        title = text_of(page, "#thread_subject")
        board = text_of(page, "#pt .z a[href*=forumdisplay], #pt .z a[href*='forum-']", last=True)
        shared = ThreadPage(page, source, now, board)
        posts: list[ReadPost] = []
        for element in page.css("#postlist > div[id^=post_]"):
            if pid := re.fullmatch(r"post_(\d+)", element.attrib.get("id", "")):
                posts.append(read_parts(_parts(element, pid[1]), shared, title if first and not posts else ""))
                posts += _comments(element, pid[1], shared)
        return Reading(posts=tuple(posts), more=following(page), title=title, newest_first=upside_down(posts))


def _no_content(page: TextResponse, source: Source) -> Reading | None:
    if is_gone(page):
        return Reading(gone=True)
    wall = wall_of(page)
    return refused(page, wall, source) if wall else None


def _listed(row: Selector, base: str) -> ListedThread | None:
    link = row.css("a.s.xst::attr(href), a.xst::attr(href), span[id^=thread_] a::attr(href)").get()
    if not link:
        return None
    last = row.css("td.by, td.lastpost")[-1:]
    moment = last.css("em span::attr(title)").get() or text_of(last, "em a")
    replies = text_of(row, "td.num a, td.nums strong")
    return ListedThread(
        url=thread_address(absolute(base, link)),
        activity=f"{moment} {replies}".strip(),
        sticky=row.attrib.get("id", "").startswith("stick"),
    )


def _parts(element: Selector, pid: str) -> Parts:
    return Parts(
        pid=pid,
        author=text_of(element, ".authi a.xw1") or text_of(element, ".authi a.xi2") or text_of(element, ".authi"),
        written=element.css(f"#authorposton{pid} span::attr(title)").get() or text_of(element, f"#authorposton{pid}"),
        bodies=element.css("[id^=postmessage_]"),
        pictures=element.css("[id^=postmessage_] img:not([smilieid]), .pattl img"),
        hidden=text_of(element, ".pcb .locked"),
    )


def _comments(element: Selector, pid: str, shared: ThreadPage) -> Iterator[ReadPost]:
    for comment in element.css(f"#comment_{pid} .pstl"):
        body = comment.css(".psti")
        written = body.css(".xg1 span::attr(title)").get() or text_of(body, ".xg1")
        if text := element_text(body[0], (".xg1",)) if body else "":
            yield read_comment(pid, text_of(comment, ".psta a.xi2"), text, written, shared)


def _past_the_end(page: TextResponse, asked: int) -> bool:
    """A list page past the end answers with the first one."""
    shown = page.css("div.pg strong::text").get(default="")
    return asked > 1 and shown.isdigit() and int(shown) != asked
