"""Which elements of a page are posts: those that repeat, each with a time and words of its own."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from crawlers.proposal.addresses import USER, absolute, same_thread
from crawlers.proposal.seen_page import NOT_WHEN_POSTED, QUIET, SeenPage, SeenTime, text_of
from crawlers.proposal.selector_making import candidates, cost, find, simple

MOST_CANDIDATES: Final = 160
WORDS: Final = re.compile(
    r"post|comment|reply|floor|message|item|answer|entry|card|msg|note|feed|thread|article|question|topic|status", re.IGNORECASE
)
ASIDE: Final = re.compile(
    r"sidebar|side-?bar|widget|related|recommend|footer|breadcrumb|navbar|popular|hot-?list|latest", re.IGNORECASE
)
AUTHOR: Final = re.compile(
    r"author|user|nick|poster|byline|member|writer|(?:^|[-_\s])(?:by|name|who|from|person|fn|sender|owner)(?:$|[-_\s])|uname|zuozhe|yonghu|name$",
    re.IGNORECASE,
)
_QUOTE: Final = re.compile(r"quote|yinyong", re.IGNORECASE)
_NO_TITLE: Final = re.compile(
    r"^\W*(?:@\S+|#?\d+|.{0,12}\d[\d:年月日/.-]{3,}.{0,9}|.{0,8}前|昨天.*|今天.*|回复.{0,6}|.{0,3}楼)\W*$"
)
"""What links to a post itself say."""
LISTLIKE: Final = 0.7
LITTLE: Final = 2
ENOUGH_WORDS: Final = 8
"""Characters beside time and links that posts have at the least, on average."""


@dataclass(frozen=True)
class Kind:
    """Posts of one markup: a page may have several (a question, its answers, their comments)."""

    selector: str
    spans: bool = False


@dataclass
class Block:
    """A candidate's element with what belongs to it alone."""

    element: Any
    times: list[SeenTime]
    words: int
    """Characters outside of links."""
    linked: int


@lru_cache(maxsize=30_000)
def marks(element: Any) -> str:
    """Class, id and the like, for words that tell what it is."""
    return " ".join(filter(None, (element.get(name, "") for name in ("class", "id", "itemprop", "rel", "name"))))


@lru_cache(maxsize=30_000)
def aside(element: Any) -> bool:
    """Whether it stands in what surrounds every page."""
    for one in (element, *element.iterancestors()):
        if one.tag in {"nav", "footer", "aside"} or (
            one.tag == "header" and one.getparent() is not None and one.getparent().tag == "body"
        ):
            return True
        if one.tag not in {"body", "html"} and ASIDE.search(marks(one)):
            return True
    return False


@lru_cache(maxsize=30_000)
def quoted(element: Any) -> bool:
    """Whether it stands in a quotation."""
    return any(one.tag == "blockquote" or _QUOTE.search(one.get("class", "")) for one in (element, *element.iterancestors()))


def post_times(page: SeenPage) -> list[SeenTime]:
    """Times that may be a post's."""
    return [one for one in page.times if not aside(one.element) and not quoted(one.element) and not _of_something_else(one)]


def _of_something_else(time: SeenTime) -> bool:
    """Of an edit, a registration, a last visit: by the words that stand right before it."""
    before = (time.element.text or "") if time.pattern else text_of(time.element, 60)
    return bool(NOT_WHEN_POSTED.search(before[:40])) and not re.search(r"发[表布]|回复于|posted", before)


def kinds_of(pages: Sequence[SeenPage], most: int = 4) -> list[tuple[Kind, ...]]:
    """Sets of kinds that may be the posts of `pages`, the likeliest first."""
    times = {id(page): post_times(page) for page in pages}
    sets = []
    for first in _ranked(pages, times, ())[:most]:
        kinds: tuple[Kind, ...] = (first,)
        while len(kinds) < 3:
            further = [one for one in _ranked(pages, times, kinds) if _adds(one, kinds, pages, times)]
            if not further:
                break
            kinds = (*kinds, further[0])
        sets.append(kinds)
    return sets


