"""Text as the model reads it: width, case and script folded, invisible characters gone; every change recorded.

The original is never lost: each character of the result knows which character of the original it came from.
"""

import re
import unicodedata
from dataclasses import dataclass

from humiao.hanzi import SIMPLIFIED
from humiao.verdict import Change

MOST_REPEATS = 3
"""Longest run of the same character that is kept (哈哈哈哈哈 says no more than 哈哈哈)."""
_INVISIBLE = {"Cf", "Cc", "Cs", "Mn", "Me"}
_RUN = re.compile(rf"(.)\1{{{MOST_REPEATS},}}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Normalised:
    """The text for the model."""

    text: str
    origins: tuple[int, ...]
    """For each character of `text` the offset (code points) of the original character that it came from."""
    changes: tuple[Change, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that the non-empty range [start, end) of `text` came from."""
        return self.origins[start], self.origins[end - 1] + 1


def normalise(original: str) -> Normalised:
    """Fold `original`; total on every string, linear in its length."""
    text, origins, changes = _fold_characters(original)
    text, origins, shortened = _shorten_runs(text, origins)
    changes = sorted(changes + shortened, key=lambda change: (change.start, change.end))
    return Normalised(text, tuple(origins), tuple(changes))


def _fold_characters(original: str) -> tuple[str, list[int], list[Change]]:
    out: list[str] = []
    origins: list[int] = []
    changes: list[Change] = []
    for offset, char in enumerate(original):
        folded, reason = _fold(char)
        if folded == " " and (not out or out[-1] == " "):
            continue
        out.extend(folded)
        origins.extend([offset] * len(folded))
        if reason:
            _note(changes, offset, char, folded, reason)
    while out and out[-1] == " ":
        out.pop()
        origins.pop()
    return "".join(out), origins, changes


def _fold(char: str) -> tuple[str, str]:
    """The folded form and, where it is worth showing, the reason for the change."""
    if char.isspace():
        return " ", ""
    if char.isascii():
        return (char.lower(), "") if char.isprintable() else ("", "不可见字符")
    if unicodedata.category(char) in _INVISIBLE:
        return "", "不可见字符"
    simplified = SIMPLIFIED.get(ord(char))
    if simplified:
        return simplified, "繁体"
    wide = unicodedata.normalize("NFKC", char)
    if wide == char:
        return char.lower(), ""
    kept = "".join(SIMPLIFIED.get(ord(part), part) for part in wide if unicodedata.category(part) not in _INVISIBLE)
    kept = " ".join(kept.split()).lower()
    # Full-width punctuation is ordinary Chinese typing: folding it is no news to the desk.
    return kept, "" if unicodedata.category(char).startswith("P") else "全角或变体"


def _note(changes: list[Change], offset: int, before: str, after: str, reason: str) -> None:
    last = changes[-1] if changes else None
    if last is not None and last.end == offset and last.reason == reason:
        changes[-1] = Change(start=last.start, end=offset + 1, before=last.before + before, after=last.after + after, reason=reason)
    else:
        changes.append(Change(start=offset, end=offset + 1, before=before, after=after, reason=reason))


def _shorten_runs(text: str, origins: list[int]) -> tuple[str, list[int], list[Change]]:
    parts: list[str] = []
    kept: list[int] = []
    changes: list[Change] = []
    done = 0
    for run in _RUN.finditer(text):
        cut = run.start() + MOST_REPEATS
        parts.append(text[done:cut])
        kept.extend(origins[done:cut])
        done = run.end()
        start, end = origins[run.start()], origins[run.end() - 1] + 1
        changes.append(Change(start=start, end=end, before=run.group()[:40], after=run.group()[:MOST_REPEATS], reason="重复字符"))
    return "".join([*parts, text[done:]]), kept + origins[done:], changes
