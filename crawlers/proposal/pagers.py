"""The link to the next page of a list or thread."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from crawlers.proposal.addresses import absolute, same_thread
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.proposal.selector_making import candidates, cost, find, quoted

_NEXT: Final = re.compile(
    r"^\W*(?:下一?[页頁]|后一?页|后页|next(?:\s*page)?|older(?:\s*(?:posts?|entries))?|更早|较旧|更多|加载更多|看更多|下一组|(?:更早|较早|较旧|更多|older|more)(?:的|些|\s)?.{0,8})?\s*[›»>→▶]*\W*$",
    re.IGNORECASE,
)
_SAID: Final = ("下一页", "下一頁", "下页", "后一页", "后页", "Next", "next", "Older", "older", "更早", "较旧", "加载更多", "更多")
_ARROWS: Final = ("›", "»", "→", ">>", ">")
_CLASS: Final = re.compile(r"(?:^|[-_\s])(?:next|nxt|older|pagedown|load-?more|loadmore|xiayiye)(?:$|[-_\s])", re.IGNORECASE)
_CURRENT: Final = re.compile(
    r"(?:^|[-_\s])(?:active|current|cur|on|now|here|selected|this|thisclass|disabled)(?:$|[-_\s])", re.IGNORECASE
)
_BACK: Final = re.compile(r"上一|前页|首页|末页|尾页|prev|first|last|newer", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^\W*(\d{1,5})\W*$")


def next_links(page: SeenPage, belongs: Callable[[str, str], bool] = same_thread) -> list[Any]:
    """Elements of `page` that lead to its next page, by what they say."""
    found = []
    for link in page.links:
        url = absolute(page.url, link.get("href", ""))
        if not url or url == page.url or not belongs(page.url, url):
            continue
        text = text_of(link, 30) or link.get("title", "") or link.get("aria-label", "")
        said = " ".join(
            (link.get("rel", ""), link.get("class", ""), link.getparent().get("class", "") if link.getparent() is not None else "")
        )
        arrow = bool(text) and bool(_NEXT.fullmatch(text)) and bool(re.search(r"[^\W\d_]|[›»>→▶]", text))
        if (arrow or (_CLASS.search(said) and not _NUMBER.match(text))) and not _BACK.search(text):
            found.append(link)
    return found


def next_selector(pages: Sequence[SeenPage], belongs: Callable[[str, str], bool] = same_thread) -> str:
    """Selector of the next page's address: right on every page that has one, nothing on the others; empty if no page has one."""
    right = {id(page): next_links(page, belongs) or _by_number(page, belongs) for page in pages}
    having = [page for page in pages if right[id(page)]]
    tried: dict[str, None] = {}
    for page in having:
        for link in right[id(page)]:
            tried.update(dict.fromkeys(_selectors(link, page)))
    fitting = [one for one in tried if all(_fits(one, page, right[id(page)]) for page in pages)]
    chosen = min(fitting, key=cost, default="")
    return f"{chosen}::attr(href)" if chosen else ""


def _selectors(link: Any, page: SeenPage) -> list[str]:
    text = text_of(link, 30)
    found = ["a[rel~='next']"] if "next" in link.get("rel", "").split() else []
    found += [one for one in candidates(link, page.root, place=False) if re.search(r"[.#\[]", one)]
    found += [f"a:contains({quoted(word)})" for word in (*_SAID, *_ARROWS) if word in text]
    before = link.getprevious()
    if before is not None:
        return [*found, *(f"{one} + a" for one in _current_ones(before, page))]
    item = link.getparent()
    if item is not None and item.getprevious() is not None:
        found += [f"{one} + {item.tag} a" for one in _current_ones(item.getprevious(), page)]
    return found


def _current_ones(element: Any, page: SeenPage) -> list[str]:
    """Selectors of a pager's number that one is on: by a class that says so, or because it is no link like the others."""
    tried = list(candidates(element, page.root, place=False))
    said = [
        one
        for one in tried
        if _CURRENT.search(re.split(r"[ >.]+", one)[-1]) or re.search(r"\.(?:active|current|cur|on|now)\b", one)
    ]
    return said or ([one for one in tried if element.tag in {"b", "strong", "span", "em", "font", "i"}])


def _fits(selector: str, page: SeenPage, right: list[Any]) -> bool:
    wanted = {absolute(page.url, link.get("href", "")) for link in right}
    found = [absolute(page.url, link.get("href", "")) for link in find(page.root, selector) if link.tag == "a"]
    real = [url for url in found if url and url != page.url]
    return bool(real) and real[0] in wanted if wanted else not real


def _by_number(page: SeenPage, belongs: Callable[[str, str], bool]) -> list[Any]:
    """Where a pager has numbers only: the one after the page one is on, which is marked, no link, or leads nowhere else."""
    for link in page.links:
        number = _NUMBER.match(text_of(link, 8))
        url = absolute(page.url, link.get("href", ""))
        if not number or not url or url == page.url or not belongs(page.url, url):
            continue
        before = link.getprevious()
        parent = link.getparent()
        if before is None and parent is not None and parent.tag in {"li", "span", "td"}:
            before = parent.getprevious()
        here = _NUMBER.match(text_of(before, 8)) if before is not None else None
        if (
            before is not None
            and here
            and int(number[1]) == int(here[1]) + 1
            and (_CURRENT.search(_classes(before)) or not _leads(before, page))
        ):
            return [link]
    return []


def _classes(element: Any) -> str:
    return " ".join(one.get("class", "") for one in element.iter() if isinstance(one.tag, str))


def _leads(element: Any, page: SeenPage) -> bool:
    return any(absolute(page.url, one.get("href", "")) not in {"", page.url} for one in element.iter("a"))