def _adds(kind: Kind, kinds: Sequence[Kind], pages: Sequence[SeenPage], times: dict[int, list[SeenTime]]) -> bool:
    """Whether a further kind is one of posts: one before all others on every page, or one that repeats and is signed."""
    spans = kind.spans or any(one.spans for one in kinds)
    blocks = [blocks_on(page, kind.selector, times[id(page)], spans=spans) for page in pages]
    others = [find(page.root, ", ".join(one.selector for one in kinds)) for page in pages]
    if all(len(one) == 1 for one in blocks):
        if all(
            all(any(above is one[0].element for above in inner.iterancestors()) for inner in other)
            for one, other in zip(blocks, others, strict=True)
        ):
            return False  # what holds everything is no post
        return all(
            not other or _before(page, one[0].element, other[0]) for page, one, other in zip(pages, blocks, others, strict=True)
        )
    every = [block for one in blocks for block in one]
    return len(every) > 1 and sum(_signed(block.element) for block in every) > len(every) / 2


def _before(page: SeenPage, one: Any, other: Any) -> bool:
    for element in page.root.iter():
        if element is one:
            return True
        if element is other:
            return False
    return False


def _ranked(pages: Sequence[SeenPage], times: dict[int, list[SeenTime]], kinds: Sequence[Kind]) -> list[Kind]:
    taken = ", ".join(one.selector for one in kinds)
    spans_taken = any(one.spans for one in kinds)
    free = {id(page): _free(page, times[id(page)], taken, spans=spans_taken) for page in pages}
    tried: Counter[str] = Counter()
    for page in pages:
        seen_here = set()
        for time in _spread(free[id(page)]):
            for above in [time.element, *time.element.iterancestors()][:9]:
                if above.tag in {"body", "html"} or above in seen_here:
                    continue
                seen_here.add(above)
                tried.update(dict.fromkeys((one for one in candidates(above, page.root, place=False) if cost(one) < 6), 1))
                if above is not time.element and above.tag in {"table", "tr", "div", "li", "td"}:
                    tried.update(
                        {
                            f"{above.tag}:has({name})": 1
                            for name in simple(time.element)[:-1][:2]
                            if "'" not in name or "color" in name
                        }
                    )
    scored = []
    for selector, _ in sorted(tried.items(), key=lambda one: (-one[1], cost(one[0])))[:MOST_CANDIDATES]:
        for spans in (spans_taken,) if spans_taken else (False, True):
            value, length = _value(selector, pages, free, times, taken, spans=spans)
            if value > 0:
                scored.append((value - 4 * (spans and not spans_taken), selector, spans))
            if length >= ENOUGH_WORDS:
                break  # the element alone is a post
    scored.sort(key=lambda one: (-one[0], len(one[1])))
    return _different([Kind(selector, spans) for _, selector, spans in scored], pages)


def _free(page: SeenPage, times: list[SeenTime], taken: str, *, spans: bool) -> list[SeenTime]:
    """Times that belong to no post yet, and those of which several belong to one."""
    matched = _matched(page, taken)
    return [
        one
        for one in times
        if not taken or _owner(one.element, matched, spans=spans) is None or len(_same(one, page, taken, times, spans=spans)) > 1
    ]


def _different(kinds: Iterable[Kind], pages: Sequence[SeenPage]) -> list[Kind]:
    """One for each set of elements."""
    seen: dict[Any, Kind] = {}
    for kind in kinds:
        seen.setdefault((kind.spans, *(tuple(map(id, find(page.root, kind.selector))) for page in pages)), kind)
    return list(seen.values())


