"""How the threads of an unknown site are read: every likely reading is tried on the pages at hand, the one that reads most wins."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from parsel import Selector

from crawlers.html_pages import read_posts
from crawlers.page_text import element_text
from crawlers.post_elements import post_elements
from crawlers.proposal.addresses import absolute, key_pattern
from crawlers.proposal.field_search import NOTHING, Found, Post
from crawlers.proposal.pagers import next_selector
from crawlers.proposal.patterns import also_without
from crawlers.proposal.post_authors import post_author
from crawlers.proposal.post_blocks import Kind, aside, kinds_of
from crawlers.proposal.post_bodies import post_body
from crawlers.proposal.post_ids import ID, begins_anew, floors, parent_link, post_id
from crawlers.proposal.post_times import post_time
from crawlers.proposal.seen_page import SHORT, WRITTEN, ZONE, SeenPage, text_of, time_of
from crawlers.proposal.selector_making import candidates, cost, find
from crawlers.reading import ReadPost
from crawlers.source import Source, ThreadSelectors

CLEAR: Final = 0.95
_QUOTES: Final = re.compile(r"quote", re.IGNORECASE)


@dataclass(frozen=True)
class Note:
    """How sure a field is, and why."""

    share: float
    reason: str


@dataclass(frozen=True)
class ThreadReading:
    """Selectors for threads, and what they read on the pages at hand."""

    by: ThreadSelectors
    notes: dict[str, Note] = field(default_factory=dict)
    posts: tuple[tuple[ReadPost, ...], ...] = ()
    """By page."""
    score: float = 0.0

    @property
    def whole(self) -> int:
        """Posts that were read with time and text."""
        return sum(not post.trouble for page in self.posts for post in page)


@dataclass
class _OfKind:
    kind: Kind
    posts: list[Post]
    time: Found = NOTHING
    author: Found = NOTHING
    body: Found = NOTHING
    id: Found = NOTHING
    drop: tuple[str, ...] = ()
    edited: str = ""


def read_threads_of(pages: Sequence[SeenPage], source: Source, *, wall: bool = False, board_url: str = "") -> ThreadReading | None:
    """The best reading of `pages`, which are pages of threads; `wall`: they hold posts of no thread. None = no posts were found."""
    readings: list[ThreadReading] = []
    for kinds in kinds_of(pages):
        if one := _reading(pages, kinds, source, wall=wall):
            readings.append(one)
        if len(readings) > 1 and any(_perfect(one) for one in readings):
            break
    if not readings:
        return None
    chosen = max(readings, key=lambda one: one.score)
    return _with_page_fields(chosen, pages, source, wall=wall, board_url=board_url)


def _perfect(reading: ThreadReading) -> bool:
    every = [post for page in reading.posts for post in page]
    return all(post.text and post.author and not post.trouble for post in every)


def _cut(pages: Sequence[SeenPage], kinds: Sequence[Kind]) -> list[_OfKind]:
    query, spans = ", ".join(kind.selector for kind in kinds), any(kind.spans for kind in kinds)
    parts = [_OfKind(kind, []) for kind in kinds]
    for number, page in enumerate(pages):
        sets = [set(find(page.root, kind.selector)) for kind in kinds]
        for found, one in zip(page.selector.css(query), post_elements(page.selector, query, spans=spans), strict=False):
            place = next((place for place, elements in enumerate(sets) if found.root in elements), None)
            if place is not None:
                parts[place].posts.append(Post(one.element.root, number, page.url, page.now, page.zone))
    return [one for one in parts if one.posts]


def _reading(pages: Sequence[SeenPage], kinds: Sequence[Kind], source: Source, *, wall: bool) -> ThreadReading | None:
    parts = _cut(pages, kinds)
    for one in parts:
        one.time = post_time(one.posts)
        one.author = post_author(one.posts, one.time.selector) if one.time.selector else NOTHING
        one.body, one.drop, one.edited = post_body(one.posts, one.time, one.author) if one.time.selector else (NOTHING, (), "")
        one.id = post_id(one.posts)
    parts = [one for one in parts if one.time.selector and one.body.selector]
    if not parts:
        return None
    several = len(parts) > 1
    authors = [one for one in parts if one.author.score > 30]
    naming = _naming(parts, pages, wall=wall)
    drop = list(dict.fromkeys(name for one in parts for name in one.drop))
    quotes = not any("blockquote" in one.body.selector for one in parts)
    fields: dict[str, Any] = {
        "post": ", ".join(one.kind.selector for one in parts),
        "spans": any(one.kind.spans for one in parts),
        "time": _united([(one, one.time.selector) for one in parts], several=several),
        "time_pattern": _one_pattern([one.time.pattern for one in parts]),
        "author": _united([(one, one.author.selector) for one in authors], several=several) or None,
        "author_pattern": _one_pattern([one.author.pattern for one in authors]),
        "body": _united([(one, one.body.selector) for one in parts], several=several),
        "body_pattern": _one_pattern([one.body.pattern for one in parts]),
        "drop": tuple(name for name in drop if not _QUOTES.search(name)),
        "quote": ", ".join(dict.fromkeys(["blockquote", *(name for name in drop if _QUOTES.search(name))])) if quotes else None,
        "edited": next((one.edited for one in parts if one.edited), None),
        **naming,
    }
    notes = {
        "post": Note(1.0, f"{sum(len(one.posts) for one in parts)} 个重复的块 repeated blocks"),
        "time": Note(min(one.time.share for one in parts), parts[0].time.reason),
        "author": Note(
            min((one.author.share for one in authors), default=0.0), authors[0].author.reason if authors else "没有找到 none found"
        ),
        "body": Note(min(one.body.share for one in parts), parts[0].body.reason),
        "id": Note(1.0, parts[0].id.reason)
        if naming.get("id")
        else Note(0.5, f"没有编号，用 named by {'、'.join(naming['name_by'])}"),
    }
    return _judged(ThreadReading(ThreadSelectors.model_validate(fields), notes), pages, source, wall=wall)


def _judged(reading: ThreadReading, pages: Sequence[SeenPage], source: Source, *, wall: bool) -> ThreadReading:
    posts = tuple(
        tuple(read_posts(page.selector, page.url, source, reading.by, first_page=not wall, now=page.now)) for page in pages
    )
    every = [post for page in posts for post in page]
    good = [post for post in every if not post.trouble and not _holds_its_head(post)]
    said = Counter(post.text for post in good)
    good = [post for post in good if said[post.text] <= max(2, 0.4 * len(good))]  # what all of them say is no post's own text
    signed = sum(bool(post.author) for post in good)
    length = sum(min(len(post.text), 120) for post in good) / max(1, len(good))
    distinct = len({(post.native_id, number) for number, page in enumerate(posts) for post in page if not post.trouble})
    ordered = sum(
        [post.ts for post in page if post.ts]
        in (sorted(ts for post in page if (ts := post.ts)), sorted((ts for post in page if (ts := post.ts)), reverse=True))
        for page in posts
    )
    score = 10 * len(good) - 12 * (len(every) - len(good)) + 4 * signed + length / 6 - 10 * (len(good) - distinct) + 2 * ordered
    score += 6 * bool(reading.by.id)
    score -= 5 * reading.by.spans + 1.5 * cost(reading.by.post) + 0.5 * cost(reading.by.body)
    return replace(reading, posts=posts, score=score)


def _holds_its_head(post: ReadPost) -> bool:
    """Whether what was taken for the words of a post is its author and time."""
    named = bool(post.author) and post.author in post.text[:60] and any(re.search(one, post.text[:80]) for one in WRITTEN)
    only_author = bool(post.author) and post.author in post.text and len(post.text) <= len(post.author) + 8
    return named or only_author or (len(post.text) < SHORT and time_of(post.text, ZONE, datetime.now(UTC)) is not None)


def _united(selectors: Sequence[tuple[_OfKind, str]], *, several: bool) -> str:
    """One selector for posts of several kinds: each part says in which kind it stands."""
    if not several:
        return selectors[0][1] if selectors else ""
    if len({selector for _, selector in selectors}) == 1 and all(
        len({id(hit) for hit in find(post.root, selector.partition("::")[0])[:1]}) == 1
        for part, selector in selectors
        for post in part.posts
    ):
        return selectors[0][1]
    united = []
    for part, selector in selectors:
        bare, mark, attribute = selector.partition("::")
        if part.kind.spans or ", " in selector:
            united.append(selector)
            continue
        name = re.split(r"\s*[ >+~]\s*", part.kind.selector)[-1]  # what the post's own element is; the rest stands above it
        forms = [name, f"{name} > {bare}", f"{name} {bare}", bare]
        wanted = [find(post.root, bare) for post in part.posts]
        fitting = (
            one for one in forms if all(find(post.root, one) == right for post, right in zip(part.posts, wanted, strict=True))
        )
        united.append(next(fitting, bare) + mark + attribute)
    return ", ".join(dict.fromkeys(united))


def _one_pattern(patterns: Sequence[str]) -> str | None:
    """One pattern for posts of all kinds; some need none."""
    given = list(dict.fromkeys(filter(None, patterns)))
    if not given:
        return None
    return given[0] if all(patterns) else also_without(given[0])


def _naming(parts: Sequence[_OfKind], pages: Sequence[SeenPage], *, wall: bool) -> dict[str, Any]:
    """How posts are named: by an id of the site, by one within the thread, or by what they say."""
    thread = None if wall else key_pattern(list(dict.fromkeys(page.url for page in pages)))
    main = parts[-1] if len(parts) > 1 and _single(parts[-1]) else None
    named = [one for one in parts if one.id.selector]
    if named and (len(named) == len(parts) or (main and main not in named and thread and len(named) == len(parts) - 1)):
        pattern = named[0].id.pattern if len(named) == 1 else _shared_pattern(named)
        if pattern is not None:
            selector = _united([(one, one.id.selector) for one in named], several=len(parts) > 1)
            anew = any(begins_anew(one.posts, one.id) for one in named) and not wall
            prefix = thread if thread and (anew or len(named) < len(parts)) else None
            if not anew or prefix:
                answered = parent_link(named[0].posts, named[0].id)
                return {
                    "id": selector,
                    "id_pattern": pattern or None,
                    "thread_id": prefix,
                    "parent": answered or None,
                    "name_by": ("author", "text"),
                }
    if thread and len(parts) == 1 and (floor := floors(parts[0].posts)).selector:
        return {"id": floor.selector, "id_pattern": ID, "thread_id": thread, "name_by": ("author", "text")}
    lasting = all(one.time.reason.startswith("绝对") for one in parts) and not all(one.time.share < CLEAR for one in parts)
    by = ("author", "time") if lasting and all(one.author.share > CLEAR for one in parts) and _tells(parts) else ("author", "text")
    return {"thread_id": thread, "name_by": by}


def _single(part: _OfKind) -> bool:
    return len({post.page for post in part.posts}) == len(part.posts)


def _tells(parts: Sequence[_OfKind]) -> bool:
    """Whether author and time are never the same for two posts."""
    pairs = [pair for one in parts for pair in zip(one.author.values, one.time.values, strict=False)]
    return len(set(pairs)) == len(pairs)


def _shared_pattern(named: Sequence[_OfKind]) -> str | None:
    """A pattern for ids of several kinds; empty = the attributes as they are; None = they can't be told apart."""
    raw = []
    for part in named:
        raw += [
            element_text(hit[0]) if (hit := Selector(root=post.root, type="html").css(part.id.selector)) else ""
            for post in part.posts
        ]
    if not any("/" in one or "?" in one for one in raw) and len(set(raw)) == len(raw):
        return ""
    numbers = [found[1] if (found := re.search(r"(\d+)\D*$", one)) else "" for one in raw]
    return r"(\d+)\D*$" if all(numbers) and len(set(numbers)) == len(numbers) else None


