"""Which row names the columns of a sheet, and which field each column holds: by its name and by what stands below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from humiao.intake.contents import Contents
from humiao.intake.fields import Field
from humiao.intake.header_words import meaning
from humiao.intake.line import Row

HEADER_WITHIN: Final = 30
"""Rows at the top of a sheet among which the header is looked for; titles and notes may stand above it."""
SAMPLE: Final = 200
"""Rows below the header that are looked at."""
_NAME_ALONE: Final = 0.3
"""What a name is worth if the cells say nothing for it."""
_NAMELESS: Final[dict[Field, tuple[float, float]]] = {
    Field.URL: (0.8, 0.5), Field.TS: (0.8, 0.5), Field.PICTURE: (0.8, 0.5), Field.TEXT: (0.8, 0.25),
}  # fmt: skip
"""Fields that cells can show without a name: how well they must fit, and what that is worth."""
_MUST_FIT: Final = frozenset({Field.URL, Field.TS, Field.NATIVE_ID})
_LEAST_FIT: Final = 0.3
_NAMELESS_TEXT: Final = 12.0
_SURE: Final = 0.4
_VERY_SURE: Final = 0.8


@dataclass(frozen=True)
class Guess:
    """What a sheet's columns seem to be."""

    header: Row
    fields: tuple[Field | None, ...]
    """By column."""
    samples: tuple[str, ...]
    """The first filled cell of each column; empty if there is none."""

    @property
    def found(self) -> frozenset[Field]:
        """The fields that a column was found for."""
        return frozenset(field for field in self.fields if field)


def header_among(rows: Sequence[Row]) -> int | None:
    """Position of the row whose cells name columns; None = no row does.

    The first of those with the most known names wins; at least two cells must be such names and one of them a field's, or one
    of no more than two cells surely a field's.
    """
    best, most = None, 0.0
    for position, row in enumerate(rows[:HEADER_WITHIN]):
        meanings = [meaning(cell) for cell in row.cells if cell.strip()]
        known = sum(weight >= _SURE for _, weight in meanings)
        surest = max((weight for field, weight in meanings if field), default=0.0)
        enough = surest >= _SURE if known > 1 else surest > _VERY_SURE and len(meanings) <= 2  # noqa: PLR2004 (narrow sheets)
        total = sum(weight for _, weight in meanings)
        if enough and not row.problem and total > most:
            best, most = position, total
    return best


def guess(header: Row, rows: Sequence[Row], zone: ZoneInfo, now: datetime) -> Guess:
    """The likeliest field of each column; a field is given to one column only.

    Args:
        header: the row with the names.
        rows: those below it, as many as are to be looked at.
        zone: zone of times without offset.
        now: the present.
    """
    width = len(header.cells)
    columns = [Contents([row.cells[at] for row in rows if at < len(row.cells)], zone, now) for at in range(width)]
    claims = [
        (worth, -at, field) for at in range(width) for field in Field if (worth := _worth(field, header.cells[at], columns[at])) > 0
    ]
    fields: list[Field | None] = [None] * width
    for _, at, field in sorted(claims, key=lambda claim: (claim[0], claim[1]), reverse=True):
        if fields[-at] is None and field not in fields:
            fields[-at] = field
    return Guess(header, tuple(fields), tuple(column.cells[0] if column.cells else "" for column in columns))


def _worth(field: Field, name: str, column: Contents) -> float:
    meant, weight = meaning(name)
    fit = column.fits(field)
    if meant is field:
        if field in _MUST_FIT and column.cells and fit < _LEAST_FIT:
            return 0.0
        return weight * (_NAME_ALONE + (1 - _NAME_ALONE) * fit)
    if field not in _NAMELESS or (meant is None and weight > 0):
        return 0.0
    least, worth = _NAMELESS[field]
    if fit < least or (field is Field.TEXT and (column.length < _NAMELESS_TEXT or meant is not None)):
        return 0.0
    return worth * fit + (min(column.length, 1000.0) / 10_000 if field is Field.TEXT else 0.0)
