"""Lists on a page: links of one shape that stand in rows of one make, each with a title."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from crawlers.proposal.addresses import BOARD, DOING, THREAD, USER, absolute, loose_shape, same_thread, shape
from crawlers.proposal.post_blocks import AUTHOR, aside, marks
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.proposal.selector_making import candidates, cost, find

FEW: Final = 2
MOST_ROWS: Final = 80
_WRAPPERS: Final = frozenset({"b", "strong", "font", "em", "i", "u", "span", "tbody"})
_NO_TITLE: Final = re.compile(
    r"^\W*(?:\d+|更多|more|详[细情]|查看|阅读全文|read more|回复|评论|上一页|下一页|首页|末页|尾页|next|prev\w*|"
    r"\d{2,4}[-/.]\d{1,2}.*|.{0,6}前|登[录陆]|注册|返回.*)\W*$",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"title|subject|topic|thread|headline|heading|name", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """One entry."""

    element: Any
    url: str
    text: str


@dataclass(frozen=True)
class Listing:
    """Links that stand alike and lead to pages of one shape."""

    shape: str
    links: tuple[Link, ...]
    score: float

    @property
    def urls(self) -> frozenset[str]:
        """Where they lead."""
        return frozenset(link.url for link in self.links)


@dataclass(frozen=True)
class Rows:
    """How a list is read."""

    row: str
    link: str
    urls: tuple[str, ...]


def listings(page: SeenPage) -> list[Listing]:
    """Lists of the page, the likeliest list of threads or boards first."""
    host = urlsplit(page.url).hostname
    groups: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for element in page.links:
        url, text = absolute(page.url, element.get("href", "")), text_of(element, 200)
        if not url or urlsplit(url).hostname != host or url == page.url or not element.get("href", "").strip().strip("#"):
            continue
        if DOING.search(url.partition("://")[2].partition("/")[2]):
            continue
        link, path = Link(element, url, text), _path(element)
        for form in {shape(url), loose_shape(url)}:
            groups[path, form].append(link)
    found = [one for (_, form), links in groups.items() if (one := _listing(page, form, links))]
    found.sort(key=lambda one: -one.score)
    kept: list[Listing] = []
    for one in found:
        if not any(one.urls <= other.urls for other in kept):
            kept.append(one)
    return kept


def _path(element: Any) -> str:
    tags = [one.tag for one in element.iterancestors() if one.tag not in _WRAPPERS]
    return "/".join(reversed(tags))


def _listing(page: SeenPage, form: str, links: Sequence[Link]) -> Listing | None:
    by_url: dict[str, Link] = {}
    for link in links:
        if link.url not in by_url or len(link.text) > len(by_url[link.url].text):
            by_url[link.url] = link
    titled = [link for link in by_url.values() if link.text and not _NO_TITLE.match(link.text)]
    if len(titled) < FEW or len(titled) < 0.5 * len(by_url):
        return None
    texts = {link.text for link in titled}
    length = sum(min(len(link.text), 30) for link in titled) / len(titled)
    score = 12 * min(len(titled), 20) ** 0.5 + 1.5 * length
    score += (
        20 * bool(THREAD.search(form)) - 40 * bool(USER.search(form)) - 8 * bool(BOARD.search(form) and not THREAD.search(form))
    )
    score -= 60 * _share(titled, lambda one: aside(one.element)) + 25 * (len(texts) < 0.7 * len(titled))
    score += 12 * _share(
        titled, lambda one: bool(_TITLE.search(marks(one.element)) or one.element.getparent().tag in {"h2", "h3", "h4", "h5"})
    )
    score -= 25 * _share(titled, lambda one: bool(AUTHOR.search(marks(one.element)) and not _TITLE.search(marks(one.element))))
    score += 12 * _share(titled[:20], lambda one: _has_time(one.element, page))
    if form.endswith("**"):
        score -= 6
    paging = sum(same_thread(page.url, link.url) for link in titled)
    return None if paging > 0.5 * len(titled) else Listing(form, tuple(titled), score)


def _has_time(element: Any, page: SeenPage) -> bool:
    rows = [one for one in element.iterancestors() if one.tag in {"tr", "li", "dd", "dt", "article", "div", "p"}][:3]
    times = {time.element for time in page.times}
    return any(one in times for row in rows if len(list(row.iter("a"))) < 12 for one in row.iter())


def _share(items: Sequence[Any], holds: Any) -> float:
    return sum(bool(holds(one)) for one in items) / max(1, len(items))


def rows_of(listing: Listing) -> list[Any]:
    """For each link the largest element that holds no other's."""
    wanted = {link.element: link.url for link in listing.links}
    held: dict[Any, set[str]] = defaultdict(set)
    for element, url in wanted.items():
        for above in (element, *element.iterancestors()):
            held[above].add(url)
    rows = []
    for link in listing.links:
        row = link.element
        for above in link.element.iterancestors():
            if len(held[above]) > 1 or above.tag in {"body", "html"}:
                break
            row = above
        rows.append(row)
    return rows


def row_selectors(pages: Sequence[tuple[SeenPage, Listing]]) -> Rows | None:
    """The selectors of row and link that read exactly the lists' links, on every one of `pages`; the addresses are the first's."""
    page, listing = pages[0]
    rows = rows_of(listing)[:MOST_ROWS]
    row_tries = dict.fromkeys(
        one for row in rows[:2] + rows[len(rows) // 2 :][:2] + rows[-1:] for one in candidates(row, page.root, place=False)
    )
    link_tries = dict.fromkeys(
        one for row, link in list(zip(rows, listing.links, strict=False))[:4] for one in candidates(link.element, row, place=True)
    )
    scored = []
    for row in sorted(row_tries, key=cost)[:40]:
        for link in sorted(link_tries, key=cost)[:40]:
            read = [_read(*one, row, link) for one in pages]
            if all(value > 0 for value, _ in read):
                value = sum(value for value, _ in read) / len(read) - 2 * cost(row) - 2 * cost(link) - 0.5 * (link == "a")
                scored.append((value, row, f"{link}::attr(href)", read[0][1]))
    return Rows(*max(scored)[1:]) if scored else None


def _read(page: SeenPage, listing: Listing, row: str, link: str) -> tuple[float, tuple[str, ...]]:
    """How well two selectors read a list (0 = not), and the addresses that they give."""
    elements = find(page.root, row)
    if not elements or len(elements) > 6 * len(listing.links) + 20:
        return 0.0, ()
    wanted = {one.url for one in listing.links[:MOST_ROWS]}
    hits = ([hit for hit in find(one, link) if hit.get("href")] for one in elements)
    urls = [absolute(page.url, first[0].get("href", "")) for first in hits if first]
    right = len(wanted & set(urls))
    wrong = [url for url in urls if url not in wanted and listing.shape not in {shape(url), loose_shape(url)}]
    if right < 0.9 * len(wanted) or len(wrong) > 0.1 * len(urls):
        return 0.0, ()
    return 100 * right / len(wanted) - 12 * len(wrong) - 1.5 * (len(urls) - len(set(urls))), tuple(dict.fromkeys(urls))
