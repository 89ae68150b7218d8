"""NodeBB, by its own JSON: recent topics, each page of a topic with twenty posts."""

import html
import re
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import TextResponse
from w3lib.url import add_or_replace_parameter, url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
    Flag,
    Lenient,
    Millis,
    Number,
    Words,
    address,
    fitting,
    glimpse,
    header,
    marks,
    read_each,
    refusal,
    whole,
)
from crawlers.families.rendered import NO_TEXT, first_text, markup, pictures, words
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source

PAGE: Final = 20
"""Posts or topics of a page, unless its owner chose otherwise."""
_POST: Final = re.compile(r"/post/(\d{1,18})(?:$|[?#])")


class _Pages(Answer):
    currentPage: Number = 0  # noqa: N815 (as the interface names it)
    pageCount: Number = 0  # noqa: N815


_ONE_PAGE: Final = _Pages()


class _List(Answer):
    topics: list[Any]
    pagination: Annotated[_Pages, Lenient] = _ONE_PAGE


class _Topic(Answer):
    tid: str
    lastposttime: Words = ""
    postcount: Number = 0
    pinned: Flag = False
    deleted: Flag = False


class _Category(Answer):
    name: Words = ""


class _Thread(Answer):
    tid: str
    title: Words = ""
    titleRaw: Words = ""  # noqa: N815
    category: Annotated[_Category, Lenient] = _Category()
    posts: list[Any]
    pagination: Annotated[_Pages, Lenient] = _ONE_PAGE


class _User(Answer):
    username: Words = ""


class _Post(Answer):
    pid: str
    content: Words = ""
    timestamp: Millis
    deleted: Flag = False
    toPid: Words = ""  # noqa: N815
    handle: Words = ""
    """What a guest called himself."""
    user: Annotated[_User, Lenient] = _User()
    index: Number = 0


class NodeBB(Family):
    """Deleted posts keep their place and say so."""

    name = "nodebb"

    def recognises(self, page: TextResponse) -> bool:
        """Its own header, the marks of its page, or an answer of its interface."""
        if "NodeBB" in header(page, "X-Powered-By"):
            return True
        if marks(page, "script#ajaxify-data") or any("NodeBB" in one for one in marks(page, "meta[name=generator]::attr(content)")):
            return True
        answer = glimpse(page)
        return isinstance(answer, dict) and "loggedInUser" in answer and ("topics" in answer or "posts" in answer)

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its recent topics, a category's or tag's for its own."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """Recent topics, or a category."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _List)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        threads = tuple(
            ListedThread(
                address(f"{base}api/topic/{topic.tid}?sort=oldest_to_newest", ""),  # else a site may show the newest first
                f"{topic.lastposttime} {topic.postcount}",
                sticky=topic.pinned,
            )
            for topic in fitting(answer.topics, _Topic)
            if not topic.deleted
        )
        return Reading(threads=threads, more=_following(page.url, answer.pagination, len(answer.topics)))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A page of a topic. One that was moved to where guests may not read (401) is gone for us, not a wall before the site."""
        if page.status == HTTPStatus.UNAUTHORIZED and glimpse(page) == "not-authorized":
            return Reading(gone=True)
        if reading := refusal(page):
            return reading
        answer = whole(page, _Thread)
        if isinstance(answer, Reading):
            return answer
        base, board = _root(page.url), html.unescape(answer.category.name)
        title = answer.titleRaw or html.unescape(answer.title)

        def read(post: _Post) -> ReadPost:
            return _read(post, base, title if first and post.index == 0 and post.pid == opening else "", board)

        opening = next((post.pid for post in fitting(answer.posts[:1], _Post)), "")
        more = _following(page.url, answer.pagination, len(answer.posts))
        return Reading(posts=read_each(answer.posts, _Post, read), more=more, title=title)


def _read(post: _Post, base: str, title: str, board: str) -> ReadPost:
    if post.deleted:
        return ReadPost(post.pid, withheld="deleted")
    body = markup(post.content)
    quoted = first_text(body, "blockquote")
    named = _take_quotation_line(body)
    text = words(body, ("blockquote",))
    return ReadPost(
        native_id=post.pid,
        url=f"{base}post/{post.pid}",
        board=board,
        title=title,
        author=post.handle or html.unescape(post.user.username),
        text=text,
        ts=post.timestamp,
        reply_to=post.toPid or named,
        quoted=quoted,
        images=pictures(body, base, ("blockquote",)),
        trouble="" if text else NO_TEXT,
    )


def _take_quotation_line(body: Selector) -> str:
    """Id of the post that is quoted, whose announcement ("X said in Y:") is taken out."""
    found = ""
    for line in body.xpath("//p[following-sibling::*[1][self::blockquote]][.//a[contains(@href, '/post/')]]"):
        links = (_POST.search(link) for link in line.css("a::attr(href)").getall())
        found = found or next((link[1] for link in links if link), "")
        line.root.drop_tree()
    return found


def _following(url: str, pages: _Pages, found: int) -> tuple[str, ...]:
    """The next page, as the answer counts them, or, where it does not, after a full page."""
    asked = url_query_parameter(url, "page") or "1"
    current = pages.currentPage or (int(asked) if asked.isascii() and asked.isdigit() else 1)
    if current >= pages.pageCount if pages.pageCount else found < PAGE:
        return ()
    return (str(add_or_replace_parameter(url, "page", str(current + 1))),)


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return address(url, "")
    bare = url.partition("?")[0].rstrip("/")
    root, mark, rest = bare.partition("/category/")
    if mark:
        return address(f"{root}/api/category/{rest.split('/')[0]}", "")
    root, mark, rest = bare.partition("/tags/")
    return address(f"{root}/api/tags/{rest.split('/')[0]}" if mark else f"{bare.removesuffix('/recent')}/api/recent", "")


def _root(url: str) -> str:
    return f"{url.partition('/api/')[0]}/"
