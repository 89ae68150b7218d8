"""Finding many short strings in a text at once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import compress, count, pairwise
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Index(Generic[Entry]):
    """Strings of any length and what each stands for.

    Their first two characters tell where to look closer; that test runs over the text without a step of Python code.
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._singles = frozenset(key for key in entries if len(key) == 1)
        lengths: dict[tuple[str, str], set[int]] = {}
        for key in entries:
            if len(key) > 1:
                lengths.setdefault((key[0], key[1]), set()).add(len(key))
        self._lengths = {pair: sorted(found) for pair, found in lengths.items()}

    def find(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        """Start, end and entry of every occurrence, overlapping ones too."""
        entries = self._entries
        for start in _places(map(self._singles.__contains__, text)):
            yield start, start + 1, entries[text[start]]
        for start in _places(map(self._lengths.__contains__, pairwise(text))):
            for length in self._lengths[text[start], text[start + 1]]:
                entry = entries.get(text[start : start + length])
                if entry is not None and start + length <= len(text):
                    yield start, start + length, entry


def _places(tests: Iterable[bool]) -> Iterator[int]:
    return compress(count(), tests)
