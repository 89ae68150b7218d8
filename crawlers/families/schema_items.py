"""What a page says about itself in the words of schema.org, as JSON-LD or as microdata."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from scrapy.http import TextResponse

from crawlers.families.microdata import microdata

DISCUSSIONS: Final = frozenset({"DiscussionForumPosting", "SocialMediaPosting", "Question"})
ARTICLES: Final = frozenset({"Article", "NewsArticle", "BlogPosting", "Report", "AdvertiserContentArticle"})
REPLIES: Final = frozenset({"Comment", "Answer", "UserComments"})
LISTS: Final = frozenset({"ItemList", "CollectionPage", "DiscussionForum"})
_WITHIN: Final = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
_DEEPEST: Final = 8

Item = Mapping[str, Any]


class Items(NamedTuple):
    """Items of one page, outermost ones, in its order."""

    found: tuple[Item, ...]
    by_id: Mapping[str, Item]
    """Those that others may refer to by ``@id``."""

    def of(self, types: frozenset[str]) -> list[Item]:
        """Those of one of `types`, not within each other."""
        return [item for item in self.found if types & types_of(item)]

    def whole(self, value: Any) -> Any:
        """`value`, or what it refers to."""
        if isinstance(value, dict) and set(value) == {"@id"}:
            return self.by_id.get(str(value["@id"]), value)
        return value


def page_items(page: TextResponse) -> tuple[Items, Items]:
    """From JSON-LD, and from microdata. A script that is no JSON is left out."""
    scripts = page.xpath('//script[@type="application/ld+json"]/text()').getall()
    return _gather(chain.from_iterable(map(_linked, scripts))), _gather(microdata(page.selector, page.url))


def types_of(item: Item) -> frozenset[str]:
    """Names of its types, without schema.org's address."""
    stated = item.get("@type") or ()
    names = stated if isinstance(stated, list) else [stated]
    return frozenset(str(name).rstrip("/").rpartition("/")[2].rpartition(":")[2] for name in names if name)


def several(value: Any) -> Sequence[Any]:
    """A list: of none for nothing, of one for anything else."""
    return value if isinstance(value, list) else () if value is None else (value,)


def words(value: Any) -> str:
    """A text or number; of a list the first, of an item its name, value or id; else nothing."""
    for _ in range(_DEEPEST):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = next((value[key] for key in ("@value", "name", "value", "@id", "url") if value.get(key)), "")
        else:
            break
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _linked(script: str) -> list[Any]:
    """What one script holds; nothing if it is no JSON. Line breaks within texts are forgiven, comments around it too."""
    try:
        data = json.loads(script[_first(script, "{[") : max(script.rfind("}"), script.rfind("]")) + 1], strict=False)
    except (ValueError, RecursionError):
        return []
    return list(several(data))


def _first(text: str, characters: str) -> int:
    return min((place for character in characters if (place := text.find(character)) >= 0), default=0)


def _gather(outermost: Iterable[Any]) -> Items:
    found: list[Item] = []
    by_id: dict[str, Item] = {}
    waiting = [(item, 0) for item in outermost]
    for item, depth in waiting:
        if not isinstance(item, dict) or depth > _DEEPEST:
            continue
        if "@id" in item and len(item) > 1:
            by_id.setdefault(str(item["@id"]), item)
        found.append(item)
        if not (DISCUSSIONS | ARTICLES) & types_of(item):
            waiting.extend((part, depth + 1) for key in _WITHIN for part in several(item.get(key)))
    return Items(tuple(found), by_id)
