"""robots.txt as RFC 9309 reads it, with the ``Crawl-delay`` that it does not know."""

import codecs
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

MOST_BYTES: Final = 512_000
"""So much of a file is read (500 KiB); the rest does not count."""
LONGEST_DELAY: Final = 3600.0
"""Seconds of a Crawl-delay that are believed; source files know no longer delay either."""
_LINE: Final = re.compile(r"^[ \t\0]*([a-z-]+)[ \t]*:[ \t]*([^#]*)", re.IGNORECASE)
_PRODUCT: Final = re.compile(r"^(\*(?=\s|$)|[a-z_-]+)", re.IGNORECASE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_KINDS: Final = {"allow": True, "disallow": False}


@dataclass(frozen=True)
class Rule:
    """A path pattern: pieces that follow each other with anything in between, from the path's start."""

    allows: bool
    pieces: tuple[bytes, ...]
    to_the_end: bool

    @property
    def octets(self) -> int:
        """The more of them, the more specific."""
        return sum(map(len, self.pieces)) + len(self.pieces) - 1 + self.to_the_end

    def matches(self, path: bytes) -> bool:
        """`path` is decoded, with its query. Linear: the first place where a piece fits is as good as any later one."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        if not rest:
            return len(path) == len(first) or not self.to_the_end
        at = len(first)
        for piece in rest[:-1]:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if self.to_the_end:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


@dataclass(frozen=True)
class Rules:
    """What a site's file says to one crawler."""

    rules: tuple[Rule, ...] = ()
    """The most specific first, of two alike the one that allows."""
    delay: float = 0.0
    """Seconds that it wants between two requests; 0 = it says nothing."""

    def allow(self, url: str) -> bool:
        """Whether `url` may be read. The file itself always may."""
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return True
        path = unquote_to_bytes((parts.path or "/") + (f"?{parts.query}" if "?" in url.partition("#")[0] else ""))
        return next((rule.allows for rule in self.rules if rule.matches(path)), True)


def read_rules(body: bytes, product: str) -> Rules:
    """Rules of the file `body` for the crawler named `product`: those of all groups with its name, else those for everybody."""
    groups: dict[str, tuple[list[Rule], list[float]]] = {}
    named: list[str] = []
    in_rules = False
    for line in _LINE_END.split(_text(body)):
        found = _LINE.match(line)
        if not found:
            continue
        key, value = found[1].lower(), found[2].strip(" \t\0")
        if key == "user-agent":
            named = [] if in_rules else named
            in_rules = False
            if agent := _PRODUCT.match(value):
                named.append(agent[1].lower())
                groups.setdefault(named[-1], ([], []))
        elif key in _KINDS or key == "crawl-delay":
            in_rules = True
            for name in named:
                _note(groups[name], key, value)
    rules, delays = groups.get(product.lower()) or groups.get("*") or ([], [])
    ordered = sorted(rules, key=lambda rule: (rule.octets, rule.allows), reverse=True)
    return Rules(tuple(ordered), min(LONGEST_DELAY, max(delays, default=0.0)))


def _note(group: tuple[list[Rule], list[float]], key: str, value: str) -> None:
    rules, delays = group
    if key == "crawl-delay":
        if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?|\.\d{1,9}", value):
            delays.append(float(value))
    elif value:
        rules.append(_rule(value, allows=_KINDS[key]))


def _rule(pattern: str, *, allows: bool) -> Rule:
    to_the_end = pattern.endswith("$")
    plain = pattern.removesuffix("$")
    if not plain.startswith(("/", "*")):
        plain = f"/{plain}"
    pieces = re.sub(r"\*+", "*", plain).split("*")
    return Rule(allows, tuple(unquote_to_bytes(piece.encode("latin-1")) for piece in pieces), to_the_end)


def _text(body: bytes) -> str:
    """A character for each octet, so that a path in whatever encoding stays what it is."""
    head = body[:MOST_BYTES]
    if len(body) > MOST_BYTES:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]  # half a line may mean the contrary of the whole
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
