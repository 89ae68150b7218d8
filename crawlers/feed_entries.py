# mypy: disable-error-code="no-untyped-call, attr-defined"
"""Posts read from an RSS or Atom feed."""

from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import feedparser

from crawlers.page_text import fragment_text
from crawlers.reading import ReadPost


class Feed(NamedTuple):
    """What a feed holds, or why it is none."""

    posts: list[ReadPost]
    trouble: str
    """Empty = it was read."""


def read_feed(body: bytes, content_type: str, url: str) -> Feed:
    """The feed's entries in its order; texts as `fragment_text` gives them, times in UTC.

    Args:
        body: the feed as received.
        content_type: the header, which may name the encoding.
        url: where it came from, for relative links.
    """
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    parsed = feedparser.parse(body, response_headers=headers, sanitize_html=False)
    if not parsed.get("version"):
        reason = parsed.get("bozo_exception", "it is neither RSS nor Atom")
        return Feed([], f"is no feed: {type(reason).__name__ if isinstance(reason, Exception) else reason}")
    return Feed([_read_entry(entry) for entry in parsed.entries], "")


def _read_entry(entry: Mapping[str, Any]) -> ReadPost:
    native_id = str(entry.get("id") or entry.get("link") or "").strip()
    if not native_id:
        return ReadPost("", trouble="the entry has neither id nor link")
    time = entry.get("published_parsed") or entry.get("updated_parsed")
    if time is None:
        return ReadPost(native_id, trouble="the entry has no time, or none that can be read")
    contents = entry.get("content") or []
    markup = str(contents[0].get("value", "")) if contents else str(entry.get("summary", ""))
    title = fragment_text(str(entry.get("title", "")))
    text = fragment_text(markup) or title
    if not text:
        return ReadPost(native_id, trouble="the entry has neither content nor title")
    tags = entry.get("tags") or []
    return ReadPost(
        native_id=native_id,
        url=str(entry.get("link", "")),
        board=str(tags[0].get("term") or "") if tags else "",
        title=title,
        author=str(entry.get("author", "")),
        text=text,
        ts=datetime.fromtimestamp(timegm(time), UTC),
    )
