"""What evaded writing is led back to: the lexicon's words, their aliases, and what must stand near a doubtful one."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from classifier.normalise.everyday import is_everyday
from classifier.normalise.index import Index
from classifier.normalise.sounds import keys
from classifier.normalise.tables import rows
from classifier.normalise.units import MASK, surface_of

FREE, CONTEXT, BESIDE, CONTACT, BEFORE_ACCOUNT, BEFORE_NUMBER, NEVER = range(7)
"""What a form needs to be taken: nothing; its category near it or a marker beside it; a marker beside it; as contact;
an account or a number right after it; never taken."""
_NEEDS: Final = {"免": FREE, "境": CONTEXT, "邻": BESIDE, "号": CONTACT, "账": BEFORE_ACCOUNT, "数": BEFORE_NUMBER}
_MASKED: Final = ("辱骂", "轻生", "色情", "毒品", "暴力", "诈骗")
_SHORTEST_MASKED: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """One expression of the lexicon."""

    text: str
    category: int
    """One bit."""
    by_sound: str
    """How homophones are taken: 开, 境, 邻, 不 or - (by length)."""
    surface: str


@dataclass(slots=True)
class Literal:
    """All that one surface can be."""

    width: int
    """Characters of text that it takes where nothing is in between."""
    locked: bool = False
    """A word or an everyday phrase: never part of another form."""
    around: int = 0
    """Categories that it supports anywhere in the text (bits)."""
    takes: list[tuple[Word, int, str]] = field(default_factory=list)
    """The words that it is a form of, with need and reason."""


class Lexicon:
    """The tables, ready to be looked for in a row of units."""

    def __init__(self) -> None:
        self._categories: dict[str, int] = {}
        self._literals: dict[str, Literal] = {}
        self.before: dict[str, int] = {}
        self.after: dict[str, int] = {}
        """Categories that a surface supports right behind it and right before it (bits)."""
        self._words = {text: self._word(category, text, how) for category, text, how in rows("lexicon.tsv")}
        for word in self._words.values():
            own = self._literal(word.text)
            own.locked, own.around = True, word.category
            own.takes.append((word, FREE, "分隔符"))
        for (phrase,) in rows("protected.tsv"):
            self._literal(phrase).locked = True
        self._read_contexts()
        for form, text, category, need, reason in rows("aliases.tsv"):
            word = self._words.get(text) or self._word(category, text, "不")
            self._literal(form).takes.append((word, _NEEDS[need], reason))
        self._add_lookalikes()
        self._add_masked()
        self.contact = self._bit("联系")
        self.longest_marker = max(map(len, (*self.before, *self.after)))
        self.surfaces = Index(self._literals)
        by_sound: dict[str, list[Word]] = defaultdict(list)
        for word in self._words.values():
            by_sound[word.surface.translate(keys())].append(word)
        self.sounds = Index(by_sound)

    def _word(self, category: str, text: str, how: str) -> Word:
        return Word(text, self._bit(category), how, surface_of(text))

    def _bit(self, category: str) -> int:
        return self._categories.setdefault(category, 1 << len(self._categories))

    def _literal(self, form: str) -> Literal:
        surface = surface_of(form)
        found = self._literals.get(surface)
        if found is None:
            found = self._literals[surface] = Literal(len(form))
        return found

    def _read_contexts(self) -> None:
        for category, side, markers in rows("contexts.tsv"):
            bit = self._bit(category)
            for marker in markers.split():
                if side == "中":
                    self._literal(marker).around |= bit
                else:
                    table = self.before if side == "前" else self.after
                    table[marker] = table.get(marker, 0) | bit

    def _add_lookalikes(self) -> None:
        """Each word with one character written as one that looks like it."""
        alike = defaultdict(list)
        for odd, plain, how in rows("lookalikes.tsv"):
            if how == "词":
                alike[plain].append(odd)
        for word in self._words.values():
            for place, char in enumerate(word.text):
                for odd in alike.get(char, ()):
                    form = word.text[:place] + odd + word.text[place + 1 :]
                    if not any(is_everyday(form[first : first + 2]) for first in range(len(form) - 1)):
                        self._add(form, word, FREE if len(form) > 2 else CONTEXT, "形近字")  # noqa: PLR2004

    def _add_masked(self) -> None:
        """Longer words with one inner character masked, where only one word fits."""
        fits: dict[str, list[Word]] = defaultdict(list)
        bits = sum(map(self._bit, _MASKED))
        for word in self._words.values():
            if word.category & bits and len(word.text) >= _SHORTEST_MASKED and not word.text.isascii():
                for place in range(1, len(word.text) - 1):
                    fits[word.text[:place] + MASK + word.text[place + 1 :]].append(word)
        for form, words in fits.items():
            if len(words) == 1:
                self._add(form, words[0], FREE, "遮挡")

    def _add(self, form: str, word: Word, need: int, reason: str) -> None:
        literal = self._literal(form)
        if not literal.locked and not literal.takes:
            literal.takes.append((word, need, reason))


@cache
def lexicon() -> Lexicon:
    """The lexicon, read on first use."""
    return Lexicon()
