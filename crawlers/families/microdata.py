"""Items that a page marks with itemscope and itemprop, in the shape of JSON-LD; one walk over the page, however it is nested.

Not through a library: the known one needs a time that grows with the cube of the nesting, which a hostile page can use. `itemref`
is not followed.
"""

from typing import Any, Final

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from crawlers.page_text import element_text
from crawlers.web_address import absolute_id

_ADDRESSES: Final = {
    "a": "href", "area": "href", "link": "href", "img": "src", "audio": "src", "video": "src", "source": "src", "iframe": "src",
    "embed": "src", "object": "data",
}  # fmt: skip
_STATED: Final = {"meta": "content", "data": "value", "meter": "value", "time": "datetime"}
_MOST_WITHIN: Final = 3
"""Texts marked within a marked text are read so deep."""


def microdata(page: Selector, url: str) -> list[dict[str, Any]]:
    """Outermost items of `page`, in its order; addresses are absolute.

    An item has ``@type`` and ``@id`` if stated, and for each property a value or a list of them: texts and items.
    """
    if not isinstance(page.root, HtmlElement):
        return []
    walk = _Walk(url)
    for event, element in etree.iterwalk(page.root, events=("start", "end")):
        if isinstance(element, HtmlElement):
            (walk.enter if event == "start" else walk.leave)(element)
    return walk.outermost


class _Walk:
    def __init__(self, url: str) -> None:
        self.outermost: list[dict[str, Any]] = []
        self._url = url
        self._items: list[tuple[HtmlElement, dict[str, Any]]] = []
        self._texts: list[HtmlElement] = []

    def enter(self, element: HtmlElement) -> None:
        names = element.get("itemprop", "").split() if self._items else []
        if element.get("itemscope") is not None:
            item = self._item(element)
            if not names:
                self.outermost.append(item)
            self._note(names, item)
            self._items.append((element, item))
        elif names:
            value = _stated(element, self._url)
            if value is None:
                value = _text(element) if len(self._texts) < _MOST_WITHIN else ""
                self._texts.append(element)
            self._note(names, value)

    def leave(self, element: HtmlElement) -> None:
        if self._items and self._items[-1][0] is element:
            self._items.pop()
        if self._texts and self._texts[-1] is element:
            self._texts.pop()

    def _item(self, element: HtmlElement) -> dict[str, Any]:
        stated = element.get("itemid", "").strip()
        return {"@type": element.get("itemtype", "").split()} | ({"@id": absolute_id(self._url, stated)} if stated else {})

    def _note(self, names: list[str], value: Any) -> None:
        for name in names:
            _add(self._items[-1][1], name, value)


def _add(item: dict[str, Any], name: str, value: Any) -> None:
    if name not in item:
        item[name] = value
    elif isinstance(item[name], list):
        item[name].append(value)
    else:
        item[name] = [item[name], value]


def _stated(element: HtmlElement, url: str) -> str | None:
    """The value that an attribute has; None = the value is the element's text."""
    tag = str(element.tag)
    if tag in _ADDRESSES:
        return absolute_id(url, element.get(_ADDRESSES[tag], "").strip())
    if tag in _STATED:
        return element.get(_STATED[tag], "" if tag == "meta" else None)
    return element.get("content")


def _text(element: HtmlElement) -> str:
    return element_text(Selector(root=element, type="html"))
