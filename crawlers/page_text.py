"""The text of an HTML element as a reader sees it: a line for each line, an empty one between paragraphs, no markup, no scripts."""

import re
from collections.abc import Sequence
from typing import Any, Final

from lxml import etree, html
from parsel import Selector

BLOCKS: Final = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "pre",
        "section",
        "table",
        "tbody",
        "tr",
        "ul",
    }
)
SILENT: Final = frozenset({"script", "style", "noscript", "template", "head", "title"})
_LINE, _PARAGRAPH = "\x1e", "\x1f"  # where a block begins or ends; characters that no text has
_WHITE: Final = re.compile(r"[ \t\r\n\f\u00a0\x1e\x1f]+")
_EDGE: Final = re.compile(r"[ \n]*[\x1e\x1f][ \n\x1e\x1f]*")


def element_text(element: Selector, drop: Sequence[str] = ()) -> str:
    """Text of `element` without what the CSS selectors in `drop` match.

    Runs of white space are one blank as in a browser; a full-width blank stays.
    """
    root = element.root
    if not isinstance(root, html.HtmlElement):
        return _WHITE.sub(" ", str(root)).strip()
    dropped = {found.root for selector in drop for found in element.css(selector)}
    pieces: list[str] = []
    _collect(root, dropped, pieces)
    text = _EDGE.sub(lambda edge: "\n\n" if _PARAGRAPH in edge.group() else "\n", "".join(pieces))
    return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text)).strip(" \n")


def fragment_text(markup: str) -> str:
    """Text of a piece of HTML, such as a feed's content."""
    bodies = Selector(f"<body>{markup}</body>", type="html").css("body")
    return element_text(bodies[0]) if bodies else ""


def _collect(element: Any, dropped: set[Any], pieces: list[str]) -> None:
    """Without recursion: pages are nested as deeply as they please."""
    skipped: Any = None
    for event, each in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if skipped is not None:
            if each is skipped and event == "end":
                skipped = None
        elif event == "start":
            if each.tag in SILENT or each in dropped:
                skipped = each
            else:
                pieces.append("\n" if each.tag == "br" else _edge(each.tag))
                pieces.append(_shown(each.text, each.tag))
        elif event == "end":
            pieces.append(_edge(each.tag))
        if each is not element and event != "start" and skipped is None:
            pieces.append(_shown(each.tail, each.getparent().tag))


def _edge(tag: str) -> str:
    return _PARAGRAPH if tag == "p" else _LINE if tag in BLOCKS else ""


def _shown(text: str | None, tag: str) -> str:
    if tag == "pre":
        return "\n".join(_WHITE.sub(" ", line) for line in (text or "").splitlines())
    return _WHITE.sub(" ", text or "")
