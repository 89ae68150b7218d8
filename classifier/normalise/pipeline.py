"""The steps of normalisation, in order, until nothing changes."""

from dataclasses import dataclass
from typing import Final

from classifier.normalise.aligned import Aligned
from classifier.normalise.alphabet import is_crowded
from classifier.normalise.characters import fold, shorten_runs
from classifier.normalise.faces import faces_in_words
from classifier.normalise.tokens import plain_tokens
from classifier.normalise.words import Crowded, restore_words
from humiao.verdict import Change

_MOST_ROUNDS: Final = 6
"""One round settles nearly every text. Where so many do not, or the text is crowded, the characters alone are folded."""


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
    """Normal form of `original`; total on every string, linear in its length, and its own normal form."""
    aligned = fold(original)
    shorten_runs(aligned)
    if not _settle(aligned):
        aligned = fold(original)
        shorten_runs(aligned)
    return Normalised(aligned.text, tuple(aligned.origins), aligned.changes(original))


def _settle(aligned: Aligned) -> bool:
    """Take the disguises off until nothing changes; False where that takes too long."""
    if is_crowded(aligned.text):
        return False
    for _ in range(_MOST_ROUNDS):
        before = aligned.text
        try:
            _unmask(aligned)
        except Crowded:
            return False
        if aligned.text == before:
            return True
    return False


def _unmask(aligned: Aligned) -> None:
    plain_tokens(aligned)
    restore_words(aligned)
    if faces_in_words(aligned):
        restore_words(aligned)
    shorten_runs(aligned)
