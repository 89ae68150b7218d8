"""Search text as both stores index it: the same characters, folded and cut the same way, so that the same posts are found.

A text becomes a row of tokens: each Chinese character, kana, symbol, punctuation mark or emoji is one; a run of Latin letters,
of digits or of other alphabetic script is cut into single characters too, so that ``wx123`` is found inside ``加wx123456``.
Folding: NFKC, case, traditional to simplified. White space separates and is no token. Tokens are spelled as code points in
hexadecimal (``4f60``), which every tokenizer leaves whole; nothing a person types can be query syntax.
"""

import re
import unicodedata
from functools import cache
from typing import Final

from humiao.errors import BadInput

_TERMS = re.compile(r'"([^"]*)"|(\S+)')
MAX_QUERY: Final = 1_000
"""Most characters that a query may hold; white space and the quotes around phrases don't count."""
FIELD_GAP = "gap"
"""Token that stands between two fields, so that no phrase reaches across; no character is spelled like it."""


@cache
def _simplified() -> dict[int, str]:
    from humiao.hanzi import SIMPLIFIED  # noqa: PLC0415 (the table is read at first use)

    return SIMPLIFIED


def fold(text: str) -> str:
    """NFKC, case folding, traditional characters to simplified ones."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_simplified())


class _Spelling(dict[int, str]):
    """For `str.translate`: the tokens of a character of normalised, case-folded text, a space after each. Filled as met."""

    def __missing__(self, code: int) -> str:
        spelt = "".join(f"{ord(char):x} " for char in chr(code).translate(_simplified()) if not char.isspace())
        self[code] = spelt
        return spelt


_SPELLING: Final = _Spelling()


def _spelt(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_SPELLING).rstrip()


def tokens(text: str) -> list[str]:
    """The folded characters of `text` as hexadecimal code points, white space left out."""
    return _spelt(text).split()


def index_text(*fields: str) -> str:
    """What a store indexes for `fields`: their tokens, joined by spaces, fields set apart."""
    return f" {FIELD_GAP} ".join(_spelt(field) for field in fields)


def phrases(query: str) -> list[list[str]]:
    """The terms of a query, each as a row of tokens: words between spaces, or phrases in double quotes; empty ones dropped.

    A lone double quote is an ordinary character. The curly and full-width quotes of Chinese input methods quote as well.

    Raises:
        BadInput: it holds more than MAX_QUERY characters.
    """
    straight = re.sub("[“”＂]", '"', query)
    found = [tokens(quoted or word) for quoted, word in _TERMS.findall(straight)]
    if (size := sum(map(len, found))) > MAX_QUERY:
        raise BadInput(f"query: has {size:,} characters, the limit is {MAX_QUERY:,}; search for a part of it")
    return [phrase for phrase in found if phrase]
