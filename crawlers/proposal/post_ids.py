"""What names a post on its site, and what names the post that it answers."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from crawlers.proposal.addresses import USER
from crawlers.proposal.field_search import Found, Post, best, first, spread
from crawlers.proposal.post_blocks import quoted
from crawlers.proposal.seen_page import text_of
from crawlers.proposal.selector_making import candidates, cost, find, simple

_NOT_IDS: Final = re.compile(
    r"user|uid|author|member|avatar|time|date|style|class|src|onclick|onmouse|score|vote|count|level|width|height|alt|title|content|target|rel$|type|lang",
    re.IGNORECASE,
)
_POSTS: Final = re.compile(
    r"post|pid|comment|cid|reply|rid|floor|msg|message|mid|answer|aid|id|item|note|article|entry|pk|key|anchor", re.IGNORECASE
)
_FLOOR: Final = re.compile(r"^\W*(?:第)?\s*(\d{1,6})\s*(?:楼|樓|层|F|#)?\W*$", re.IGNORECASE)
ID: Final = r"(\d+)"


def post_id(posts: Sequence[Post]) -> Found:
    """Selector (with attribute) and pattern of the id; every post has one, and no two the same on a page."""
    tried: dict[tuple[str, str], None] = {}
    for place in (False, True):
        for post in spread(posts):
            for element in post.root.iter():
                if isinstance(element.tag, str) and not quoted(element):
                    for name, value in element.attrib.items():
                        if not _NOT_IDS.search(name) and re.search(r"\d|[0-9a-f-]{8,}", value) and len(value) < 200:
                            for selector in candidates(element, post.root, place=place):
                                tried.setdefault((selector, name))
    found = best(_judged(posts, selector, name) for selector, name in tried)
    return found if found.selector else _several(posts)


def _several(posts: Sequence[Post]) -> Found:
    """Where posts of one make carry their ids under different names (question, answer): one selector for each."""
    left = list(posts)
    parts: list[str] = []
    values: dict[int, str] = {}
    while left and len(parts) < 3:
        root = left[0].root
        names = [
            name for name, value in root.attrib.items() if not _NOT_IDS.search(name) and re.fullmatch(r"[a-zA-Z_-]*\d+", value)
        ]
        tried = [(one, name) for name in names for one in simple(root) if one != root.tag or len(names) == 1]
        if not tried:
            return Found()
        selector, name = min(tried, key=lambda one: cost(one[0]) + (one[1] == "id"))
        mine = [post for post in left if post.root in find(post.root, selector) and post.root.get(name, "")]
        values |= {id(post): post.root.get(name, "") for post in mine}
        parts.append(f"{selector}::attr({name})")
        left = [post for post in left if post not in mine]
    every = tuple(values.get(id(post), "") for post in posts)
    if left or len({(post.page, value) for post, value in zip(posts, every, strict=True)}) < len(posts):
        return Found()
    return Found(", ".join(parts), "", 50, 1.0, "各自的编号 ids under several names", every)


def floors(posts: Sequence[Post]) -> Found:
    """Selector and pattern of the number that a post has within its thread."""
    tried: dict[str, None] = {}
    for post in spread(posts):
        for element in post.root.iter():
            if isinstance(element.tag, str) and _FLOOR.match(text_of(element, 12)):
                tried.update(dict.fromkeys(candidates(element, post.root, place=False)))
    found = []
    for selector in tried:
        values = [
            (post.page, hit[1])
            for post in posts
            if (one := first(post, selector)) is not None and (hit := _FLOOR.match(text_of(one, 12)))
        ]
        if len(values) == len(posts) == len(set(values)):
            found.append(
                Found(selector, ID, 50 - cost(selector), 1.0, "楼层号 number of the floor", tuple(value for _, value in values))
            )
    return best(found)


def _judged(posts: Sequence[Post], selector: str, name: str) -> Found:
    raw: list[str] = []
    elements: list[Any] = []
    for post in posts:
        element = first(post, selector)
        value = element.get(name, "") if element is not None else ""
        if not value:
            return Found()
        raw.append(value)
        elements.append(element)
    if name == "href" and any(USER.search(one) for one in raw):
        return Found()
    pattern, values = _pattern(raw, name)
    if len(values) != len(posts):
        return Found()
    by_page = Counter((post.page, value) for post, value in zip(posts, values, strict=True))
    if not all(values) or max(by_page.values()) > 1:
        return Found()
    score = 60 - 1.5 * cost(selector) + 8 * bool(_POSTS.search(name) or _POSTS.search(raw[0])) - 3 * bool(pattern)
    score += 12 * all(one is post.root for one, post in zip(elements, posts, strict=True)) + 8 * (
        name in {"id", "name"} or name.startswith("data-")
    )
    score -= 14 * (name == "href" and "#" not in raw[0]) + 30 * (len(set(map(len, values))) > 1 and max(map(len, values)) > 40)
    score -= 8 * (name in {"id", "data-index", "data-floor"} and _counted(posts, values))
    return Found(f"{selector}::attr({name})", pattern, score, 1.0, f"{name} = {raw[0][:40]}", tuple(values))


def _pattern(raw: Sequence[str], name: str) -> tuple[str, list[str]]:
    """What takes the id out of an attribute's value: the number that differs from post to post."""
    if name == "href":
        for pattern in (
            r"#[a-zA-Z_-]*(\d+)$",
            r"[?&](?:pid|post|postid|post_id|reply|replytocom|cid|rid|comment|id|p)=(\d+)",
            r"/(\d+)/?(?:#.*)?$",
        ):
            values = [hit[1] if (hit := re.search(pattern, one)) else "" for one in raw]
            if all(values):
                return pattern, values
        return "", [""]
    prefixes = {re.sub(r"\d+$", "", one) for one in raw}
    if len(prefixes) == 1 and (prefix := prefixes.pop()) and all(re.search(r"\d+$", one) for one in raw):
        return rf"{re.escape(prefix)}(\d+)$".replace("\\-", "-"), [one.removeprefix(prefix) for one in raw]
    return "", list(raw) if all(re.fullmatch(r"[\w:.@-]{1,64}", one) for one in raw) else [""]


