"""Discuz!'s touch templates (X3.4 and X3.5), which sites show to any agent whose name has the letters of a phone's in it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from parsel import Selector
from scrapy.http import TextResponse

from crawlers.families.discuz_addresses import thread_address
from crawlers.families.discuz_parts import Parts, ThreadPage, following, read_comment, read_parts, text_of, upside_down
from crawlers.page_links import base_of
from crawlers.page_text import element_text
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from crawlers.web_address import absolute

POSTS: Final = ".viewthread > .plc, .postlist > .plc"
ROWS: Final = ".threadlist li, .hotlist li"
_THREAD: Final = "a[href*='mod=viewthread'], a[href*='thread-']"
_BOARDS: Final = "a[href*='mod=forumdisplay'], a[href*='forum-']"
_PID: Final = re.compile(r"^(?:pid|#replybtn_)(\d+)$")


def is_touch(page: TextResponse) -> bool:
    """Whether a list or thread comes in a touch template."""
    return bool(page.css(f"{POSTS}, .threadlist > ul, .forumlist, .sub_forum, .viewthread"))


def read_touch_list(page: TextResponse) -> Reading:
    """Threads of a board or guide; boards of the index."""
    base = base_of(page.selector, page.url)
    threads = tuple(one for row in page.css(ROWS) if (one := _listed(row, base)))
    links = page.css(_BOARDS).css("::attr(href)").getall() if not threads else []
    boards = tuple(dict.fromkeys(absolute(base, link) for link in links if "filter=" not in link and "action=" not in link))
    return Reading(boards=boards, threads=threads, more=following(page))


def read_touch_thread(page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
    """A page of a thread."""
    board = text_of(page, ".header h2 a") or text_of(page, ".header .name")
    title = text_of(page, ".view_tit", ("em", "span")) or text_of(page, ".postlist > h2", ("a", "span"))
    shared = ThreadPage(page, source, now, board)
    posts: list[ReadPost] = []
    for element in page.css(POSTS):
        if pid := _pid(element):
            posts.append(read_parts(_parts(element, pid), shared, title if first and not posts else ""))
            posts += _comments(element, pid, shared)
    return Reading(posts=tuple(posts), more=following(page), title=title, newest_first=upside_down(posts))


def _listed(row: Selector, base: str) -> ListedThread | None:
    link = row.css(_THREAD).css("::attr(href)").get()
    if not link:
        return None  # an announcement
    replies = text_of(row, ".num") or text_of(row, ".threadlist_foot li", last=True)
    pinned = "list_top" in row.attrib.get("class", "") or bool(row.css(".icon_top img[src*=icon_top], .micon.top"))
    return ListedThread(thread_address(absolute(base, link)), replies, sticky=pinned)


def _pid(element: Selector) -> str:
    """Early X3.4 has it in the address of the answer button alone."""
    marks = (element.attrib.get("id", ""), element.css(".display::attr(href)").get(default=""))
    return next((found[1] for mark in marks if (found := _PID.match(mark))), "")


def _parts(element: Selector, pid: str) -> Parts:
    bodies = element.css(".display > .message")
    author = element.css(".mtit .z, .authi li.grey:first-child b")
    return Parts(
        pid=pid,
        author=text_of(author, "a") or (element_text(author[0], ("em",)) if author else ""),
        written=text_of(element, ".authi > .mtime, .authi > .rela", ("span.y", "em", ".manage")),
        bodies=bodies,
        pictures=element.css(".display > .message img, .img_one img, .img_list img"),
        hidden=" ".join(text for one in bodies.css(".quote, .locked") if not one.css("blockquote") and (text := element_text(one))),
    )


def _comments(element: Selector, pid: str, shared: ThreadPage) -> Iterator[ReadPost]:
    for comment in element.css(f"#comment_{pid} [id^=commentdetail_]"):
        if text := text_of(comment, ".mtxt"):
            yield read_comment(pid, text_of(comment, ".mtit .z"), text, text_of(comment, ".mtime", ("em",)), shared)
