"""How characters sound: one key for all hanzi, emoji and Latin syllables of the same toneless reading."""

from functools import cache
from typing import Final

from classifier.normalise.tables import rows

_SYLLABLES: Final = 0xE400
_WRITTEN: Final = 0xE100
"""Private-use characters: a key for each sound, and a sign for each syllable written in Latin letters."""


def _merged(syllable: str) -> str:
    """Few writers keep -in and -ing, -en and -eng apart."""
    return syllable[:-1] if syllable.endswith(("ing", "eng")) else syllable


@cache
def syllables() -> dict[str, str]:
    """Each syllable of two or more letters and the sign that stands for it where it is written in Latin letters."""
    return {name: chr(_WRITTEN + number) for number, (name, _) in enumerate(rows("readings.tsv")) if len(name) > 1}


@cache
def keys() -> dict[int, str]:
    """For `str.translate`: code point of a hanzi, a written syllable's sign or an emoji -> key of its sound."""
    names = [name for name, _ in rows("readings.tsv")]
    of_sound = {name: chr(_SYLLABLES + number) for number, name in enumerate(dict.fromkeys(map(_merged, names)))}
    table: dict[int, str] = {}
    for name, characters in rows("readings.tsv"):
        table |= dict.fromkeys(map(ord, characters), of_sound[_merged(name)])
    table |= {ord(sign): of_sound[_merged(name)] for name, sign in syllables().items()}
    table |= {ord(emoji): table[ord(word)] for emoji, word in spoken_emoji().items() if ord(word) in table}
    return table


@cache
def emoji_words() -> dict[str, str]:
    """Emoji and faces, and their words, as the table has them."""
    return {row[0]: row[1] for row in rows("emoji.tsv")}


@cache
def spoken_emoji() -> dict[str, str]:
    """Emoji that stand for one hanzi."""
    hearts = dict.fromkeys("❤♥💓", "心")
    return hearts | {emoji: word for emoji, word in emoji_words().items() if len(emoji) == len(word) == 1}
