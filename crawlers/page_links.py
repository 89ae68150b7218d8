"""Addresses on a page of HTML: of the next page where no selector names it, of pictures that load late, all by its base."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urldefrag

from parsel import Selector, SelectorList

from crawlers.web_address import absolute

_NEXT: Final = re.compile(
    r"^[\s\[(<]*(?:(?:下|后|後|次)(?:一)?(?:页|頁)|next(?:\s+page)?|older(?:\s+posts)?)\s*[\])>»›→▶]*$|^[\s\[(]*[>»›→▶]+[\s\])]*$",
    re.IGNORECASE,
)
"""All that the link says: 下一页, 下页 >, Next », or the arrow alone. 下一主题 and 下一篇 lead elsewhere."""
_LATE: Final = ("file", "zoomfile", "data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-url")
"""Attributes that hold a picture's address until a script puts it into `src`."""


def base_of(page: Selector, url: str) -> str:
    """What the page's relative addresses are relative to: its ``<base href>``, else its own address."""
    stated = (page.css("base[href]::attr(href)").get() or "").strip()
    return (absolute(url, stated) or url) if stated else url


def addresses(page: Selector | SelectorList[Selector], base: str, selector: str | None) -> list[str]:
    """What `selector` finds, absolute, each once."""
    found = page.css(selector).getall() if selector else []
    return list(dict.fromkeys(_absolute(base, found)))


def next_link(page: Selector, base: str, url: str, selector: str | None) -> str:
    """Address of the page after `url`: by `selector`, else the link that says so; empty at the end."""
    links = addresses(page, base, selector) if selector else _said(page, base)
    return next((link for link in links if link.startswith("http") and urldefrag(link).url != urldefrag(url).url), "")


def picture_links(bodies: SelectorList[Selector], base: str) -> tuple[str, ...]:
    """Addresses of pictures; where one loads late, the real one and not that of the grey square."""
    found = []
    for picture in bodies.css("img"):
        late = next((value for name in _LATE if (value := picture.attrib.get(name, "").strip())), "")
        address = late or picture.attrib.get("src", "").strip()
        if address and not address.startswith(("data:", "javascript:")):
            found.append(address)
    return tuple(dict.fromkeys(_absolute(base, found)))


def _said(page: Selector, base: str) -> list[str]:
    stated = addresses(page, base, "link[rel~=next]::attr(href), a[rel~=next]::attr(href)")
    if stated:
        return stated
    links = []
    for link in page.css("a[href]"):
        words = "".join(link.css("::text").getall()) or link.attrib.get("title", "") or link.attrib.get("aria-label", "")
        if words.strip() and _NEXT.match(words):
            links.append(link.attrib["href"])
    return list(_absolute(base, links))


def _absolute(base: str, found: list[str]) -> Iterator[str]:
    return filter(None, (absolute(base, link) for link in found if link.strip()))
