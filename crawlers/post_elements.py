"""Which part of a page is one post: an element, without the posts within it, and with what follows it where posts are spread."""

import copy
from dataclasses import dataclass
from typing import Any, Final

from lxml import html
from parsel import Selector

MOST: Final = 2000
"""Posts of one page that are looked at."""


@dataclass(frozen=True)
class PostElement:
    """One post, ready for selectors."""

    element: Selector
    within: int | None = None
    """Place on the page of the post that this one stands in; None = in none."""


def post_elements(page: Selector, query: str, *, spans: bool = False) -> list[PostElement]:
    """The posts that the CSS selector `query` finds, in the page's order; `spans`: each goes on up to the next."""
    found = page.css(query)[:MOST]
    places = {one.root: place for place, one in enumerate(found)}
    if spans:
        ends = {above for one in places if isinstance(one, html.HtmlElement) for above in (one, *one.iterancestors())}
        return [PostElement(_with_following(one.root, ends)) for one in found]
    outer = [_outer(one.root, places) for one in found]
    hold_others = {place for place in outer if place is not None}
    return [
        PostElement(_without_inner(one.root, places) if place in hold_others else one, outer[place])
        for place, one in enumerate(found)
    ]


def _outer(root: Any, places: dict[Any, int]) -> int | None:
    if not isinstance(root, html.HtmlElement):
        return None
    return next((places[above] for above in root.iterancestors() if above in places), None)


def _without_inner(root: Any, places: dict[Any, int]) -> Selector:
    whole = copy.deepcopy(root)
    inner = [twin for one, twin in zip(root.iter(), whole.iter(), strict=False) if one in places and one is not root]
    for twin in inner:
        if twin.getparent() is not None:
            twin.drop_tree()
    return Selector(root=whole, type="html")


def _with_following(root: Any, ends: set[Any]) -> Selector:
    whole = html.Element("div")
    whole.append(copy.deepcopy(root))
    for sibling in root.itersiblings():
        if sibling in ends:  # the next post, or what holds it
            break
        whole.append(copy.deepcopy(sibling))
    return Selector(root=whole, type="html")
