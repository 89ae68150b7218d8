"""Posts read from a JSON Feed (jsonfeed.org, versions 1 and 1.1)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawlers.feed_entries import Feed, image_addresses, stand_in_id
from crawlers.page_text import fragment_text
from crawlers.reading import ReadPost
from crawlers.web_address import absolute
from humiao.times import parse_time

VERSION: Final = "jsonfeed.org/version/"


def read_json_feed(text: str, url: str, zone: ZoneInfo, now: datetime) -> Feed:
    """The feed's items in its order, texts without markup, times in UTC.

    Args:
        text: the feed.
        url: where it came from, for relative links.
        zone: zone of times without offset.
        now: when it was fetched.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Feed((), f"is no JSON Feed: {type(error).__name__}")
    if not isinstance(feed, dict) or VERSION not in str(feed.get("version", "")):
        return Feed((), "is no JSON Feed: it has no version of one")
    items = [item for item in _several(feed.get("items")) if isinstance(item, dict)]
    posts = tuple(_read_item(item, _author(feed), url, zone, now) for item in items)
    further = _words(feed.get("next_url"))
    return Feed(posts, more=absolute(url, further) if further else "")


def _read_item(item: Mapping[str, Any], feed_author: str, url: str, zone: ZoneInfo, now: datetime) -> ReadPost:
    title, link = fragment_text(_words(item.get("title"))), _words(item.get("url"))
    stated = _words(item.get("date_published")) or _words(item.get("date_modified"))
    native_id = _words(item.get("id")) or link or (stand_in_id(title, stated) if title and stated else "")
    if not native_id:
        return ReadPost("", trouble="the item has neither id nor url, nor title and time")
    try:
        ts = parse_time(stated, zone, now)
    except ValueError as error:
        return ReadPost(native_id, trouble=f"the item's time: {error}")
    markup = _words(item.get("content_html"))
    text = fragment_text(markup) or _words(item.get("content_text")) or _words(item.get("summary")) or title
    if not text:
        return ReadPost(native_id, ts=ts, trouble="the item has neither content nor title")
    tags = _several(item.get("tags"))
    pictures = [
        *image_addresses(markup, url),
        *(absolute(url, picture) for picture in (_words(item.get("image")),) if picture),
        *(
            absolute(url, _words(attached.get("url")))
            for attached in _several(item.get("attachments"))
            if isinstance(attached, dict) and _words(attached.get("mime_type")).startswith("image/")
        ),
    ]
    return ReadPost(
        native_id=native_id,
        url=absolute(url, link) if link else "",
        board=_words(tags[0]) if tags else "",
        title=title,
        author=_author(item) or feed_author,
        text=text,
        ts=ts,
        images=tuple(dict.fromkeys(pictures)),
    )


def _author(holder: Mapping[str, Any]) -> str:
    named = [*_several(holder.get("authors")), holder.get("author")]  # a single author is version 1's
    return next((_words(author.get("name")) for author in named if isinstance(author, dict) and author.get("name")), "")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(value: Any) -> str:
    """Text, or a number as an id may be one; anything else is none."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