def _counted(posts: Sequence[Post], values: Sequence[str]) -> bool:
    """Whether ids are 1, 2, 3 on every page."""
    for page in {post.page for post in posts}:
        here = [value for post, value in zip(posts, values, strict=True) if post.page == page]
        if (
            not all(one.isdigit() for one in here)
            or sorted(map(int, here)) != list(range(int(here[0]), int(here[0]) + len(here)))
            or int(here[0]) > 1
        ):
            return False
    return True


def begins_anew(posts: Sequence[Post], found: Found) -> bool:
    """Whether ids are those of a post within its thread: the same ones are met in several threads, or they count from one."""
    by_page = [
        {value for post, value in zip(posts, found.values, strict=True) if post.page == page}
        for page in sorted({post.page for post in posts})
    ]
    overlap = any(one & other for number, one in enumerate(by_page) for other in by_page[number + 1 :])
    return overlap or _counted(posts, found.values)


def parent_link(posts: Sequence[Post], found: Found) -> str:
    """Selector of what names the post that one answers: a link to it, or an attribute with its id."""
    ids = set(found.values)
    counted: Counter[str] = Counter()
    for post, own in zip(posts, found.values, strict=True):
        for element in post.root.iter():
            if not isinstance(element.tag, str):
                continue
            for name, value in element.attrib.items():
                number = re.search(r"(\d+)\D*$", value)
                if number and number[1] in ids and number[1] != own and len(value) < 200 and not _NOT_IDS.search(name):
                    for selector in candidates(element, post.root, place=False):
                        counted[f"{selector}::attr({name})"] += 1
    good = []
    for one, count in counted.most_common(40):
        selector, _, name = one.rstrip(")").partition("::attr(")
        pairs = [
            (own, element.get(name, ""))
            for post, own in zip(posts, found.values, strict=True)
            if (element := first(post, selector)) is not None and name in element.attrib
        ]
        named = [hit[1] for own, value in pairs if (hit := re.search(found.pattern or r"^(.+)$", value)) and hit[1] != own]
        if (
            pairs
            and len(named) == len(pairs)
            and sum(value in ids for value in named) >= 0.5 * len(named)
            and (quoted(first_of(posts, selector)) or re.search(r"parent|reply|quote|answer", one, re.IGNORECASE))
        ):
            good.append((-count, cost(selector), one))
    return min(good)[2] if good else ""


def first_of(posts: Sequence[Post], selector: str) -> Any:
    """The first element that `selector` finds in any post."""
    return next(one for post in posts for one in find(post.root, selector))
