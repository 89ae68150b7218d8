"""NodeBB, by its own JSON: recent topics, each page of a topic with twenty posts."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.json_page import Answer, Millis, each, markup_text, pictures, refusal, whole
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source


class _Pages(Answer):
    currentPage: int = 1  # noqa: N815 (as the interface names it)
    pageCount: int = 1  # noqa: N815


class _List(Answer):
    topics: tuple[Any, ...] = ()
    categories: tuple[Any, ...] = ()
    pagination: _Pages = _Pages()


class _Topic(Answer):
    tid: int
    lastposttime: Millis | None = None
    postcount: int = 0
    pinned: bool = False
    deleted: bool = False


class _Category(Answer):
    name: str = ""


class _Thread(Answer):
    tid: int
    title: str = ""
    category: _Category = _Category()
    posts: list[Any]
    pagination: _Pages = _Pages()


class _User(Answer):
    username: str = ""


class _Post(Answer):
    pid: str
    content: str = ""
    timestamp: Millis
    deleted: bool = False
    toPid: str | None = None  # noqa: N815
    user: _User = _User()


class NodeBB(Family):
    """Deleted posts keep their place and say so."""

    name = "nodebb"

    def recognises(self, page: TextResponse) -> bool:
        """Its own header, or the marks of its page."""
        return b"NodeBB" in (page.headers.get("X-Powered-By") or b"") or "window.config = JSON.parse" in page.text

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its recent topics, a category's for those of the category."""
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
            ListedThread(f"{base}api/topic/{topic.tid}", f"{topic.lastposttime or ''} {topic.postcount}", sticky=topic.pinned)
            for topic, _, _ in each(answer.topics, _Topic)
            if topic and not topic.deleted
        )
        return Reading(threads=threads, more=_following(page.url, answer.pagination))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A page of a topic."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Thread)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        posts: list[ReadPost] = []
        for post, id, trouble in each(answer.posts, _Post):
            heading = answer.title if first and not posts else ""
            posts.append(_read(post, base, heading, answer.category.name) if post else ReadPost(id, trouble=trouble))
        return Reading(posts=tuple(posts), more=_following(page.url, answer.pagination), title=answer.title)


def _read(post: _Post, base: str, title: str, board: str) -> ReadPost:
    if post.deleted:
        return ReadPost(post.pid, withheld="deleted")
    text = markup_text(post.content, ("blockquote",))
    return ReadPost(
        native_id=post.pid,
        url=f"{base}post/{post.pid}",
        board=board,
        title=title,
        author=post.user.username,
        text=text,
        ts=post.timestamp,
        reply_to=post.toPid or "",
        images=tuple(urljoin(base, one) for one in pictures(post.content)),
        trouble="" if text else "the post has no text (an image only?)",
    )


def _following(url: str, pages: _Pages) -> tuple[str, ...]:
    if pages.currentPage >= pages.pageCount:
        return ()
    return (f"{url.partition('?')[0]}?page={pages.currentPage + 1}",)


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return url
    head, mark, rest = url.partition("/category/")
    return f"{head}/api/category/{rest.split('/')[0]}" if mark else f"{url.partition('?')[0].rstrip('/')}/api/recent"


def _root(url: str) -> str:
    head, _, _ = url.partition("/api/")
    return f"{head}/"
