"""A post's text as a JSON interface renders it: HTML, of which only some is the author's own words."""

from collections.abc import Sequence
from typing import Final

from lxml import html
from parsel import Selector

from crawlers.families.json_page import address
from crawlers.page_text import element_text

EMOJI: Final = "img.emoji, img.emojioneicon, img.wp-smiley"


def markup(content: str) -> Selector:
    """Rendered HTML, ready for selectors; the picture of an emoji is its name."""
    body = Selector(f"<body>{content}</body>", type="html").css("body")[0]
    for picture in body.css(EMOJI):
        name = picture.attrib.get("alt") or picture.attrib.get("title", "")
        replace_element(picture, name)
    return body


def words(body: Selector, drop: Sequence[str] = ()) -> str:
    """Its text without what the CSS selectors in `drop` match."""
    return element_text(body, drop)


def first_text(body: Selector, query: str) -> str:
    """Text of the first element that `query` finds; empty if there is none."""
    found = body.css(query)
    return element_text(found[0]) if found else ""


def pictures(body: Selector, base: str, drop: Sequence[str] = ()) -> tuple[str, ...]:
    """Addresses of its pictures, apart from those in what `drop` matches."""
    dropped = {picture.root for query in drop for picture in body.css(query).xpath("descendant-or-self::img")}
    links = (picture.attrib.get("src", "") for picture in body.css("img") if picture.root not in dropped)
    return tuple(dict.fromkeys(filter(None, (address(base, link) for link in links if link))))


def replace_element(element: Selector, text: str) -> None:
    """Put `text` where `element` stands."""
    root = element.root
    stand_in = html.Element("span")
    stand_in.text, stand_in.tail = text, root.tail
    root.getparent().replace(root, stand_in)


NO_TEXT: Final = "the post has no text (an image only?)"
