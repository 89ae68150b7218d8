"""A sheet whose header was found: its columns, what they seem to be, and the rows below."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, islice
from zoneinfo import ZoneInfo

from humiao.errors import BadInput
from humiao.intake.guess import HEADER_WITHIN, SAMPLE, Guess, guess, header_among
from humiao.intake.line import Row
from humiao.intake.mapping import Wanted, same_name
from humiao.intake.sheet_times import EXCEL_EPOCH
from humiao.intake.workbook import SheetEntry, Workbook


@dataclass(frozen=True)
class Table:
    """One sheet, read as far as its header."""

    header: Row | None
    """None = the first row holds a post; only with a map by column numbers."""
    guess: Guess | None
    rows: Iterator[Row]
    """Those below the header, from the first."""
    epoch: date = EXCEL_EPOCH
    name: str = ""
    """Of the sheet in its workbook; empty for text files."""
    others: tuple[str, ...] = ()
    """Other sheets of the workbook that are shown and have rows; they are not read."""


NO_HEADER = (
    f"no row among the first {HEADER_WITHIN} names the columns; write a first row such as 平台,发布时间,内容,链接, "
    "or say it by number: --map '#1=platform,#2=ts,#3=text'"
)


def table_of(rows: Iterator[Row], wanted: Wanted | None, zone: ZoneInfo, now: datetime) -> Table | None:
    """The table in `rows`; None = no row names its columns.

    With a map, the header is the row that has all columns which the map names.
    """
    head = list(islice(rows, HEADER_WITHIN + SAMPLE))
    at = header_among(head)
    if wanted and wanted.names:
        naming = (place for place, row in enumerate(head[:HEADER_WITHIN]) if _has_all(row, wanted.names))
        at = next(naming, at)
    if at is not None:
        below = head[at + 1 :]
        return Table(head[at], guess(head[at], below, zone, now), chain(below, rows))
    if wanted and not wanted.names and not wanted.auto and head:
        return Table(None, None, chain(head, rows))
    return None


def workbook_table(book: Workbook, sheet: str | None, wanted: Wanted | None, zone: ZoneInfo, now: datetime) -> Table:
    """The table in the sheet called `sheet`, or in the first visible one that has a header.

    Raises:
        BadInput: there is no such sheet, or no header.
    """
    names = ", ".join(entry.name for entry in book.sheets)[:300]
    entries = [entry for entry in book.sheets if (same_name(entry.name, sheet) if sheet is not None else entry.visible)]
    if not entries:
        raise BadInput(
            f"has no sheet called {sheet!r}; its sheets are {names}" if sheet is not None else "has no sheet that is shown"
        )
    found = None
    for entry in entries:
        table = table_of(book.rows(entry), wanted, zone, now)
        if table and (not wanted or not table.header or _has_all(table.header, wanted.names)):
            return replace(table, epoch=book.epoch, name=entry.name, others=_others(book, entry))
        found = found or (table and replace(table, epoch=book.epoch, name=entry.name))
    if found:  # whose columns the map does not know
        return found
    raise BadInput(NO_HEADER + _which(entries))


def _others(book: Workbook, chosen: SheetEntry) -> tuple[str, ...]:
    rest = [entry for entry in book.sheets if entry is not chosen and entry.visible]
    return tuple(entry.name for entry in rest if len(list(islice(book.rows(entry), 2))) > 1)


def _which(entries: list[SheetEntry]) -> str:
    return f" (sheets looked at: {', '.join(entry.name for entry in entries)[:200]})" if len(entries) > 1 else ""


def _has_all(row: Row, names: tuple[str, ...]) -> bool:
    return all(any(same_name(name, cell) for cell in row.cells) for name in names)
