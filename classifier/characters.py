"""The model's vocabulary: single characters."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PAD, UNK, CLS, SEP, MASK = range(5)
SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class Characters:
    """Characters and their ids; ids 0 to 4 are the special ones."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = characters
        self._ids = {character: number for number, character in enumerate(characters, start=len(SPECIAL))}

    def __len__(self) -> int:
        return len(SPECIAL) + len(self.characters)

    def ids(self, text: str) -> list[int]:
        """One id a character; unknown ones are `UNK`."""
        get = self._ids.get
        return [get(character, UNK) for character in text]

    @classmethod
    def count(cls, texts: Iterable[str], at_least: int) -> "Characters":
        """The characters that occur `at_least` times in `texts`, most frequent first (ties by code point)."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        kept = [(number, character) for character, number in counts.items() if number >= at_least and not character.isspace()]
        return cls([" ", *(character for _, character in sorted(kept, key=lambda pair: (-pair[0], pair[1])))])

    def save(self, file: Path) -> None:
        """One code point a line, in hexadecimal: no character can be mistaken for a line end."""
        file.write_text("".join(f"{ord(character):x}\n" for character in self.characters), encoding="ascii")

    @classmethod
    def load(cls, file: Path) -> "Characters":
        """Read what `save` wrote."""
        return cls([chr(int(line, 16)) for line in file.read_text(encoding="ascii").split()])
