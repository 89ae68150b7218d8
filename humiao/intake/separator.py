"""Which character separates the cells of a text sheet."""

import csv
from collections import Counter
from typing import Final

from humiao.intake.header_words import weight_of

CANDIDATES: Final = (",", "\t", ";", "|", "，", "；", "、")
"""The likelier first: it wins where nothing speaks for another."""
_NEVER_IN_NAMES: Final = (*CANDIDATES[:4], '"', "\n")
_DECLARED: Final = "sep="


def declared_separator(line: str) -> str:
    """What Excel's first line ``sep=;`` says; empty if the line says nothing."""
    text = line.strip().strip('"')
    return text[len(_DECLARED) :] if text.lower().startswith(_DECLARED) and len(text) == len(_DECLARED) + 1 else ""


def separator_of(lines: list[str]) -> str:
    """The separator of a sheet that begins with `lines` (physical ones).

    It is the one by which the most cells of one line are names of columns that we know; then the one that cuts the most
    lines into the same number of cells.
    """
    return max(CANDIDATES, key=lambda one: _evidence(lines, one))  # of equals, max takes the first


def _evidence(lines: list[str], separator: str) -> tuple[int, int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return (0, 0)
    names = max((sum(_is_name(cell) for cell in row) for row in rows), default=0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return (names, max(widths.values(), default=0))


def _is_name(cell: str) -> bool:
    """Whether it is the name of a column; what still has a separator or a quotation mark in it was cut at the wrong places."""
    return weight_of(cell) > 0 and not any(mark in cell for mark in _NEVER_IN_NAMES)
