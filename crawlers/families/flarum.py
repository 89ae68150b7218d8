"""Flarum 1 and 2, by its own JSON:API."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from scrapy.http import TextResponse
from w3lib.url import url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
    Flag,
    IsoTime,
    Lenient,
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

_NOT_THE_AUTHORS = ("blockquote", "a.PostMention")


class _Links(Answer):
    next: str | None = None


class _Document(Answer):
    data: list[Any]
    included: Annotated[tuple[Any, ...], Lenient] = ()
    links: _Links = _Links()


class _DiscussionFacts(Answer):
    lastPostedAt: Words = ""  # noqa: N815 (as the interface names it)
    commentCount: Number = 0  # noqa: N815
    lastPostNumber: Number = 0  # noqa: N815
    isSticky: Flag = False  # noqa: N815


class _Discussion(Answer):
    id: str
    attributes: _DiscussionFacts


class _PostFacts(Answer):
    number: Number = 0
    createdAt: IsoTime  # noqa: N815
    contentType: Words = "comment"  # noqa: N815
    contentHtml: Words = ""  # noqa: N815
    isHidden: Flag = False  # noqa: N815


class _Post(Answer):
    id: str
    attributes: _PostFacts
    relationships: Any = None


class Flarum(Family):
    """Guests never see hidden posts, so a deleted one is simply absent."""

    name = "flarum"

    def recognises(self, page: TextResponse) -> bool:
        """Marks of its page, its cookie, or an answer of its interface."""
        if "flarum_session" in header(page, "Set-Cookie") or marks(page, "#flarum-content, #flarum-loading, #flarum-json-payload"):
            return True
        answer = glimpse(page)
        data = answer.get("data") if isinstance(answer, dict) else None
        first = data[0] if isinstance(data, list) and data else data
        facts = first.get("attributes") if isinstance(first, dict) else None
        return isinstance(facts, dict) and bool({"lastPostNumber", "contentHtml", "allowSignUp"} & facts.keys())

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its discussions by last activity, a tag's for those under the tag."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A page of discussions."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Document)
        if isinstance(answer, Reading):
            return answer
        base = _root(page.url)
        threads = tuple(
            ListedThread(
                url=address(f"{base}api/posts?filter[discussion]={one.id}&sort=number&page[limit]=50", ""),
                activity=f"{one.attributes.lastPostedAt} {one.attributes.commentCount} {one.attributes.lastPostNumber}",
                sticky=one.attributes.isSticky,
            )
            for one in fitting(answer.data, _Discussion)
        )
        return Reading(threads=threads, more=_following(page.url, answer.links))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A page of a discussion's posts; its title comes with them. One without any post was deleted or hidden."""
        if reading := refusal(page):
            return reading
        answer = whole(page, _Document)
        if isinstance(answer, Reading):
            return answer
        if first and not answer.data:
            return Reading(gone=True)
        names = _included(answer, "users", "username", "displayName")
        title = next(iter(_included(answer, "discussions", "title").values()), "")

        def read(post: _Post) -> ReadPost | None:
            if post.attributes.contentType != "comment":
                return None
            return _read(post, page.url, title if first and post.attributes.number == 1 else "", names)

        return Reading(posts=read_each(answer.data, _Post, read), more=_following(page.url, answer.links), title=title)


def _read(post: _Post, page: str, title: str, names: dict[str, str]) -> ReadPost:
    facts, base = post.attributes, _root(page)
    if facts.isHidden:
        return ReadPost(post.id, withheld="hidden")
    body = markup(facts.contentHtml)
    text = words(body, _NOT_THE_AUTHORS)
    discussion = _related(post, "discussion") or url_query_parameter(page, "filter[discussion]") or ""
    return ReadPost(
        native_id=post.id,
        url=f"{base}d/{discussion}/{facts.number}",
        title=title,
        author=names.get(_related(post, "user"), ""),
        text=text,
        ts=facts.createdAt,
        reply_to=body.css("a.PostMention::attr(data-id)").get(default=""),
        quoted=first_text(body, "blockquote"),
        images=pictures(body, base, _NOT_THE_AUTHORS),
        trouble="" if text else NO_TEXT,
    )


def _related(post: _Post, name: str) -> str:
    try:
        return str(post.relationships[name]["data"]["id"])
    except (KeyError, TypeError, IndexError):
        return ""


def _included(answer: _Document, kind: str, *fields: str) -> dict[str, str]:
    """Values by id of what came along."""
    found: dict[str, str] = {}
    for item in answer.included:
        if isinstance(item, dict) and item.get("type") == kind and isinstance(facts := item.get("attributes"), dict):
            found[str(item.get("id"))] = next((value for name in fields if isinstance(value := facts.get(name), str) and value), "")
    return found


def _following(url: str, links: _Links) -> tuple[str, ...]:
    further = address(url, links.next) if links.next else ""
    return (further,) if further else ()


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return address(url, "")
    bare = url.partition("?")[0].rstrip("/")
    root, mark, tag = bare.partition("/t/")
    if not mark:
        root = bare.removesuffix("/all").removesuffix("/tags")
    by_tag = f"filter[tag]={tag.split('/')[0]}&" if mark else ""
    return address(f"{root}/api/discussions?{by_tag}sort=-lastPostedAt&page[limit]=50", "")


def _root(url: str) -> str:
    return f"{url.partition('/api/')[0]}/"
