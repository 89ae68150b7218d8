"""Everyday two-character words: a form that shares a character with one of them is most likely plain text."""

from functools import cache
from typing import Final

from classifier.normalise.tables import rows

_FEW: Final = 3


@cache
def _followers() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("everyday.tsv")}


def is_rare(char: str) -> bool:
    """Whether next to no everyday word begins with the character."""
    return len(_followers().get(char, "")) <= _FEW


def is_everyday(pair: str) -> bool:
    """Whether the two characters make an everyday word."""
    return pair[1:] in _followers().get(pair[0], "") if len(pair) == 2 else False  # noqa: PLR2004
