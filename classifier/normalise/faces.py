"""Emoji, and faces made of signs, in words."""

import re
from functools import cache
from typing import Final

from classifier.normalise.aligned import Aligned
from classifier.normalise.alphabet import PICTURE
from classifier.normalise.characters import fold
from classifier.normalise.sounds import emoji_words
from classifier.normalise.tokens import outside_names

_LIKELY: Final = re.compile(r"[^\x00-\x7f\u2010-\u201f\u3001-\u9fff]|[_^]|-_|orz|qaq|tot|tat")
"""Emoji, or the marks of an ASCII face."""


def faces_in_words(aligned: Aligned) -> bool:
    """Put words in the place of emoji and faces that the table has; say whether there were any."""
    text = aligned.text
    if not _LIKELY.search(text):
        return False
    words, pattern = _folded()
    found = (face.span() for face in outside_names(text, pattern.finditer(text)) if face.group() in words)
    return aligned.apply((start, end, _unsaid(text, start, words[text[start:end]]), "表情", ()) for start, end in found)


def _unsaid(text: str, start: int, word: str) -> str:
    """What of the word does not stand before the face already: 气球🎈 is 气球, 解🔓 is 解锁."""
    for said in range(len(word), 0, -1):
        if text.endswith(word[:said], 0, start):
            return word[said:]
    return word


@cache
def _folded() -> tuple[dict[str, str], re.Pattern[str]]:
    words = {fold(face).text: word for face, word in emoji_words().items()}
    longer = sorted((face for face in words if len(face) > 1), key=len, reverse=True)
    guarded = (re.escape(face) if not face[0].isalnum() else rf"(?<![a-z0-9_]){re.escape(face)}(?![a-z0-9_])" for face in longer)
    firsts = "".join(sorted({face[0] for face in longer}))
    return words, re.compile(f"(?=[{re.escape(firsts)}])(?:{'|'.join(guarded)})|{PICTURE}")
