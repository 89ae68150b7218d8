"""What the cells of a column look like: how far they could be addresses, times, names, texts (0 to 1 each)."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from humiao.intake.fields import Field
from humiao.intake.sheet_times import read_sheet_time

_ADDRESS: Final = re.compile(r"https?://\S{3}|^(?:www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|cc)\b)", re.IGNORECASE)
_PICTURE: Final = re.compile(r"\.(?:png|jpe?g|webp|gif|bmp|heic)\b", re.IGNORECASE)
_WORDS: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z]{2}")
_NUMBER: Final = re.compile(r"^[\d.,%+-]+$")
_TOKEN: Final = re.compile(r"^[\w:.-]{1,100}$", re.ASCII)
_NAME_LENGTH: Final = 40
_TITLE_LENGTH: Final = 120
_TEXT_LENGTH: Final = 8
_FEW: Final = 12


class Contents:
    """The filled cells of one column, as far as they were looked at."""

    def __init__(self, cells: Sequence[str], zone: ZoneInfo, now: datetime) -> None:
        self.cells = [cell.strip() for cell in cells if cell.strip()]
        self._zone, self._now = zone, now

    def share(self, test: Callable[[str], object]) -> float:
        """The share of the cells that pass."""
        return sum(bool(test(cell)) for cell in self.cells) / len(self.cells) if self.cells else 0.0

    def fits(self, field: Field) -> float:
        """How well the cells go with `field`."""
        return _FITS[field](self) if self.cells else 0.0

    def is_time(self, cell: str) -> bool:
        """Whether the cell names an instant."""
        try:
            read_sheet_time(cell, self._zone, self._now)
        except ValueError:
            return False
        return True

    @property
    def length(self) -> float:
        """Mean number of characters."""
        return sum(map(len, self.cells)) / len(self.cells) if self.cells else 0.0

    @property
    def counts_up(self) -> bool:
        """Whether the cells only number the rows."""
        numbers = [int(cell) for cell in self.cells if cell.isascii() and cell.isdigit() and len(cell) < _FEW]
        if not numbers or len(numbers) < len(self.cells) or (len(numbers) == 1 and numbers[0] > 1):
            return False
        return all(later - one == 1 for one, later in pairwise(numbers))


def _is_address(cell: str) -> bool:
    return bool(_ADDRESS.search(cell))


def _says_something(cell: str) -> bool:
    return bool(_WORDS.search(cell)) and not _NUMBER.match(cell) and not (_is_address(cell) and " " not in cell)


def _text(column: Contents) -> float:
    return column.share(lambda cell: _says_something(cell) and not column.is_time(cell)) * min(1.0, column.length / _TEXT_LENGTH)


def _short(column: Contents) -> float:
    return column.share(lambda cell: len(cell) <= _NAME_LENGTH and not _is_address(cell) and not column.is_time(cell))


def _few_values(column: Contents) -> float:
    repeated = len(set(column.cells)) <= max(_FEW, len(column.cells) / 10)
    return column.share(lambda cell: len(cell) <= _NAME_LENGTH and _says_something(cell)) * (1.0 if repeated else 0.5)


def _token(column: Contents) -> float:
    return 0.0 if column.counts_up else column.share(_TOKEN.match)


_FITS: Final[dict[Field, Callable[[Contents], float]]] = {
    Field.URL: lambda column: column.share(_is_address),
    Field.TS: lambda column: column.share(column.is_time),
    Field.PICTURE: lambda column: column.share(lambda cell: _PICTURE.search(cell) and not _is_address(cell)),
    Field.TEXT: _text,
    Field.TITLE: lambda column: column.share(lambda cell: len(cell) <= _TITLE_LENGTH and _says_something(cell)),
    Field.AUTHOR: _short,
    Field.PLATFORM: _few_values,
    Field.BOARD: _short,
    Field.PLACE: lambda column: column.share(lambda cell: len(cell) <= _NAME_LENGTH and _says_something(cell)),
    Field.NATIVE_ID: _token,
    Field.REPLY_TO: lambda column: column.share(_TOKEN.match),
}
