"""CSV and its relatives as rows, each with the line it begins on; whatever the file holds, every record is a row or a problem."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from humiao.intake.encoding import DAMAGED, ERRORS, encoding_of
from humiao.intake.line import Row
from humiao.intake.separator import declared_separator, separator_of

MAX_RECORD: Final = 1_000_000
"""Characters of one record, over all its lines."""
MAX_UNCLOSED: Final = 20
"""Quotes that are never closed before we read the rest of the file line by line (each costs reading MAX_RECORD again)."""
_SAMPLE: Final = 60
_SAMPLE_LENGTH: Final = 20_000

csv.field_size_limit(MAX_RECORD)


class _Unclosed(Exception):
    """A record goes on beyond the end of the file or MAX_RECORD."""


@dataclass
class _Lines:
    """Physical lines with their number; what a failed record took can be given back."""

    stream: io.TextIOWrapper
    number: int = 0
    """Of the line given last."""
    record: list[str] = field(default_factory=list)
    """Lines of the record in hand."""
    length: int = 0
    alone: bool = False
    """Give one line for a record, never more."""
    _again: deque[str] = field(default_factory=deque)

    def begin(self) -> None:
        """A new record."""
        self.record, self.length = [], 0

    def back_to_second(self) -> None:
        """Forget the record except for its first line, which is spent."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        self.begin()

    def take(self) -> str:
        """The next line, empty at the end; of one that exceeds MAX_RECORD so much of the beginning as shows it."""
        if self._again:
            line = self._again.popleft()
        else:
            line = self.stream.readline(MAX_RECORD + 2)
            rest = line
            while rest and not rest.endswith("\n"):
                rest = self.stream.readline(MAX_RECORD)
        if line:
            self.number += 1
        return line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.alone and self.record:
            raise _Unclosed
        line = self.take()
        if not line:
            if self.record:
                raise _Unclosed
            raise StopIteration
        self.record.append(line)
        self.length += len(line)
        if self.length > MAX_RECORD:
            raise _Unclosed
        return line


def separated_rows(stream: IO[bytes], encoding: str | None = None) -> Iterator[Row]:
    """The rows that have something in them.

    A record may span lines where a quote is open. A quote that is never closed costs only the line that it stands on.

    Args:
        stream: seekable, from its beginning.
        encoding: None = find out.
    """
    encoding = encoding or encoding_of(stream)
    stream.seek(0)
    separator, skip = _separator(stream, encoding)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, ERRORS)
    try:
        lines = _Lines(text)
        for _ in range(skip):
            lines.take()
        yield from _records(lines, separator, encoding)
    finally:
        text.detach()


def _separator(stream: IO[bytes], encoding: str) -> tuple[str, int]:
    """The separator, and how many lines before the first record only name it."""
    text = io.TextIOWrapper(stream, encoding, ERRORS)
    lines = [line for _ in range(_SAMPLE) if (line := text.readline(_SAMPLE_LENGTH))]
    text.detach()
    if lines and (separator := declared_separator(lines[0])):
        return separator, 1
    return separator_of(lines), 0


def _records(lines: _Lines, separator: str, encoding: str) -> Iterator[Row]:
    unclosed = 0
    reader = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin()
        first = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Unclosed, csv.Error) as error:
            overlong = len(lines.record[0]) > MAX_RECORD
            if not overlong and isinstance(error, _Unclosed):
                unclosed += 1
            yield Row(first, (), _why(error, overlong=overlong))
            lines.back_to_second()
            lines.alone = unclosed >= MAX_UNCLOSED
            reader = csv.reader(lines, delimiter=separator)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        damaged = any(DAMAGED in cell for cell in cells)
        yield Row(first, tuple(cells), f"has bytes that are no {encoding.upper()}; save the file as UTF-8" if damaged else "")


def _why(error: Exception, *, overlong: bool) -> str:
    if overlong:
        return f"the line has more than {MAX_RECORD:,} characters"
    if isinstance(error, _Unclosed):
        return 'a quote (") is opened here and never closed; close it or double it'
    return f"is no row of a sheet: {error}"
