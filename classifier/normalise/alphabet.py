"""What a text is made of: hanzi, Latin tokens, numbers, signs that the tables name, masks."""

import re
from functools import cache
from itertools import islice
from typing import Final

from classifier.normalise import splits
from classifier.normalise.sounds import spoken_emoji, syllables
from classifier.normalise.tables import rows

MASKS: Final = "*×○〇□■✖❌⭕"
"""Signs that stand for a letter or character left out."""
TONES: Final = str.maketrans("āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü", "aaaaooooeeeeiiiiuuuuvvvvv")
_LATIN: Final = "[a-z0-9āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü]+"
_NOT_PLAIN: Final = re.compile(r"[^\x00-)+-\x7f\u2010-\u201f\u3001-\u3006\u3008-\u9fff]")
"""Emoji and masks among them."""
PICTURE: Final = "[\u2190-\u2bff\U0001f000-\U0001faff]"
"""Emoji and the signs among which the older ones stand."""
_PICTURE: Final = re.compile(PICTURE)
_MOST_TOKENS: Final = 50_000


@cache
def tokens() -> re.Pattern[str]:
    """Every token that a text can have, the kind its group's name; anything else separates."""
    signs = re.escape("".join(sorted(_signs() | {"+"})))
    return re.compile(
        r"(?P<hanzi>[\u4e00-\u9fff]+)|(?P<web>https?://[!-~]+)|(?P<name>@[\w\-.]{1,24})|(?P<numbers>[0-9]{3,5}(?: [0-9]{3,5})+)"
        rf"|(?P<latin>{_LATIN}(?:[._\-/@\\=&?%#~|+]{_LATIN})*)"
        rf"|(?P<sign>[{signs}])|(?P<mask>[{MASKS}]+)|(?P<other>[^\W_0-9a-z\u4e00-\u9fff]+)"
    )


@cache
def spelled() -> frozenset[str]:
    """Latin tokens that the tables know letter by letter."""
    found = {token for row in rows("aliases.tsv") for token in re.findall("[a-z0-9]+", row[0])}
    found |= {token for row in rows("lexicon.tsv") for token in re.findall("[a-z]+", row[1])}
    return frozenset(found - set(syllables()))


@cache
def _signs() -> frozenset[str]:
    used = {char for row in rows("aliases.tsv") for char in row[0]} | set(spoken_emoji())
    return frozenset(char for char in used if not char.isalnum() and char not in MASKS)


def is_crowded(text: str) -> bool:
    """Whether the text has more tokens than anyone writes: looking into each would take too long."""
    if len(text) <= _MOST_TOKENS:
        return False
    patterns = (tokens(), _PICTURE, splits.in_words_pattern())
    return any(next(islice(pattern.finditer(text), _MOST_TOKENS, None), None) for pattern in patterns)


def has_second_reading(text: str) -> bool:
    """Whether a second reading is worth while: there is an emoji, a mask or a split character."""
    return bool(_NOT_PLAIN.search(text) or splits.in_words_pattern().search(text))
