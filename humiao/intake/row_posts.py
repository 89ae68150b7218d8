"""A row of a sheet as a post."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from humiao.errors import BadInput
from humiao.intake.fields import Field
from humiao.intake.line import Row
from humiao.intake.mapping import Mapping
from humiao.intake.sheet_times import EXCEL_EPOCH, read_sheet_time
from humiao.post import MAX_TEXT, Post, utc_text

_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>，。；、）】]+", re.IGNORECASE)
_PICTURES: Final = re.compile(r"[;；,，、|\r\n]+")
_JOINS: Final = {Field.TEXT: "\n"}
"""What stands between joined columns; a blank for the other fields."""


@dataclass(frozen=True)
class Reading:
    """How the rows of one sheet are read."""

    mapping: Mapping
    zone: ZoneInfo
    """Of times without offset."""
    now: datetime
    epoch: date = EXCEL_EPOCH
    """Day 0 of serial numbers."""


def post_of(row: Row, reading: Reading) -> tuple[Post, tuple[str, ...]]:
    """The post of `row`, and the names of its pictures.

    Raises:
        BadInput: the row can't be read, has cells beyond its header, or makes no post; the message names field and column.
    """
    if row.problem:
        raise BadInput(row.problem)
    mapping = reading.mapping
    width = len(mapping.header)
    if mapping.header and any(cell.strip() for cell in row.cells[width:]):
        filled = max(at + 1 for at, cell in enumerate(row.cells) if cell.strip())
        raise BadInput(f"has {filled} cells, the header {width}; put quotes around a cell that holds the separator")
    values = dict(mapping.constants) | {field: _joined(row, at, _JOINS.get(field, " ")) for field, at in mapping.columns.items()}
    pictures = tuple(name.strip() for name in _PICTURES.split(values.pop(Field.PICTURE, "")) if name.strip())
    for field in (Field.PLATFORM, Field.TEXT, Field.TS):
        if not values.get(field, "").strip():
            raise BadInput(f"{mapping.named(field)}: is empty in this row")
    if len(values[Field.TEXT]) > MAX_TEXT:
        raise BadInput(f"{mapping.named(Field.TEXT)}: has {len(values[Field.TEXT]):,} characters; the limit is {MAX_TEXT:,}")
    if found := _ADDRESS.search(values.get(Field.URL, "")):  # apps share "look at this … https://…"
        values[Field.URL] = found.group()
    try:
        values[Field.TS] = utc_text(read_sheet_time(values[Field.TS], reading.zone, reading.now, reading.epoch))
    except ValueError as error:
        raise BadInput(f"{mapping.named(Field.TS)}: {error}") from error
    return Post.from_json(json.dumps(values).encode()), pictures


def _joined(row: Row, positions: tuple[int, ...], between: str) -> str:
    return between.join(cell for at in positions if at < len(row.cells) and (cell := row.cells[at].strip()))
