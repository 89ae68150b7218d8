"""Floors: the numbers that Chinese forums give the posts of a thread, and those by which posts answer each other."""

import re
from typing import Final

_NAMED: Final = {"楼主": 1, "樓主": 1, "沙发": 2, "沙發": 2, "板凳": 3, "地板": 4}
_NUMBER: Final = re.compile(r"(?:#|第)\s*(\d{1,7})|(\d{1,7})\s*(?:楼|樓|层|層|#|f\b)|^\s*(\d{1,7})\s*$", re.IGNORECASE)


def floor_of(words: str) -> int | None:
    """The floor that `words` name (3楼, #3, 第 3 楼, 沙发); None = none. The thread's opener is 1."""
    if found := _NUMBER.search(words):
        return int(next(group for group in found.groups() if group))
    return next((floor for name, floor in _NAMED.items() if name in words), None)
