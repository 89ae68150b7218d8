# mypy: disable-error-code="no-untyped-call, attr-defined"
"""Posts read from an RSS or Atom feed, or by `crawlers.json_feed` from a JSON Feed."""

import hashlib
import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import feedparser
from parsel import Selector

from crawlers.feed_text import decode_feed
from crawlers.page_text import fragment_text
from crawlers.reading import ReadPost
from crawlers.web_address import absolute
from humiao.times import parse_time

_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_WITH_OFFSET: Final = re.compile(r"(?:[+-]\d\d:?\d\d|Z|\b[A-Z]{2,4})$")


class Feed(NamedTuple):
    """What a feed holds, or why it is none."""

    posts: tuple[ReadPost, ...]
    trouble: str = ""
    """Empty = it was read."""
    more: str = ""
    """Address of its next page; empty if it has none."""


def read_feed(body: bytes, content_type: str, url: str, zone: ZoneInfo, now: datetime) -> Feed:
    """The feed's entries in its order; texts as `fragment_text` gives them, times in UTC.

    Args:
        body: the feed as received.
        content_type: the header, which may name the encoding.
        url: where it came from, for relative links.
        zone: zone of times without offset.
        now: when it was fetched.
    """
    text = _DECLARATION.sub("", decode_feed(body, content_type))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    parsed = feedparser.parse(text.encode(), response_headers=headers, sanitize_html=False)
    if not parsed.get("version"):
        reason = parsed.get("bozo_exception")
        return Feed((), f"is no feed: {type(reason).__name__ if reason else 'neither RSS, Atom nor JSON Feed'}")
    further = [link["href"] for link in parsed.feed.get("links", ()) if link.get("rel") == "next" and link.get("href")]
    atom = str(parsed["version"]).startswith("atom")
    posts = tuple(_read_entry(entry, url, zone, now, atom=atom) for entry in parsed.entries)
    return Feed(posts, more=absolute(url, further[0]) if further else "")


def stand_in_id(title: str, time: str) -> str:
    """Id of an entry that has neither id nor link."""
    digest = hashlib.sha256(f"{title}\x1f{time}".encode()).hexdigest()
    return f"entry:{digest[:16]}"


def image_addresses(markup: str, url: str) -> tuple[str, ...]:
    """Absolute addresses of the pictures in a piece of HTML from the page `url`, each once."""
    found = Selector(f"<body>{markup}</body>", type="html").css("img::attr(src)").getall()
    return tuple(dict.fromkeys(absolute(url, address.strip()) for address in found if not address.startswith("data:")))


def _read_entry(entry: dict[str, Any], url: str, zone: ZoneInfo, now: datetime, *, atom: bool) -> ReadPost:
    title = _text(str(entry.get("title", "")), entry.get("title_detail"), atom=atom)
    link = str(entry.get("link", "")).strip()
    times = [(dict.get(entry, kind), dict.get(entry, f"{kind}_parsed")) for kind in ("published", "updated", "created")]
    stated = next((str(text) for text, _ in times if text), "")
    native_id = str(entry.get("id") or link).strip() or (stand_in_id(title, stated) if title and stated else "")
    if not native_id:
        return ReadPost("", trouble="the entry has neither id nor link, nor title and time")
    ts = next((ts for text, parsed in times if text and (ts := _instant(str(text), parsed, zone, now))), None)
    if ts is None:
        return ReadPost(native_id, trouble="the entry has no time, or none that can be read")
    content = (entry.get("content") or [entry.get("summary_detail") or {}])[0]
    markup = str(content.get("value", ""))
    text = _text(markup, content, atom=atom) or title
    if not text:
        return ReadPost(native_id, ts=ts, trouble="the entry has neither content nor title")
    tags = entry.get("tags") or []
    enclosed = [link["href"] for link in entry.get("enclosures", ()) if str(link.get("type", "")).startswith("image/")]
    return ReadPost(
        native_id=native_id,
        url=link if link.startswith(("http://", "https://")) else "",
        board=str(tags[0].get("term") or "") if tags else "",
        title=title,
        author=str((entry.get("author_detail") or {}).get("name") or entry.get("author", "")),
        text=text,
        ts=ts,
        reply_to=str((entry.get("thr_in-reply-to") or {}).get("ref") or ""),
        images=tuple(dict.fromkeys([*image_addresses(markup, url), *enclosed])),
    )


def _text(markup: str, detail: Mapping[str, Any] | None, *, atom: bool) -> str:
    if atom and detail and detail.get("type") == "text/plain":  # RSS says nothing about it, and sites put markup everywhere
        return "\n".join(" ".join(line.split()) for line in markup.splitlines()).strip()
    return fragment_text(markup)


def _instant(text: str, parsed: Any, zone: ZoneInfo, now: datetime) -> datetime | None:
    try:
        return parse_time(text, zone, now)
    except ValueError:  # feedparser knows odder forms, but takes what has no offset for UTC
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed and _WITH_OFFSET.search(text) else None
