"""The time of a post: of all times in it the one that says when it was written."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from parsel import Selector

from crawlers.html_pages import CANDIDATES
from crawlers.page_text import element_text
from crawlers.proposal.field_search import Found, Post, best, spread
from crawlers.proposal.patterns import plainer_time
from crawlers.proposal.post_blocks import marks, quoted
from crawlers.proposal.seen_page import NOT_WHEN_POSTED, SeenTime, text_of, times_in
from crawlers.proposal.selector_making import candidates, cost, find

_SAYS_WHEN: Final = re.compile(r"time|date|posted|publish|created|when|shijian|riqi|ago", re.IGNORECASE)
_EDITED: Final = re.compile(r"edit|updat|modif|joined|regist|last|sign|xiugai", re.IGNORECASE)


def post_time(posts: Sequence[Post]) -> Found:
    """Selector (with attribute) and pattern of the time."""
    seen = {id(post): {(one.element, one.attribute): one for one in times_in(post.root, post.zone, post.now)} for post in posts}
    tried: dict[tuple[str, str, str], None] = {}
    for place in (False, True):
        for post in spread(posts):
            for time in seen[id(post)].values():
                if not quoted(time.element):
                    for selector in candidates(time.element, post.root, place=place):
                        tried.setdefault((selector, time.attribute, time.pattern))
        if len(tried) > 500:
            break
    found = best(_judged(posts, seen, *one) for one in tried)
    if not found.pattern:
        return found
    texts = [element_text(Selector(root=hit[0], type="html")) for post in posts if (hit := find(post.root, found.selector))]
    return replace(found, pattern=plainer_time(found.pattern, texts))


def _judged(
    posts: Sequence[Post], seen: dict[int, dict[tuple[Any, str], SeenTime]], selector: str, attribute: str, pattern: str
) -> Found:
    times: list[SeenTime] = []
    pages: list[int] = []
    later = 0
    for post in posts:
        here = (seen[id(post)].get((one, attribute)) for one in find(post.root, selector)[:CANDIDATES])
        time = next((one for one in here if one), None)
        later += bool(time) and time is not None and time.element is not find(post.root, selector)[0]
        if time and (time.pattern == pattern or not time.pattern):
            times.append(time)
            pages.append(post.page)
    share = len(times) / len(posts)
    if not times or share < 0.5:
        return Found()
    score = 100 * share - 1.5 * cost(selector) - 3 * bool(pattern) - 3 * bool(later)
    score += 6 * _share(times, lambda one: not one.relative) + 5 * _share(times, lambda one: one.clock)
    score += 4 * bool(_SAYS_WHEN.search(selector) or attribute == "datetime") - 8 * bool(_EDITED.search(selector))
    score -= 40 * _share(times, _beside_other_words)
    score += 6 * _in_order(times, pages)
    value = f"{selector}::attr({attribute})" if attribute else selector
    relative = _share(times, lambda one: one.relative)
    reason = "相对时间 relative" if relative > 0.5 else "绝对时间 absolute"
    return Found(value, pattern, score, share, reason, tuple(one.ts.isoformat() for one in times))


def _beside_other_words(time: SeenTime) -> bool:
    own = text_of(time.element, 80) if not time.pattern else ""
    parent = time.element.getparent()
    around = text_of(parent, 60) if parent is not None and len(text_of(parent, 61)) <= 60 else ""
    before = around.partition(own)[0] if own else ""
    return bool(NOT_WHEN_POSTED.search(own) or NOT_WHEN_POSTED.search(before[-12:]) or _EDITED.search(marks(time.element)))


def _share(times: Sequence[SeenTime], holds: object) -> float:
    return sum(bool(holds(one)) for one in times) / len(times)  # type: ignore[operator]


def _in_order(times: Sequence[SeenTime], pages: Sequence[int]) -> bool:
    """Whether the posts of each page stand in the order of these times."""
    for page in set(pages):
        here = [one.ts for one, number in zip(times, pages, strict=True) if number == page]
        if here not in (sorted(here), sorted(here, reverse=True)):
            return False
    return len({one.ts for one in times}) > 1
