"""Discourse, by its own JSON: the latest topics, each twenty posts to a page."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import TextResponse
from w3lib.url import url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
    Flag,
    IsoTime,
    Number,
    Words,
    address,
    fitting,
    glimpse,
    header,
    marks,
    read_each,
    refusal,
    wall,
    whole,
)
from crawlers.families.rendered import NO_TEXT, first_text, markup, pictures, replace_element, words
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from crawlers.states import State

PAGE: Final = 20
"""Posts of a page. Pages are asked for by number (``?page=N``): each names the ids of all posts, unless there are more than 10,000,
and new posts come on the last one, so that a long topic need not be read again from its beginning."""
WRITTEN: Final = 1
"""``post_type`` of what users write; others are actions of moderators and whispers."""
_LISTS: Final = frozenset({"latest", "new", "top", "hot", "unread"})
_NOT_THE_AUTHORS: Final = ("aside.quote", ".lightbox-wrapper .meta", "svg")


class _Topic(Answer):
    id: int
    bumped_at: Words = ""
    last_posted_at: Words = ""
    posts_count: Number = 0
    highest_post_number: Number = 0
    pinned: Flag = False
    pinned_globally: Flag = False


class _TopicList(Answer):
    topics: tuple[Any, ...] = ()
    more_topics_url: str | None = None


class _Latest(Answer):
    topic_list: _TopicList


class _Stream(Answer):
    posts: list[Any]
    stream: tuple[int, ...] = ()


class _Thread(Answer):
    id: int
    title: Words = ""
    post_stream: _Stream


class _Post(Answer):
    id: int
    topic_id: int
    topic_slug: Words = "topic"
    post_number: int
    username: str
    created_at: IsoTime
    cooked: str
    reply_to_post_number: Number = 0
    hidden: Flag = False
    user_deleted: Flag = False
    deleted_at: Words = ""
    post_type: Number = WRITTEN


class _Refusal(Answer):
    error_type: Words = ""
    errors: Any = None


class Discourse(Family):
    """Deleted posts leave a topic's list of ids; hidden ones stay and say so."""

    name = "discourse"

    def recognises(self, page: TextResponse) -> bool:
        """Generator of its pages, its own header, or an answer of its interface."""
        if header(page, "X-Discourse-Route"):
            return True
        if any(mark.startswith("Discourse") for mark in marks(page, "meta[name=generator]::attr(content)")):
            return True
        answer = glimpse(page)
        return isinstance(answer, dict) and bool({"topic_list", "post_stream"} & answer.keys())

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its latest topics, a category's or tag's for its own."""
        return tuple(_list_address(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A list of topics."""
        if reading := refusal(page):
            return Reading(wall=wall(page, State.LOGIN_WALL)) if _refused_as(page, "not_logged_in") else reading
        answer = whole(page, _Latest)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        threads = tuple(
            ListedThread(
                url=f"{base}t/{topic.id}.json",
                activity=f"{topic.bumped_at or topic.last_posted_at} {topic.posts_count} {topic.highest_post_number}",
                sticky=topic.pinned or topic.pinned_globally,
            )
            for topic in fitting(answer.topic_list.topics, _Topic)
        )
        further = _further(base, answer.topic_list.more_topics_url or "")
        return Reading(threads=threads, more=(further,) if further else ())

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A page of a topic. One that was moved to where guests may not read is gone for us, not a wall before the whole site."""
        if _refused_as(page, "invalid_access"):
            return Reading(gone=True)
        if reading := refusal(page):
            return Reading(wall=wall(page, State.LOGIN_WALL)) if _refused_as(page, "not_logged_in") else reading
        answer = whole(page, _Thread)
        if isinstance(answer, Reading):
            return answer
        base, raw = _root(page.url), answer.post_stream.posts
        numbers = {post.post_number: str(post.id) for post in fitting(raw, _Post)}

        def read(post: _Post) -> ReadPost | None:
            return _read(post, base, answer.title if first else "", numbers) if post.post_type == WRITTEN else None

        more = _following(page.url, base, answer) if raw else ()
        return Reading(posts=read_each(raw, _Post, read), more=more, title=answer.title)


def _read(post: _Post, base: str, title: str, numbers: dict[int, str]) -> ReadPost:
    if post.hidden or post.user_deleted or post.deleted_at:
        return ReadPost(str(post.id), withheld="hidden" if post.hidden else "deleted")
    body = markup(post.cooked)
    for preview in body.css("aside.onebox, div.onebox"):  # the author wrote a link, the site what stands behind it
        replace_element(preview, preview.attrib.get("data-onebox-src") or preview.css("a::attr(href)").get(default=""))
    text = words(body, _NOT_THE_AUTHORS)
    return ReadPost(
        native_id=str(post.id),
        url=f"{base}t/{post.topic_slug}/{post.topic_id}/{post.post_number}",
        title=title if post.post_number == 1 else "",
        author=post.username,
        text=text,
        ts=post.created_at,
        reply_to=numbers.get(post.reply_to_post_number or _quoted_number(body, post.topic_id), ""),
        quoted=first_text(body, "aside.quote blockquote"),
        images=pictures(body, base, _NOT_THE_AUTHORS),
        trouble="" if text else NO_TEXT,
    )


def _quoted_number(body: Selector, topic: int) -> int:
    number = body.css(f'aside.quote[data-topic="{topic}"]::attr(data-post)').get(default="")
    return int(number) if number.isascii() and number.isdigit() and len(number) < len(str(10**9)) else 0


def _following(url: str, base: str, answer: _Thread) -> tuple[str, ...]:
    """The next page: after the last post shown others are named, or, where none are named, the page is full."""
    last = answer.post_stream.posts[-1]
    shown = last.get("id") if isinstance(last, dict) else None
    stream = answer.post_stream.stream
    if (shown == stream[-1]) if stream else len(answer.post_stream.posts) < PAGE:
        return ()
    number = url_query_parameter(url, "page") or "1"
    return (f"{base}t/{answer.id}.json?page={int(number) + 1}",) if number.isascii() and number.isdigit() else ()


def _refused_as(page: TextResponse, error_type: str) -> bool:
    answer = whole(page, _Refusal) if page.status == HTTPStatus.FORBIDDEN else None
    return isinstance(answer, _Refusal) and answer.error_type == error_type


def _list_address(url: str) -> str:
    bare = url.partition("?")[0].rstrip("/")
    path = urlsplit(bare).path
    if path.endswith(".json"):
        return address(url, "")
    if any(mark in path for mark in ("/c/", "/tag/", "/tags/")) or path.rpartition("/")[2] in _LISTS:
        return address(f"{bare}.json", "")
    return address(f"{bare}/latest.json?order=activity", "")


def _further(base: str, link: str) -> str:
    """Further pages are named without their suffix, and by path; also without the site's folder."""
    folder = urlsplit(base).path
    url = address(base, link if link.startswith(("http:", "https:", folder)) else link.lstrip("/")) if link else ""
    parts = urlsplit(url)
    return url if not url or parts.path.endswith(".json") else parts._replace(path=f"{parts.path}.json").geturl()


def _root(url: str) -> str:
    """Address of the site, also in a folder."""
    head = url.partition("?")[0]
    start = head.index("//") + 2
    found = [at for mark in ("/t/", "/c/", "/tag/", "/tags/") if (at := head.find(mark, start)) >= 0]
    return f"{head[: min(found)] if found else head.rpartition('/')[0]}/"
