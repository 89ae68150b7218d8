"""CSS selectors for elements that were found: short ones that a person can read, tried on the pages themselves."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from lxml import etree
from parsel.csstranslator import css2xpath

_PLAIN: Final = re.compile(r"^-?[a-zA-Z_][\w-]*$")
_HASHED: Final = re.compile(
    r"^(?:css|sc|jsx|svelte|emotion|styled|jss|chakra|mui|astro)[-_]?[0-9a-zA-Z]{4,}$|^[a-z]{0,2}(?=[a-zA-Z]*\d)(?=\w*[a-zA-Z])\w{5,8}$"
)
_MODULE: Final = re.compile(r"^([A-Za-z][\w-]*?_{1,2})(?=[\w-]*[0-9A-Z])[\w-]{5,8}$")
_LAYOUT: Final = re.compile(
    r"^(?:odd|even|first|last|active|row\d?|alt\d?|bg\w*|clear\w*|cl|fl|fr|left|right|top|hot|new|sticky|pinned|col(?:-\w+)*|[mp][xytblrse]?-\d+|"
    r"(?:text|font|d|flex|align|justify|items|border|rounded|w|h|gap|space|bg|grid|block|hidden|shadow|float)-[\w-]+|flex|block|grid|small|muted)$"
)
_PREFIX: Final = re.compile(r"^([a-zA-Z][a-zA-Z_:-]*?[-_:]?)(?=\d)")
_MARKS: Final = ("itemprop", "role", "rel", "property")
_OLD_TAGS: Final = frozenset({"table", "tr", "td", "th", "font", "div", "p", "center", "hr", "span"})
_OLD: Final = ("border", "width", "valign", "bgcolor", "color", "size", "align", "cellpadding", "height")
"""Attributes by which pages of former times can be told apart."""
_DATA: Final = re.compile(r"^data-(?!v-|react|n-|astro|svelte|emotion|testid|reactroot|ng)")
"""Attributes that say something; those of build tools are left out."""
_BARE: Final = frozenset({"div", "span", "td", "p", "a", "li", "b", "i", "tr", "font", "table", "ul", "strong", "em"})


@lru_cache(maxsize=30_000)
def simple(element: Any) -> tuple[str, ...]:
    """Selectors of the element by itself, the most telling first."""
    tag = element.tag
    found = []
    id = element.get("id", "")
    if id and _PLAIN.match(id) and not re.search(r"\d", id):
        found.append(f"#{id}")
    for name in element.get("class", "").split():
        if not _PLAIN.match(name) or re.search(r"\d{2,}", name):
            if prefix := _PREFIX.match(name):
                found.append(f"{tag}[class*='{prefix[1]}']")
        elif module := _MODULE.match(name):
            found.append(f"{tag}[class*='{module[1]}']")
        else:
            found.append(f"{tag}.{name}")
    if id and (prefix := _PREFIX.match(id)):
        found.append(f"{tag}[id^='{prefix[1]}']")
    found += [f"{tag}[{name}='{element.get(name)}']" for name in _MARKS if _PLAIN.match(element.get(name, ""))]
    found += [f"{tag}[{name}]" for name in element.attrib if _PLAIN.match(name) and _DATA.match(name)]
    if tag == "a" and (name := element.get("name", "")) and (prefix := _PREFIX.match(name)):
        found.append(f"a[name^='{prefix[1]}']")
    if tag in _OLD_TAGS:
        found += [f"{tag}[{name}='{value}']" for name in _OLD if re.fullmatch(r"#?[\w%]{1,12}", value := element.get(name, ""))]
    found.append(tag)
    return tuple(found)


@lru_cache(maxsize=20_000)
def cost(selector: str) -> float:
    """How unpleasant a selector is to read, and how easily it finds something else; 1 = a tag with a class."""
    total = 1.6 if selector.partition("::")[0] in _BARE else 0.0
    for part in re.split(r"\s*[ >+~]\s*|\s*,\s*", selector.partition("::")[0]):
        total += 1.0
        classes = re.findall(r"\.([\w-]+)", part)
        total += 3.0 * sum(bool(_HASHED.match(one)) for one in classes)
        total += 0.6 * sum(bool(_LAYOUT.match(one)) for one in classes)
        total += (
            (0.3 + 0.5 * bool(re.search(r"\[(?:border|width|valign|bgcolor|color|size|align|cellpadding|height)=", part)))
            * ("[" in part)
            + 2.0 * bool(re.search(r":(?:nth|last|first)-", part))
            + 0.5 * (":" in part)
            - 0.1 * part.startswith("#")
        )
        total += 0.5 if part in _BARE else 0.0
    return total


def candidates(element: Any, top: Any, *, place: bool = False) -> Iterator[str]:
    """Selectors that find `element` (and maybe others) within `top`; `place`: also by its place among its siblings."""
    own = simple(element)
    yield from own
    parent = element.getparent() if element is not top else None
    if parent is None:
        return
    if place:
        by_place = _by_place(element, parent, top)
        yield from by_place
        own = (*own, *by_place[:1])
    above, depth, chain = parent, 0, ""
    while above is not None and depth < 4:
        names = (
            [one for one in simple(above) if above is not top or len(simple(above)) > 1][:4] if isinstance(above.tag, str) else []
        )
        for name in names:
            for mine in own[-2:] if depth else own[:3] + own[-1:]:
                yield f"{name} > {mine}" if not depth else f"{name} {chain}{mine}"
        if above is top:
            return
        above, depth = above.getparent(), depth + 1


def _by_place(element: Any, parent: Any, top: Any) -> list[str]:
    """Selectors that count: the element among its siblings, or its parent among its own."""
    found = []
    same = [one for one in parent if one.tag == element.tag]
    if len(same) > 1:
        number = same.index(element) + 1
        names = dict.fromkeys((element.tag, simple(element)[0]))
        found += [f"{name}:nth-of-type({number})" for name in names]
        found += [f"{element.tag}:last-of-type"] if number == len(same) else []
    above = parent.getparent() if parent is not top else None
    if above is not None:
        row = [one for one in above if one.tag == parent.tag].index(parent) + 1
        found += [f"{parent.tag}:nth-of-type({row}) > {one}" for one in (simple(element)[-1], *found[:1])]
    return found


@lru_cache(maxsize=4096)
def _path(selector: str) -> etree.XPath | None:
    try:
        return etree.XPath(css2xpath(selector), namespaces={"re": "http://exslt.org/regular-expressions"})
    except Exception:  # noqa: BLE001 (a name that CSS can't say)
        return None


@lru_cache(maxsize=120_000)
def find(root: Any, selector: str) -> tuple[Any, ...]:
    """Elements within `root`, itself included, that `selector` (without ``::``) finds, in the page's order."""
    path = _path(selector)
    try:
        return tuple(one for one in path(root) if isinstance(one.tag, str)) if path is not None else ()
    except etree.XPathError:
        return ()


def best_for(targets: Sequence[tuple[Any, set[Any]]], *, place: bool = True, extra: Iterable[str] = ()) -> str:
    """The most readable selector that finds exactly the wanted elements in every one of several trees; empty if there is none.

    Args:
        targets: trees, each with its wanted elements (at least one tree has some).
        place: selectors that count siblings are allowed.
        extra: further selectors to try.
    """
    tried: dict[str, None] = dict.fromkeys(extra)
    for root, wanted in targets:
        for element in list(wanted)[:3]:
            tried.update(dict.fromkeys(candidates(element, root, place=place)))
    fitting = [one for one in tried if all(set(find(root, one)) == wanted for root, wanted in targets)]
    return min(fitting, key=cost, default="")


def quoted(text: str) -> str:
    """`text` as a CSS string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
