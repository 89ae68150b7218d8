"""V2EX, by the first version of its interface (120 requests an hour): the latest topics or a node's, and the replies of each."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import RootModel
from scrapy.http import TextResponse
from w3lib.url import url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
    Flag,
    Lenient,
    Number,
    Seconds,
    Words,
    address,
    fitting,
    glimpse,
    marks,
    read_each,
    refusal,
    whole,
)
from crawlers.families.rendered import NO_TEXT, markup, pictures, words
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source


class _Member(Answer):
    username: Words = ""


class _Node(Answer):
    title: Words = ""
    name: Words = ""


class _Written(Answer):
    id: int
    content: Words = ""
    content_rendered: Words = ""
    created: Seconds
    member: Annotated[_Member, Lenient] = _Member()
    deleted: Flag = False


class _Topic(_Written):
    title: Words = ""
    node: Annotated[_Node, Lenient] = _Node()


class _Listed(Answer):
    id: int
    replies: Number = 0
    last_touched: Number = 0
    last_modified: Number = 0


class _Items(RootModel[list[Any]]):
    """Topics or replies."""


class V2EX(Family):
    """A topic's first page is the topic itself, its second one holds all replies; each id carries its kind."""

    name = "v2ex"

    def recognises(self, page: TextResponse) -> bool:
        """Its name on the page, or an answer of its interface."""
        if "V2EX" in marks(page, "meta[property='og:site_name']::attr(content), link[rel=search]::attr(title)"):
            return True
        answer = glimpse(page)
        first = answer[0] if isinstance(answer, list) and answer else None
        return isinstance(first, dict) and {"member", "node", "last_touched"} <= first.keys()

    def starts(self, source: Source) -> tuple[str, ...]:
        """The site's address stands for the latest topics, a node's for those of the node."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """The latest topics; there are no further pages."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Items)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        return Reading(
            threads=tuple(
                ListedThread(f"{base}api/topics/show.json?id={one.id}", f"{one.last_touched} {one.replies} {one.last_modified}")
                for one in fitting(answer.root, _Listed)
            )
        )

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A topic, or its replies."""
        if reading := refusal(page):
            return reading
        if first and page.body.strip() in {b"[]", b"null"}:
            return Reading(gone=True)
        answer = whole(page, _Items)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        topic = url_query_parameter(page.url, "id" if first else "topic_id") or ""
        if not first:
            replies = read_each(answer.root, _Written, lambda reply: _read_reply(reply, base, topic), kind="reply-")
            return Reading(posts=replies)
        posts = read_each(answer.root[:1], _Topic, lambda topic: _read_topic(topic, base), kind="topic-")
        return Reading(posts=posts, more=(f"{base}api/replies/show.json?topic_id={topic}",), title=posts[0].title if posts else "")


def _read_topic(topic: _Topic, base: str) -> ReadPost:
    if topic.deleted:
        return ReadPost(f"topic-{topic.id}", withheld="deleted")
    text, images = _said(topic, base)
    return ReadPost(
        native_id=f"topic-{topic.id}",
        url=f"{base}t/{topic.id}",
        board=topic.node.title or topic.node.name,
        title=topic.title,
        author=topic.member.username,
        text=text or topic.title,  # a topic may be nothing but its title
        ts=topic.created,
        images=images,
        trouble="" if text or topic.title else NO_TEXT,
    )


def _read_reply(reply: _Written, base: str, topic: str) -> ReadPost:
    if reply.deleted:
        return ReadPost(f"reply-{reply.id}", withheld="deleted")
    text, images = _said(reply, base)
    return ReadPost(
        native_id=f"reply-{reply.id}",
        url=f"{base}t/{topic}#r_{reply.id}",
        author=reply.member.username,
        text=text,
        ts=reply.created,
        reply_to=f"topic-{topic}",
        images=images,
        trouble="" if text else NO_TEXT,
    )


def _said(written: _Written, base: str) -> tuple[str, tuple[str, ...]]:
    if not written.content_rendered:
        return written.content.strip(), ()
    body = markup(written.content_rendered)
    return words(body), pictures(body, base)


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return address(url, "")
    root, mark, node = url.partition("?")[0].rstrip("/").partition("/go/")
    chosen = f"topics/show.json?node_name={node.split('/')[0]}" if mark else "topics/latest.json"
    return address(f"{root}/api/{chosen}", "")


def _root(url: str) -> str:
    return f"{url.partition('/api/')[0]}/"
