"""Flarum 1 and 2, by its own JSON:API."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.json_page import Answer, IsoTime, each, markup, markup_text, pictures, refusal, whole
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source


class _Links(Answer):
    next: str | None = None


class _Answer(Answer):
    data: list[Any]
    included: tuple[Any, ...] = ()
    links: _Links = _Links()


class _Facts(Answer):
    lastPostedAt: IsoTime | None = None  # noqa: N815 (as the interface names it)
    commentCount: int = 0  # noqa: N815
    lastPostNumber: int = 0  # noqa: N815
    isSticky: bool = False  # noqa: N815


class _Discussion(Answer):
    id: str
    attributes: _Facts


class _Content(Answer):
    number: int = 0
    createdAt: IsoTime  # noqa: N815
    contentType: str = "comment"  # noqa: N815
    contentHtml: str = ""  # noqa: N815
    isHidden: bool = False  # noqa: N815


class _Post(Answer):
    id: str
    attributes: _Content
    relationships: Any = None


class Flarum(Family):
    """Guests never see hidden posts, so a deleted one is simply absent."""

    name = "flarum"

    def recognises(self, page: TextResponse) -> bool:
        """Marks of its page."""
        return bool(page.css("#flarum-content, noscript#flarum-content, #flarum-loading")) or "flarum.core" in page.text

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its discussions by last activity."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A page of discussions."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Answer)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        threads = tuple(
            ListedThread(
                url=f"{base}api/posts?filter[discussion]={one.id}&page[limit]=50",
                activity=f"{one.attributes.lastPostedAt or ''} {one.attributes.commentCount} {one.attributes.lastPostNumber}",
                sticky=one.attributes.isSticky,
            )
            for one, _, _ in each(answer.data, _Discussion)
            if one
        )
        return Reading(threads=threads, more=_following(page.url, answer.links))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A page of a discussion's posts; its title comes with them."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Answer)
        if isinstance(answer, Reading):
            return answer
        if first and not answer.data:
            return Reading(gone=True)
        base, names, titles = (
            _root(page.url),
            _included(answer, "users", "username", "displayName"),
            _included(answer, "discussions", "title"),
        )
        title = next(iter(titles.values()), "")
        posts: list[ReadPost] = []
        for post, id, trouble in each(answer.data, _Post):
            if post is None:
                posts.append(ReadPost(id, trouble=trouble))
            elif post.attributes.contentType == "comment":
                posts.append(_read(post, base, title if first and post.attributes.number == 1 else "", names))
        return Reading(posts=tuple(posts), more=_following(page.url, answer.links), title=title)


def _read(post: _Post, base: str, title: str, names: dict[str, str]) -> ReadPost:
    facts = post.attributes
    if facts.isHidden:
        return ReadPost(post.id, withheld="hidden")
    body = markup(facts.contentHtml)
    text = markup_text(facts.contentHtml, ("blockquote",))
    discussion = _related(post, "discussion")
    return ReadPost(
        native_id=post.id,
        url=f"{base}d/{discussion}/{facts.number}",
        title=title,
        author=names.get(_related(post, "user"), ""),
        text=text,
        ts=facts.createdAt,
        reply_to=body.css("a.PostMention::attr(data-id)").get(default=""),
        quoted=" ".join(body.css("blockquote ::text").getall()).strip(),
        images=tuple(urljoin(base, one) for one in pictures(facts.contentHtml)),
        trouble="" if text else "the post has no text (an image only?)",
    )


def _related(post: _Post, name: str) -> str:
    try:
        return str(post.relationships[name]["data"]["id"])
    except (KeyError, TypeError, IndexError):
        return ""


def _included(answer: _Answer, kind: str, *fields: str) -> dict[str, str]:
    """Values by id of what came along."""
    found: dict[str, str] = {}
    for item in answer.included:
        if isinstance(item, dict) and item.get("type") == kind and isinstance(facts := item.get("attributes"), dict):
            found[str(item.get("id"))] = next((str(facts[name]) for name in fields if facts.get(name)), "")
    return found


def _following(url: str, links: _Links) -> tuple[str, ...]:
    return (urljoin(url, links.next),) if links.next else ()


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return url
    return f"{url.partition('?')[0].rstrip('/')}/api/discussions?sort=-lastPostedAt&page[limit]=50"


def _root(url: str) -> str:
    head, _, _ = url.partition("/api/")
    return f"{head}/"
