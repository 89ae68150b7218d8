"""Character by character: width, case, script and odd forms folded, invisible ones dropped."""

import re
import unicodedata
from functools import cache
from typing import Final

from classifier.normalise.aligned import Aligned, Note
from humiao.hanzi import SIMPLIFIED

MOST_REPEATS: Final = 3
"""Longest run of the same character that is kept (哈哈哈哈哈 says no more than 哈哈哈)."""
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Cs", "Mn", "Me"})
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Blank though they count as letters or signs."""
_EMOJI_FORMS: Final = frozenset("\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Variation selectors and skin tones: dropped, but ordinary emoji have them, so it is no news to the desk."""
_MOST_REMEMBERED: Final = 50_000
_RUN: Final = re.compile(rf"(.)\1{{{MOST_REPEATS},}}", re.DOTALL)
_SPARE_SPACE: Final = re.compile(r"^ +| +$|(?<= ) +")


def fold(original: str) -> Aligned:
    """Fold every character of `original`, then drop spare spaces."""
    parts: list[str] = []
    origins: list[int] = []
    notes: list[Note] = []
    done = 0
    known = _forms()
    for odd in _odd().finditer(original):
        start, end = odd.span()
        parts.append(original[done:start].lower())
        origins += range(done, start)
        for offset in range(start, end):
            folded, reason = known[original[offset]]
            parts.append(folded)
            if len(folded) == 1:
                origins.append(offset)
            else:
                origins += [offset] * len(folded)
            if reason:
                if notes and notes[-1][1] == offset and notes[-1][2] == reason:
                    notes[-1] = (notes[-1][0], offset + 1, reason)
                else:
                    notes.append((offset, offset + 1, reason))
        done = end
    parts.append(original[done:].lower())
    origins += range(done, len(original))
    folded_text = Aligned("".join(parts), origins, notes)
    text = folded_text.text
    if text[:1] == " " or text[-1:] == " " or "  " in text:
        folded_text.apply((*spare.span(), "", "", ()) for spare in _SPARE_SPACE.finditer(text))
    return folded_text


def shorten_runs(aligned: Aligned) -> None:
    """Cut runs of the same character to `MOST_REPEATS`."""
    text = aligned.text
    runs = (run.span() for run in _RUN.finditer(text))
    aligned.apply((start, end, text[start] * MOST_REPEATS, "重复字符", range(start, start + MOST_REPEATS)) for start, end in runs)


class _Forms(dict[str, tuple[str, str]]):
    """Character -> its folded form and, where it is worth showing, the reason for the change."""

    def __missing__(self, char: str) -> tuple[str, str]:
        found = _fold(char)
        if len(self) < _MOST_REMEMBERED:
            self[char] = found
        return found


def _fold(char: str) -> tuple[str, str]:
    if char.isspace():
        return " ", ""
    category = unicodedata.category(char)
    if char in _EMOJI_FORMS:
        return "", ""
    if category in _INVISIBLE or char in _FILLERS:
        return "", "不可见字符"
    if plain := SIMPLIFIED.get(ord(char)):
        return plain, "繁体"
    wide = unicodedata.normalize("NFKC", char)
    if wide == char:
        return _settled(char, char), "全角或变体" if char in _enclosed() else ""
    # Full-width punctuation is ordinary Chinese typing: folding it is no news to the desk.
    return _settled(char, wide), "" if category.startswith("P") else "全角或变体"


def _settled(char: str, wide: str) -> str:
    """`wide` folded until folding it again changes nothing; never empty."""
    for _ in range(4):
        pieces = (_enclosed().get(part) or SIMPLIFIED.get(ord(part), part) for part in wide.lower())
        kept = "".join(part for part in pieces if unicodedata.category(part[0]) not in _INVISIBLE and part not in _FILLERS)
        again = " ".join(unicodedata.normalize("NFKC", kept).split())
        if again == wide:
            break
        wide = again
    return wide or char


@cache
def _forms() -> _Forms:
    return _Forms()


@cache
def _enclosed() -> dict[str, str]:
    """Enclosed letters and digits that Unicode does not map to plain ones."""
    found: dict[str, str] = {}
    for first in (0x1F150, 0x1F170):
        found |= {chr(first + number): chr(ord("a") + number) for number in range(26)}
    for first in (0x2776, 0x2780, 0x278A):
        found |= {chr(first + number): str(number + 1) for number in range(10)}
    return found | {"\u24ff": "0", "\u24eb": "11"}


@cache
def _odd() -> re.Pattern[str]:
    """Runs of characters that need a look: all but ASCII, common punctuation and simplified hanzi."""
    hanzi = [code for code in range(0x4E00, 0xA000) if code not in SIMPLIFIED]
    ranges: list[list[int]] = []
    for code in hanzi:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    plain = "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)
    return re.compile(f"[^ -~、。《》【】“”‘’—·{plain}]+")
