"""A text as a row of units: a hanzi, a letter, a written syllable, an emoji; separators between them left out."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from classifier.normalise.alphabet import TONES, spelled, tokens
from classifier.normalise.sounds import keys, syllables
from classifier.normalise.splits import in_words_pattern, joined_in_words

WORD: Final = "\ue000"
ACCOUNT: Final = "\ue001"
"""A token that can be the name or number of an account."""
NUMBER: Final = "\ue002"
MASK: Final = "*"
_NEAR: Final = 3
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_SPELLED_DIGITS: Final = 3
_ACCOUNT_DIGITS: Final = 5
_ACCOUNT_LETTERS: Final = 4
_HANZI: Final = re.compile("[\u4e00-\u9fff]+")


@dataclass(slots=True)
class Units:
    """The row, with the range of the text that each unit stands on."""

    surface: str
    """One character a unit: itself, or a sign of this module or of `sounds`."""
    sounds: str
    """One key a unit, equal for all that sound alike."""
    starts: list[int]
    ends: list[int]
    joined: dict[int, str]
    """Units that stand on a character written as two."""

    def near(self, edge: int) -> bool:
        """Whether there is a unit on either side of the edge, at most three characters apart."""
        return 0 < edge < len(self.starts) and self.starts[edge] - self.ends[edge - 1] <= _NEAR

    def has_gap(self, start: int, end: int) -> bool:
        """Whether separators stand between the units."""
        return self.ends[start : end - 1] != self.starts[start + 1 : end]

    def cuts_token(self, start: int, end: int) -> bool:
        """Whether an edge of the units [start, end) lies inside a Latin token or number."""
        return self._inside_token(start) or self._inside_token(end)

    def _inside_token(self, edge: int) -> bool:
        if not 0 < edge < len(self.starts) or self.ends[edge - 1] != self.starts[edge]:
            return False
        return self.surface[edge - 1] in _LETTERS and self.surface[edge] in _LETTERS

    def is_written_syllable(self, unit: int) -> bool:
        """Whether the unit is a syllable in Latin letters."""
        return self.surface[unit] in _written()


def units_of(text: str, *, second: bool = False) -> Units:
    """The units of `text`; in the `second` reading emoji and masks are separators and split characters are joined."""
    row = _Row()
    for token in tokens().finditer(text):
        kind = token.lastgroup
        start, end = token.span()
        if kind == "hanzi":
            if second:
                start = row.join_split(text, start, end)
            row.parts.append(text[start:end])
            row.starts += range(start, end)
            row.ends += range(start + 1, end + 1)
        elif kind == "latin":
            row.add_latin(token.group(), start)
        elif kind == "sign":
            if text[start] == "+" or not second:
                row.add(text[start], start, end)
        elif kind == "mask":
            if not second:
                row.add(MASK, start, end)
        else:
            row.add(ACCOUNT if kind in {"name", "numbers"} else WORD, start, end)
    surface = "".join(row.parts)
    return Units(surface, surface.translate(keys()), row.starts, row.ends, row.joined)


def surface_of(form: str) -> str:
    """The surface of a row of its own."""
    return form if _HANZI.fullmatch(form) else units_of(form).surface


class _Row:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.joined: dict[int, str] = {}

    def add(self, sign: str, start: int, end: int) -> None:
        self.parts.append(sign)
        self.starts.append(start)
        self.ends.append(end)

    def join_split(self, text: str, start: int, end: int) -> int:
        """Add a run of hanzi up to its last split character, and say where the rest begins."""
        for pair in in_words_pattern().finditer(text, start, end):
            low, high = pair.span()
            self.parts.append(text[start:low])
            self.starts += range(start, low)
            self.ends += range(start + 1, low + 1)
            self.joined[len(self.starts)] = pair.group()
            self.add(joined_in_words()[pair.group()], low, high)
            start = high
        return start

    def add_latin(self, token: str, start: int) -> None:
        if token.isalnum():
            self._add_run(token, start)
            return
        pieces = re.split(r"([._\-/@\\=&?%#~|+])", token)
        if all(len(piece) == 1 for piece in pieces):
            for number in range(0, len(pieces), 2):
                self.add(pieces[number], start + number, start + number + 1)
        else:
            able = token.isascii() and any(char.isdigit() or char == "_" for char in token)
            self.add(ACCOUNT if able else WORD, start, start + len(token))

    def _add_run(self, token: str, start: int) -> None:
        end = start + len(token)
        if token.isdigit():
            if len(token) > _SPELLED_DIGITS:
                self.add(ACCOUNT if len(token) >= _ACCOUNT_DIGITS else NUMBER, start, end)
                return
        elif token not in spelled():
            if sign := syllables().get(token.translate(TONES)):
                self.add(sign, start, end)
                return
            if len(token) >= _ACCOUNT_LETTERS:
                able = token.isascii() and not token.isalpha()
                self.add(ACCOUNT if able else WORD, start, end)
                return
        self.parts.append(token)
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)


@cache
def _written() -> frozenset[str]:
    return frozenset(syllables().values())
