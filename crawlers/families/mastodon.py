"""Mastodon and what speaks its interface (GoToSocial, Pleroma, Akkoma): the local public timeline, or a tag's.

Timelines leave out answers to others, so a status with answers is a thread of them. GoToSocial shows those to its members alone.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote, unquote, urlsplit

from pydantic import RootModel
from scrapy.http import TextResponse
from w3lib.url import url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
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
    wall,
    whole,
)
from crawlers.families.not_for_guests import refused
from crawlers.families.rendered import NO_TEXT, markup, pictures, words
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source
from crawlers.states import State

_NEXT: Final = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_SERVERS: Final = ("mastodon", "gotosocial", "pleroma", "akkoma")


class _Account(Answer):
    acct: str


class _Media(Answer):
    type: Words = ""
    url: Words = ""
    description: Words = ""
    """What its author says is on it."""


class _Option(Answer):
    title: str


class _Poll(Answer):
    options: tuple[Any, ...] = ()


class _Status(Answer):
    id: str
    uri: Words = ""
    url: Words = ""
    created_at: IsoTime
    content: Words = ""
    spoiler_text: Words = ""
    in_reply_to_id: Words = ""
    visibility: Words = "public"
    reblog: Any = None
    account: _Account
    media_attachments: Annotated[tuple[Any, ...], Lenient] = ()
    poll: Annotated[_Poll | None, Lenient] = None
    replies_count: Number = 0
    quote: Any = None


class _Statuses(RootModel[list[Any]]):
    """A timeline."""


class _Context(Answer):
    descendants: list[Any]


class Mastodon(Family):
    """A timeline holds the posts themselves; what leaves it by age is not deleted. Of a thread's answers guests see 60."""

    name = "mastodon"

    def recognises(self, page: TextResponse) -> bool:
        """Marks of its web page, its server's name, or an answer of its interface."""
        found = marks(page, "meta[name=generator]::attr(content), #mastodon::attr(id)")
        if any(name in mark.lower() for mark in (*found, header(page, "Server")) for name in _SERVERS):
            return True
        answer = glimpse(page)
        first = answer[0] if isinstance(answer, list) and answer else None
        return isinstance(first, dict) and {"account", "reblog", "visibility"} <= first.keys()

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its local timeline, that of a tag for the tag's."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A page of a timeline, newest first."""
        if page.status == HTTPStatus.UNPROCESSABLE_ENTITY:  # "This method requires an authenticated user"
            return Reading(wall=wall(page, State.LOGIN_WALL))
        if reading := refusal(page):
            return reading
        answer = whole(page, _Statuses)
        if isinstance(answer, Reading):
            return answer
        if not answer.root and "/timelines/public" in page.url and not url_query_parameter(page.url, "max_id"):
            return Reading(trouble="the local timeline is empty; its owner may have switched it off for guests")
        further = _NEXT.search(header(page, "Link"))
        following = address(page.url, further[1]) if further and answer.root else ""
        threads = tuple(_threads(answer.root, page.url))
        return Reading(posts=read_each(answer.root, _Status, _read), threads=threads, more=(following,) if following else ())

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """Answers to a status."""
        if reading := refusal(page):
            return refused(page, reading.wall, source) if reading.wall else reading
        answer = whole(page, _Context)
        if isinstance(answer, Reading):
            return answer
        posts = read_each(answer.descendants, _Status, _read)
        return Reading(posts=posts, no_thread=not posts)


def _threads(items: list[Any], page: str) -> Iterator[ListedThread]:
    root = page.partition("/api/")[0]
    for status in fitting(items, _Status):
        if status.replies_count > 0 and status.visibility == "public" and not status.reblog and status.id.isalnum():
            yield ListedThread(f"{root}/api/v1/statuses/{status.id}/context", str(status.replies_count))


def _read(status: _Status) -> ReadPost | None:
    if status.visibility != "public" or status.reblog:
        return None
    media, options = fitting(status.media_attachments, _Media), fitting(status.poll.options, _Option) if status.poll else []
    body = markup(status.content)
    said = (
        status.spoiler_text,
        words(body, (".quote-inline",)),
        *(one.title for one in options),
        *(one.description for one in media),
    )
    text = "\n".join(filter(None, said))
    shown = (address(status.url, one.url) for one in media if one.type == "image" and one.url)
    return ReadPost(
        native_id=status.id,
        url=status.url or status.uri,
        author=status.account.acct,
        text=text,
        ts=status.created_at,
        reply_to=status.in_reply_to_id or _quoted(status.quote, "id"),
        quoted=words(markup(_quoted(status.quote, "content"))),
        images=tuple(filter(None, (*pictures(body, status.url), *shown))),
        trouble="" if text else NO_TEXT,
    )


def _quoted(quote: Any, field: str) -> str:
    """A field of the status that is quoted (Mastodon 4.5), where the server shows it."""
    quoted = quote.get("quoted_status") if isinstance(quote, dict) else None
    value = quoted.get(field) if isinstance(quoted, dict) else None
    return value if isinstance(value, str) else ""


def _api(url: str) -> str:
    if "/api/" in urlsplit(url).path:
        return address(url, "")
    root, mark, tag = url.partition("?")[0].rstrip("/").partition("/tags/")
    root = root.removesuffix("/public/local").removesuffix("/public")
    timeline = f"tag/{quote(unquote(tag))}" if mark else "public"
    return address(f"{root}/api/v1/timelines/{timeline}?local=true&limit=40", "")
