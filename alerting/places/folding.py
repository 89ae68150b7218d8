"""Text as names are compared: width, case and traditional characters folded, every character at its old position."""

import unicodedata
from functools import partial

from humiao.hanzi import SIMPLIFIED


class _Folds(dict[int, str]):
    """For `str.translate`: one character for each, so that spans in the folded text are spans in the text."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        for change in (partial(unicodedata.normalize, "NFKC"), str.lower):
            if len(changed := change(char)) == 1:
                char = changed
        folded = SIMPLIFIED.get(ord(char), char)
        self[code] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """`text` folded; its length stays."""
    return text.translate(_FOLDS)
