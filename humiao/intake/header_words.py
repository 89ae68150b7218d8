"""Which field the name of a column means (the names stand in header_words.yaml)."""

import re
import unicodedata
from importlib.resources import files
from typing import Final

import yaml

from humiao.intake.fields import FIELDS, Field

_STEP: Final = 0.15
"""What a later group of names is worth less."""
_BY_END: Final = 0.8
_WITHIN: Final = 0.5
_SHORTEST_PART: Final = 2
_LONGEST_NAME: Final = 20
_BRACKETS: Final = re.compile(r"[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]")
_NOISE: Final = re.compile(r"[\s*:;,.、。!?·\"'“”‘’\-_/\\]+")


def plain_name(header: str) -> str:
    """`header` in one width and case, without blanks, punctuation and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", header).lower()
    return _NOISE.sub("", _BRACKETS.sub("", folded)) or _NOISE.sub("", folded)


def _table() -> dict[str, tuple[Field | None, float]]:
    words = yaml.safe_load(files("humiao.intake").joinpath("header_words.yaml").read_text(encoding="utf-8"))
    return {
        plain_name(word): (Field(field) if field in FIELDS else None, 1.0 - later * _STEP)
        for field, groups in words.items()
        for later, group in enumerate(groups)
        for word in group
    }


_TABLE: Final = _table()


def meaning(header: str) -> tuple[Field | None, float]:
    """The field that a column of this name holds and how sure that is (0 to 1); (None, > 0) = known to be none of ours."""
    name = plain_name(header) if len(header) < _LONGEST_NAME * 5 else ""
    if not name or len(name) > _LONGEST_NAME:
        return None, 0.0
    if name in _TABLE:
        return _TABLE[name]
    parts = [word for word in _TABLE if len(word) >= _SHORTEST_PART and word in name and not (word.isascii() and word.isalpha())]
    ends = [word for word in parts if name.endswith(word)]
    if not parts:
        return None, 0.0
    field, weight = _TABLE[max(ends or parts, key=len)]  # the noun stands at the end: 发布平台 is a platform
    return field, weight * (_BY_END if ends else _WITHIN)


def weight_of(header: str) -> float:
    """How sure it is that `header` is the name of a column (0 to 1)."""
    return meaning(header)[1]
