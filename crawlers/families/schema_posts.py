"""Posts from schema.org items: a posting or question, and the comments and answers within it."""

import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.families.schema_items import REPLIES, Item, Items, several, types_of, words
from crawlers.page_text import fragment_text
from crawlers.reading import ReadPost
from crawlers.web_address import absolute, absolute_id
from humiao.times import parse_time

_TEXTS: Final = ("text", "articleBody", "commentText", "description")
_TIMES: Final = ("datePublished", "dateCreated", "commentTime", "uploadDate", "dateModified")
_AUTHORS: Final = ("author", "creator")
_ANSWERS: Final = ("comment", "comments", "acceptedAnswer", "suggestedAnswer")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")


def read_items(
    items: Items, main: Sequence[Item], url: str, zone: ZoneInfo, now: datetime, *, root: bool, body: str = ""
) -> tuple[ReadPost, ...]:
    """Posts in the page's order: each of `main`, then what answers it.

    Args:
        items: all items of the page.
        main: the postings or questions among them.
        url: of the page.
        zone: zone of times without offset.
        now: when the page was fetched.
        root: False = a later page of the thread, where a posting that only heads the answers is left out: such pages tend to
            repeat it in short.
        body: text of the first, should the item have none.
    """
    posts: dict[str, ReadPost] = {}
    ids: dict[int, str] = {}
    for item, parent in _in_order(items, main):
        answered = ids.get(id(parent), "") if parent is not None else _named_parent(item, url)
        if parent is None and not answered and posts and REPLIES & types_of(item):
            answered = next(iter(posts))
        post = _read_item(items, item, url, zone, now, answered)
        if not posts:
            titled = words(item.get("headline") or item.get("name"))
            text = post.text or body or _plain(titled)
            post = replace(post, title=_plain(titled), text=text, trouble="" if text and post.ts else post.trouble)
        if (same := posts.get(post.native_id)) and same.text != post.text:  # some sites give every comment the thread's address
            post = replace(post, native_id=_hashed(item, post))
        ids[id(item)] = post.native_id
        posts.setdefault(post.native_id, post)
    if not root and any(main[0].get(key) for key in _ANSWERS):
        posts.pop(ids[id(main[0])])
    return tuple(posts.values())


def _in_order(items: Items, main: Sequence[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Items with those that they answer; each once, whatever refers to what."""
    loose = items.of(REPLIES)
    waiting: list[tuple[Item, Item | None]] = [(item, None) for item in reversed([*main, *loose])]
    seen: set[int] = set()
    while waiting:
        item, parent = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item, parent
        answers = [items.whole(answer) for key in _ANSWERS for answer in several(item.get(key))]
        waiting.extend((answer, item) for answer in reversed(answers) if isinstance(answer, dict) and len(answer) > 1)


def _read_item(items: Items, item: Item, url: str, zone: ZoneInfo, now: datetime, answered: str) -> ReadPost:
    address = words(item.get("url"))
    post = ReadPost(
        native_id=_native_id(item, url),
        url=absolute(url, address) if address else url,
        board=words(item.get("articleSection") or item.get("isPartOf")),
        author=next((name for key in _AUTHORS if (name := _name(items, item.get(key)))), ""),
        text=next((text for key in _TEXTS if (text := _plain(words(item.get(key))))), ""),
        reply_to=answered,
        images=_images(item, url),
    )
    stated = next((time for key in _TIMES if (time := words(item.get(key)))), "")
    try:
        post = replace(post, ts=parse_time(stated, zone, now))
    except ValueError as error:
        post = replace(post, trouble=f"schema.org time: {error}")
    if not post.native_id:
        post = replace(post, native_id=_hashed(item, post) if post.ts else "")
    if not post.text and not post.trouble:
        post = replace(post, trouble="the post has no text (an image only?)")
    return post


def _native_id(item: Item, url: str) -> str:
    """Its identifier with its type, as a question and an answer may have one number; else its address."""
    if identifier := words(item.get("identifier")):
        return f"{min(types_of(item), default='')}:{identifier}"
    address = words(item.get("@id") or item.get("url"))
    return absolute_id(url, address) if address else ""


def _named_parent(item: Item, url: str) -> str:
    parent = item.get("parentItem")
    return _native_id(parent, url) if isinstance(parent, dict) else absolute_id(url, words(parent)) if words(parent) else ""


def _hashed(item: Item, post: ReadPost) -> str:
    """An id from who wrote and when, which an edit leaves alone."""
    what = "\x1f".join((*sorted(types_of(item)), post.author, post.ts.isoformat() if post.ts else "", post.reply_to))
    return f"item:{hashlib.sha256(what.encode()).hexdigest()[:16]}"


def _name(items: Items, author: object) -> str:
    return words(items.whole(author[0] if isinstance(author, list) and author else author))


def _images(item: Item, url: str) -> tuple[str, ...]:
    pictures = (
        words(one.get("url") or one.get("contentUrl")) if isinstance(one, dict) else words(one)
        for one in several(item.get("image"))
    )
    return tuple(dict.fromkeys(absolute(url, picture) for picture in pictures if picture))


def _plain(text: str) -> str:
    """Without markup, which some sites put there; otherwise the lines as they are."""
    if _MARKUP.search(text):
        return fragment_text(text)
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