def _with_page_fields(
    reading: ThreadReading, pages: Sequence[SeenPage], source: Source, *, wall: bool, board_url: str
) -> ThreadReading:
    changes: dict[str, Any] = {"next": next_selector(pages) or None}
    notes = dict(reading.notes)
    notes["next"] = (
        Note(1.0, "翻页链接 a link to the next page")
        if changes["next"]
        else Note(0.3, "所看主题都只有一页 no thread seen has a second page")
    )
    if not wall:
        title, pattern, reason = title_selector(pages)
        changes |= {"title": title or None, "title_pattern": pattern or None}
        notes["title"] = Note(1.0 if title else 0.0, reason)
        changes["board"] = board_selector(pages, board_url) or None
    by = reading.by.model_copy(update=changes)
    return _judged(replace(reading, by=ThreadSelectors.model_validate(by.model_dump()), notes=notes), pages, source, wall=wall)


def title_selector(pages: Sequence[SeenPage]) -> tuple[str, str, str]:
    """Selector and pattern of the title, and why: what the link to the page said, else the heading, else the window's title."""
    tried: dict[str, None] = {}
    for page in pages[:3]:
        for element in page.root.iter():
            text = text_of(element, 200) if isinstance(element.tag, str) and element.tag not in {"script", "style"} else ""
            if text and (_alike(text, page.link_text) if page.link_text else element.tag in {"h1", "h2"}) and not aside(element):
                tried.update(dict.fromkeys(candidates(element, page.root, place=False)))
    scored = []
    for selector in tried:
        texts = [text_of(hit[0], 300) if (hit := find(page.root, selector)) else "" for page in pages]
        fits = sum(
            bool(text) and (_alike(text, page.link_text) or not page.link_text) for text, page in zip(texts, pages, strict=True)
        )
        if fits >= 0.6 * len(pages) and (len(set(texts)) > 1 or len(pages) == 1):
            heading = 6 * bool(re.search(r"\bh1", selector)) + 3 * bool(re.search(r"\bh[23]|title|subject", selector))
            scored.append((10 * fits / len(pages) + heading - 1.5 * cost(selector), selector))
    if scored:
        return max(scored)[1], "", "与列表中的标题一致 the same as in the list"
    windows = [page.selector.css("title::text").get(default="").strip() for page in pages]
    for mark in (" - ", " | ", "_", " – ", "-", "|", "—"):
        if all(mark in one for one in windows) and len({one.rpartition(mark)[2] for one in windows}) == 1 and len(windows) > 1:
            return "title", rf"^(.+?)\s*{re.escape(mark.strip())}", "网页标题，去掉站名 the window's title without the site's name"
    return ("title", "", "网页标题 the window's title") if any(windows) else ("", "", "没有找到 none found")


def _alike(text: str, link: str) -> bool:
    cut = link.rstrip(".… ")
    return bool(cut) and (
        text == link
        or (len(cut) > 3 and text.startswith(cut) and len(text) < 3 * len(cut) + 20)
        or (len(text) > 3 and link.startswith(f"{text} "))
        or (len(text) > 3 and text in link and len(text) > 0.6 * len(link))
    )


def board_selector(pages: Sequence[SeenPage], board_url: str) -> str:
    """Selector of the board's name: the text of a link to the list that led here."""
    for page in pages:
        for link in page.links:
            if (
                urlsplit(board_url).path.strip("/")
                and absolute(page.url, link.get("href", "")) == board_url
                and 1 < len(text_of(link, 40)) < 30
                and not re.search(r"返回|首页|back|home", text_of(link, 40), re.IGNORECASE)
            ):
                fitting = [
                    one
                    for one in candidates(link, page.root, place=False)
                    if all(len({text_of(hit, 40) for hit in find(other.root, one)}) == 1 for other in pages)
                ]
                if fitting:
                    return min(fitting, key=cost)
    return ""
