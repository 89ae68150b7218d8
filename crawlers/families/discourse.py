"""Discourse, by its own JSON: the latest topics, each with the ids of all its posts."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.json_page import Answer, IsoTime, each, markup, markup_text, pictures, refusal, whole
from crawlers.page_text import element_text
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source

CHUNK: Final = 20
"""Posts that one request brings."""


class _Topic(Answer):
    id: int
    bumped_at: IsoTime | None = None
    last_posted_at: IsoTime | None = None
    posts_count: int = 0
    pinned: bool = False
    pinned_globally: bool = False


class _TopicList(Answer):
    topics: tuple[Any, ...] = ()
    more_topics_url: str | None = None


class _Latest(Answer):
    topic_list: _TopicList


class _Stream(Answer):
    posts: list[Any]
    stream: tuple[int, ...] = ()


class _Chunk(Answer):
    post_stream: _Stream


class _Thread(_Chunk):
    id: int
    title: str = ""


class _Post(Answer):
    id: int
    topic_id: int
    topic_slug: str = "topic"
    post_number: int
    username: str
    created_at: IsoTime
    cooked: str
    reply_to_post_number: int | None = None
    hidden: bool = False
    user_deleted: bool = False
    deleted_at: str | None = None
    post_type: int = 1
    """1 = written, 3 = a moderator's action, 4 = whisper."""


class Discourse(Family):
    """Topics from ``/latest.json`` or a category's list; posts 20 at a time."""

    name = "discourse"

    def recognises(self, page: TextResponse) -> bool:
        """Generator of its pages."""
        return page.css("meta[name=generator]::attr(content)").get(default="").startswith("Discourse")

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its latest topics, a category's for those of the category."""
        return tuple(_list_address(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A list of topics."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Latest)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        threads = [
            ListedThread(
                url=f"{base}t/{topic.id}.json",
                activity=f"{topic.bumped_at or topic.last_posted_at or ''} {topic.posts_count}",
                sticky=topic.pinned or topic.pinned_globally,
            )
            for topic, _, _ in each(answer.topic_list.topics, _Topic)
            if topic
        ]
        further = answer.topic_list.more_topics_url
        return Reading(threads=tuple(threads), more=(_json(urljoin(base, further.lstrip("/"))),) if further else ())

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A topic, or a chunk of its posts."""
        if reading := refusal(page):
            return reading
        answer: _Chunk | Reading = whole(page, _Thread) if first else whole(page, _Chunk)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        title = answer.title if isinstance(answer, _Thread) else ""
        found = each(answer.post_stream.posts, _Post)
        numbers = {post.post_number: str(post.id) for post, _, _ in found if post}
        posts = [
            _read(post, base, title if first and post.post_number == 1 else "", numbers) if post else ReadPost(id, trouble=trouble)
            for post, id, trouble in found
            if post is None or post.post_type == 1
        ]
        shown = {post.id for post, _, _ in found if post}
        rest = [id for id in answer.post_stream.stream if id not in shown] if first else []
        topic = answer.id if isinstance(answer, _Thread) else 0
        chunks = [rest[start : start + CHUNK] for start in range(0, len(rest), CHUNK)]
        more = tuple(f"{base}t/{topic}/posts.json?{urlencode([('post_ids[]', id) for id in chunk])}" for chunk in chunks)
        return Reading(posts=tuple(posts), more=more, title=title)


def _read(post: _Post, base: str, title: str, numbers: dict[int, str]) -> ReadPost:
    if post.hidden or post.user_deleted or post.deleted_at:
        return ReadPost(str(post.id), withheld="hidden" if post.hidden else "deleted")
    quote = markup(post.cooked).css("aside.quote blockquote")
    text = markup_text(post.cooked, ("aside.quote", ".onebox", ".lightbox-wrapper .meta"))
    images = tuple(urljoin(base, one) for one in pictures(post.cooked))
    return ReadPost(
        native_id=str(post.id),
        url=f"{base}t/{post.topic_slug}/{post.topic_id}/{post.post_number}",
        title=title,
        author=post.username,
        text=text,
        ts=post.created_at,
        reply_to=numbers.get(post.reply_to_post_number or 0, ""),
        quoted=element_text(quote[0]) if quote else "",
        images=images,
        trouble="" if text else "the post has no text (an image only?)",
    )


def _list_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.endswith(".json"):
        return url
    if "/c/" in parts.path or "/tag/" in parts.path:
        return f"{url.partition('?')[0].rstrip('/')}.json"
    return f"{url.partition('?')[0].rstrip('/')}/latest.json?order=activity"


def _json(url: str) -> str:
    """Further pages are named without their suffix."""
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith(".json") else f"{parts.path}.json"
    return parts._replace(path=path).geturl()


def _root(url: str) -> str:
    """Address of the site, also in a folder."""
    head, _, _ = url.partition("?")
    for mark in ("/t/", "/c/", "/tag/", "/latest.json"):
        if mark in head:
            return f"{head[: head.rindex(mark)]}/"
    return urljoin(url, "/")
