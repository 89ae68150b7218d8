"""The rows of one sheet of a workbook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Final

from humiao.errors import BadInput
from humiao.intake.excel_values import date_text, number_text
from humiao.intake.line import Row
from humiao.intake.xml_events import xml_events

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
MAX_ROW: Final = 1_000_000
"""Characters of one row."""
MAX_EXPANDED: Final = 4_000_000_000
"""Characters of all rows: many cells may point at one long text."""
_COLUMN: Final = re.compile(r"^\$?([A-Za-z]{1,3})\$?\d*$")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MOST_DIGITS: Final = 9


@dataclass(frozen=True)
class Cells:
    """What the workbook says about the cells of all its sheets."""

    texts: list[str]
    dates: frozenset[int]
    """Styles that show dates."""
    epoch: date

    def text(self, kind: str, style: int, raw: str) -> str:
        """The text of a cell whose stored value is `raw`."""
        if kind == "s":
            at = index_of(raw, len(self.texts))
            if at >= len(self.texts):
                raise BadInput("is a damaged workbook: a cell refers to a text that is not there")
            return self.texts[at]
        if kind in {"str", "inlineStr"}:
            return unescaped(raw)
        if kind == "e":  # #N/A, #REF! …: there is no value
            return ""
        if kind in {"b", "d"}:
            return raw
        return date_text(raw, self.epoch) if style in self.dates else number_text(raw)


class _RowInHand:
    """What was read of the current row and cell."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self.number, self.hidden = 0, False
        self._values: dict[int, str] = {}
        self._length = self._column = self._style = 0
        self._kind = ""
        self._raw: list[str] = []
        self.expanded = 0

    def begin_row(self, attributes: dict[str, str]) -> None:
        stated = attributes.get("r")
        number = index_of(stated, 0) if stated else self.number + 1
        if not self.number < number <= LAST_ROW:
            raise BadInput(f"is a damaged workbook: row {str(stated)[:20]} comes after row {self.number}")
        self.number, self.hidden = number, attributes.get("hidden") in {"1", "true"}
        self._values, self._length, self._column = {}, 0, 0

    def begin_cell(self, attributes: dict[str, str]) -> None:
        self._kind, self._style, self._raw = attributes.get("t", "n"), index_of(attributes.get("s"), 0), []
        self._column = _column(attributes.get("r"), self._column)

    def wants(self, element: str) -> bool:
        """Whether the text of ``v`` or ``t`` is the value of a cell of this kind."""
        return (element == "t") == (self._kind == "inlineStr")

    def add(self, text: str) -> None:
        self._length += len(text)
        if self._length <= MAX_ROW:
            self._raw.append(text)

    def end_cell(self) -> None:
        if raw := "".join(self._raw):
            value = self._cells.text(self._kind, self._style, raw)
            self._length += len(value) - len(raw)
            if self._length <= MAX_ROW:
                self._values[self._column] = value

    def end_row(self) -> Row | None:
        self.expanded += self._length
        if self.expanded > MAX_EXPANDED:
            raise BadInput(f"holds more than {MAX_EXPANDED:,} characters; what came before row {self.number} was read")
        if self._length > MAX_ROW:
            return Row(self.number, (), f"the row has more than {MAX_ROW:,} characters", self.hidden)
        if not any(value.strip() for value in self._values.values()):
            return None
        return Row(self.number, tuple(self._values.get(at, "") for at in range(1, max(self._values) + 1)), hidden=self.hidden)


def worksheet_rows(stream: IO[bytes], cells: Cells) -> Iterator[Row]:
    """The rows that have something in them, in order, as far as a sheet of Excel goes.

    Raises:
        BadInput: damaged, or with rows and columns that no sheet has.
    """
    row = _RowInHand(cells)
    wanted = False
    for kind, name, attributes in xml_events(stream):
        if kind == "text":
            if wanted:
                row.add(name)
        elif name in {"v", "t"}:
            wanted = kind == "begin" and row.wants(name)
        elif name == "c":
            row.begin_cell(attributes) if kind == "begin" else row.end_cell()
        elif name == "row":
            if kind == "begin":
                row.begin_row(attributes)
            elif done := row.end_row():
                yield done


def index_of(text: str | None, otherwise: int) -> int:
    """`text` as a number from 0 to 999,999,999."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else otherwise


def unescaped(text: str) -> str:
    """Excel writes characters that XML does not have, such as the carriage return, as ``_x000D_``."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text).replace("\r\n", "\n").replace("\r", "\n")


def _column(stated: str | None, before: int) -> int:
    """From 1."""
    column = before + 1
    if stated and (found := _COLUMN.match(stated[:20])):
        column = 0
        for letter in found.group(1).upper():
            column = column * 26 + ord(letter) - 64
    if not before < column <= LAST_COLUMN:
        raise BadInput(f"is a damaged workbook: cell {str(stated)[:20]} is out of its place")
    return column
