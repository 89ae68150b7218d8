"""Mastodon and what speaks its interface (GoToSocial, Pleroma, Misskey's bridge): the local public timeline, or a tag's."""

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, unquote, urljoin, urlsplit

from pydantic import RootModel
from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.json_page import Answer, IsoTime, each, markup_text, parsed, refusal
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source

_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')


class _Account(Answer):
    acct: str


class _Media(Answer):
    type: str = ""
    url: str | None = None


class _Status(Answer):
    id: str
    uri: str = ""
    url: str | None = None
    created_at: IsoTime
    content: str = ""
    spoiler_text: str = ""
    in_reply_to_id: str | None = None
    visibility: str = "public"
    reblog: Any = None
    account: _Account
    media_attachments: tuple[Any, ...] = ()


class Statuses(RootModel[list[Any]]):
    """A timeline."""


class Mastodon(Family):
    """A timeline holds the posts themselves; what leaves it by age is not deleted."""

    name = "mastodon"

    def recognises(self, page: TextResponse) -> bool:
        """Marks of its web page, or an instance's answer."""
        marks = page.css("meta[name=generator]::attr(content), #mastodon::attr(id), link[rel=manifest]::attr(href)").getall()
        return any("mastodon" in mark.lower() or "gotosocial" in mark.lower() for mark in marks)

    def starts(self, source: Source) -> tuple[str, ...]:
        """A site's address stands for its local timeline, that of a tag for the tag's."""
        return tuple(_api(url) for url in source.start)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """A page of a timeline, newest first."""
        if reading := refusal(page):
            return reading
        try:
            items = Statuses.model_validate(parsed(page)).root
        except ValueError as error:
            return Reading(trouble=f"is no timeline: {str(error).splitlines()[0]}")
        posts: list[ReadPost] = []
        for status, id, trouble in each(items, _Status):
            if status is None:
                posts.append(ReadPost(id, trouble=trouble))
            elif status.visibility == "public" and not status.reblog:
                posts.append(_read(status))
        further = _NEXT.search((page.headers.get("Link") or b"").decode("latin-1"))
        return Reading(posts=tuple(posts), more=(urljoin(page.url, further[1]),) if further and items else ())

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A timeline has no threads."""
        raise NotImplementedError


def _read(status: _Status) -> ReadPost:
    text = "\n".join(filter(None, (status.spoiler_text, markup_text(status.content))))
    media = [one for one, _, _ in each(status.media_attachments, _Media) if one and one.type == "image" and one.url]
    return ReadPost(
        native_id=status.id,
        url=status.url or status.uri,
        author=status.account.acct,
        text=text,
        ts=status.created_at,
        reply_to=status.in_reply_to_id or "",
        images=tuple(one.url or "" for one in media),
        trouble="" if text else "the post has no text (an image only?)",
    )


def _api(url: str) -> str:
    parts = urlsplit(url)
    if "/api/" in parts.path:
        return url
    root, mark, tag = url.partition("?")[0].rstrip("/").partition("/tags/")
    return f"{root}/api/v1/timelines/" + (
        f"tag/{quote(unquote(tag))}?local=true&limit=40" if mark else "public?local=true&limit=40"
    )
