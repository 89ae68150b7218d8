"""Pages that would cost a parser more time or memory than they are worth: found by looking at their bytes, before they are parsed.

The parser at hand (libxml2) takes time by the square of the attributes of one element: 100,000 of them are eight minutes that
nothing can interrupt. And each element takes some 200 bytes of memory, whatever little stands in it.
"""

import re
from typing import Final

MOST_TAGS: Final = 150_000
"""Signs that may begin a tag; a thread of a hundred posts has some 10,000."""
MOST_ATTRIBUTES: Final = 400
"""Of one tag."""
MOST_PARTS: Final = 400_000
"""Values of one JSON answer, counted by what stands between them."""
_WORDS: Final = 10_000
"""Words of one attribute's value: more may be a tag that hides from this count behind a quotation mark."""
_SHORT: Final = 3 * MOST_ATTRIBUTES
_UNIT: Final = rb"""[\s/]*+[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]*+))?+"""
_RAW: Final = rb"<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])"
_TOKEN: Final = re.compile(
    rb"<!--.*?(?:-->|\Z)"
    rb"|" + _RAW + rb"(?P<rest>(?:" + _UNIT + rb")*+)[^>]*+>.*?(?:</(?P=raw)|\Z)"
    rb"|</?[a-z][^\s/>]*+(?P<units>(?:" + _UNIT + rb")*+)",
    re.IGNORECASE | re.DOTALL,
)
_SUSPECT: Final = re.compile(rb"<[^>]{%d}|<[^>]*[\s=](?:\"[^\">]*>|'[^'>]*>)" % _SHORT)
"""A `<` whose next `>` is far away, or stands within quotation marks. Where there is none, no tag goes beyond the first `>` after
it, however a parser reads the rest of the page, and so none is long."""
_UNITS: Final = re.compile(_UNIT)
_WHITE: Final = re.compile(rb"[\s/]+|=[\"']")


def too_much_markup(body: bytes) -> str:
    """Why the HTML or XML `body` is not to be parsed; empty = it may be."""
    if (tags := body.count(b"<")) > MOST_TAGS:
        return f"{tags} tags on one page, more than {MOST_TAGS}"
    body = body.replace(b"\0", b"")  # UTF-16 reads like ASCII without them, and parsers drop them
    return _look_closely(body) if _SUSPECT.search(body) else ""


def _look_closely(body: bytes) -> str:
    end = 0
    for token in _TOKEN.finditer(body):
        if _broken(body, end, token.start()):
            return "text full of broken tags"
        end = token.end()
        for units in (token["units"], token["rest"]):
            if units and len(units) > _SHORT and (found := _too_many(units)):
                return found
    return "text full of broken tags" if _broken(body, end, len(body)) else ""


def too_many_values(body: bytes) -> str:
    """Why the JSON `body` is not to be parsed; empty = it may be."""
    parts = sum(map(body.count, (b",", b"{", b"[")))
    return f"{parts} values in one answer, more than {MOST_PARTS}" if parts > MOST_PARTS else ""


def _too_many(units: bytes) -> str:
    for count, unit in enumerate(_UNITS.finditer(units), start=1):
        if count > MOST_ATTRIBUTES:
            return f"a tag with more than {MOST_ATTRIBUTES} attributes"
        if len(unit[0]) > 2 * _WORDS and _words(unit[0]) > _WORDS:
            return f"an attribute of more than {_WORDS} words"
    return ""


def _broken(body: bytes, begin: int, end: int) -> bool:
    """Whether what seems to be text may be a tag after all, had a quotation mark before it been counted otherwise."""
    if end - begin <= _SHORT or body.count(b">", begin, end) <= MOST_ATTRIBUTES:
        return False
    return _words(body[begin:end]) > _WORDS


def _words(text: bytes) -> int:
    return sum(1 for _ in _WHITE.finditer(text))
