"""Characters written as two."""

import re
from functools import cache

from classifier.normalise.tables import rows


@cache
def joined_in_words() -> dict[str, str]:
    """Parts that are characters of their own, and the character they make inside a word of the lexicon."""
    return {parts: joined for parts, joined, how in rows("splits.tsv") if how == "成词"}


@cache
def joined_anywhere() -> dict[str, str]:
    """A bare radical with the rest of its character, and the character."""
    return {parts: joined for parts, joined, how in rows("splits.tsv") if how == "偏旁"}


@cache
def in_words_pattern() -> re.Pattern[str]:
    """Any key of `joined_in_words`."""
    return _any_of(joined_in_words())


@cache
def anywhere_pattern() -> re.Pattern[str]:
    """Any key of `joined_anywhere`."""
    return _any_of(joined_anywhere())


def _any_of(pairs: dict[str, str]) -> re.Pattern[str]:
    """A pattern that is quick to find that there is none: most texts fail its first set of characters."""
    by_first: dict[str, str] = {}
    for pair in pairs:
        by_first[pair[0]] = by_first.get(pair[0], "") + pair[1]
    seconds = "|".join(f"(?<={first})[{follow}]" for first, follow in by_first.items())
    return re.compile(f"[{''.join(by_first)}](?:{seconds})")