def _spread(times: list[SeenTime]) -> list[SeenTime]:
    return times[:6] + times[6:-4][:: max(1, len(times) // 6)] + times[-4:] if len(times) > 12 else times


def _value(
    selector: str,
    pages: Sequence[SeenPage],
    free: dict[int, list[SeenTime]],
    times: dict[int, list[SeenTime]],
    taken: str,
    *,
    spans: bool,
) -> tuple[float, float]:
    blocks: list[Block] = []
    bad = 0
    for page in pages:
        others = _matched(page, taken) if taken else set()
        here = blocks_on(page, f"{selector}, {taken}" if taken else selector, times[id(page)], spans=spans)
        mine = [one for one in here if one.element not in others]
        if others & set(find(page.root, selector)) or _listlike(mine, page):
            return 0.0, 0.0
        free_here = {id(one) for one in free[id(page)]}
        for one in mine:
            if aside(one.element):
                return 0.0, 0.0
            fits = any(id(time) in free_here for time in one.times) and one.words > LITTLE and not _doubled(one.times)
            if fits:
                blocks.append(one)
            else:
                bad += 1
    if not blocks or bad > 0.1 * len(blocks):
        return 0.0, 0.0
    if len(blocks) == 1 and len(pages) > 1 and not taken:
        return 0.0, 0.0
    length = sum(max(0, min(one.words - _time_words(one), 200)) for one in blocks) / len(blocks)
    signed = sum(_signed(one.element) for one in blocks) / len(blocks)
    ids = [one.element.get("id", "") or one.element.get("data-id", "") or one.element.get("data-pid", "") for one in blocks]
    named = all(re.search(r"\d", one) for one in ids) and len(set(ids)) == len(ids)
    said = bool(WORDS.search(selector))
    value = len(blocks) * (4 + min(length, 40) / 4) + length / 20 + 6 * signed + 4 * named + 3 * said - 1.5 * cost(selector)
    return value, length


def _time_words(block: Block) -> int:
    return sum(
        len(text_of(one.element, 40)) if not one.pattern else 16
        for one in block.times
        if not one.attribute or text_of(one.element, 3)
    )


def blocks_on(page: SeenPage, selector: str, times: Sequence[SeenTime], *, spans: bool) -> list[Block]:
    """What `selector` finds on a page, each with the times and words that are its own."""
    matched = _matched(page, selector)
    blocks = {element: Block(element, [], 0, 0) for element in find(page.root, selector)}
    for time in times:
        owner = _owner(time.element, matched, spans=spans)
        if owner is not None:
            blocks[owner].times.append(time)
    for element, block in blocks.items():
        for part in _parts(element, matched, spans=spans):
            words, linked = _amount(part, matched - {element})
            block.words, block.linked = block.words + words, block.linked + linked
    return list(blocks.values())


def _matched(page: SeenPage, selector: str) -> set[Any]:
    return set(find(page.root, selector)) if selector else set()


def _owner(element: Any, matched: set[Any], *, spans: bool) -> Any | None:
    for above in (element, *element.iterancestors()):
        if above in matched:
            return above
        if spans:
            before = next((one for one in above.itersiblings(preceding=True) if one in matched), None)
            if before is not None:
                return before
    return None


def _same(time: SeenTime, page: SeenPage, selector: str, times: Sequence[SeenTime], *, spans: bool) -> list[SeenTime]:
    """Times of one post that look alike: then it holds several posts."""
    matched = _matched(page, selector)
    owner = _owner(time.element, matched, spans=spans)
    return [one for one in times if _look(one) == _look(time) and _owner(one.element, matched, spans=spans) is owner]


def _look(time: SeenTime) -> tuple[str, str, str]:
    return time.element.tag, time.element.get("class", ""), time.attribute


def _doubled(times: Sequence[SeenTime]) -> bool:
    count = Counter((*_look(one), one.element.getparent().tag if one.element.getparent() is not None else "") for one in times)
    return any(number > 1 for number in count.values()) or len(times) > 6


def _parts(element: Any, matched: set[Any], *, spans: bool) -> list[Any]:
    parts = [element]
    if spans:
        for sibling in element.itersiblings():
            if sibling in matched or any(one in matched for one in sibling.iterdescendants()):
                break
            if isinstance(sibling.tag, str):
                parts.append(sibling)
    return parts


def _amount(element: Any, others: set[Any]) -> tuple[int, int]:
    """Characters outside of and within links."""
    words = linked = 0
    stack = [(element, False)]
    while stack:
        one, in_link = stack.pop()
        if not isinstance(one.tag, str) or one.tag in QUIET or one in others:
            continue
        in_link = in_link or one.tag == "a"
        size = len("".join((one.text or "").split()))
        words, linked = (words, linked + size) if in_link else (words + size, linked)
        for child in one:
            tail = len("".join((child.tail or "").split()))
            words, linked = (words, linked + tail) if in_link else (words + tail, linked)
            stack.append((child, in_link))
    return words, linked


def _listlike(blocks: Sequence[Block], page: SeenPage) -> bool:
    """Whether the blocks are the rows of a list: each with a link whose text is a title of its own."""
    if len(blocks) < 2:
        return False
    addresses = []
    for block in blocks:
        for link in block.element.iter("a"):
            url = absolute(page.url, link.get("href", ""))
            said = text_of(link, 200)
            title = 0 if _NO_TITLE.match(said) else len("".join(said.split()))
            foreign = url and not USER.search(url) and not same_thread(page.url, url) and not quoted(link)
            if foreign and title > 3 and (title * 3 > block.words or link.getparent().tag in {"h1", "h2", "h3", "h4", "h5"}):
                addresses.append(url)
                break
    return len(set(addresses)) >= LISTLIKE * len(blocks)


def _signed(element: Any) -> bool:
    for one in element.iter():
        if isinstance(one.tag, str) and (AUTHOR.search(marks(one)) or (one.tag == "a" and USER.search(one.get("href", "")))):
            return True
    return False
