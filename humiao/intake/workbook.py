"""A workbook (XLSX, XLSM): its sheets, their rows as text. Macros, formulas, links and drawings are never looked at."""

import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from humiao.errors import BadInput
from humiao.intake.excel_values import is_date_format
from humiao.intake.line import Row
from humiao.intake.sheet_times import EXCEL_EPOCH, MAC_EPOCH
from humiao.intake.worksheet import Cells, index_of, unescaped, worksheet_rows
from humiao.intake.xml_events import xml_events
from humiao.intake.zip_directory import DAMAGED, open_zip
from humiao.post import MAX_TEXT

AS_CSV: Final = "save it as CSV (UTF-8), which may have any length"
MAX_STRINGS: Final = 512 << 20
"""Bytes of the table of texts."""
MAX_MEMORY: Final = 192 << 20
"""Bytes of the texts in memory, where the table is kept."""
MAX_SHEET: Final = 2 << 30
MAX_PART: Final = 32 << 20
"""Bytes of the other parts."""
MAX_FORMATS: Final = 100_000
LONGEST: Final = MAX_TEXT + 1
"""Characters kept of a text: enough to refuse an overlong post."""
MAX_TEXTS: Final = 2_000_000
_ROOT: Final = "_rels/.rels"
_POINTER: Final = 8

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    visible: bool


class Workbook:
    """An open workbook.

    Raises:
        BadInput: it is none, is encrypted, damaged, or larger than what we read.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = open_zip(stream)
        self._parts = {name.casefold(): name for name in self._zip.namelist()}
        main = next((target for kind, target, _ in self._relations(_ROOT, "") if kind == "officeDocument"), "xl/workbook.xml")
        self.epoch: date = EXCEL_EPOCH
        relations = list(self._relations(_beside(main), str(PurePosixPath(main).parent)))
        self.sheets = self._list(main, {id: target for kind, target, id in relations if kind == "worksheet"})
        self._styles = next((target for kind, target, _ in relations if kind == "styles"), "")
        self._strings = next((target for kind, target, _ in relations if kind == "sharedStrings"), "")
        self._cells: Cells | None = None

    def rows(self, sheet: SheetEntry) -> Iterator[Row]:
        """The rows of `sheet` that have something in them."""
        if self._cells is None:
            self._cells = Cells(self._texts(), self._date_styles(), self.epoch)
        with self._open(sheet.part, MAX_SHEET) as part:
            yield from worksheet_rows(part, self._cells)

    @contextmanager
    def _open(self, name: str, limit: int) -> Iterator[IO[bytes]]:
        stored = self._parts.get(name.casefold())
        if stored is None:
            raise BadInput(f"is a damaged workbook: it lacks {name}")
        if (size := self._zip.getinfo(stored).file_size) > limit:
            raise BadInput(f"its part {name} has {size >> 20:,} MiB unpacked; the limit is {limit >> 20:,} MiB: {AS_CSV}")
        try:
            with self._zip.open(stored) as part:
                yield part
        except DAMAGED as error:
            raise BadInput(f"is a damaged workbook: {name} can't be unpacked ({type(error).__name__})") from error

    def _relations(self, path: str, folder: str) -> Iterator[tuple[str, str, str]]:
        """(kind, part, id) of each relation to a part of this workbook."""
        if path.casefold() not in self._parts:
            return
        with self._open(path, MAX_PART) as part:
            for kind, name, attributes in xml_events(part):
                if kind == "begin" and name == "Relationship" and attributes.get("TargetMode") != "External":
                    target = attributes.get("Target", "")
                    whole = target[1:] if target.startswith("/") else str(PurePosixPath(folder) / target)
                    yield attributes.get("Type", "").rpartition("/")[2], whole, attributes.get("Id", "")

    def _list(self, main: str, parts: dict[str, str]) -> list[SheetEntry]:
        sheets = []
        with self._open(main, MAX_PART) as part:
            for kind, name, attributes in xml_events(part):
                if kind != "begin":
                    continue
                if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
                    self.epoch = MAC_EPOCH
                if name == "sheet" and (target := parts.get(_relation_of(attributes))):
                    state = attributes.get("state", "visible")
                    sheets.append(SheetEntry(attributes.get("name", ""), target, state == "visible"))
        return sheets

    def _texts(self) -> list[str]:
        texts: list[str] = []
        if not self._strings:
            return texts
        parts: list[str] = []
        length, memory, wanted, spoken = 0, 0, False, False
        with self._open(self._strings, MAX_STRINGS) as part:
            for kind, name, _ in xml_events(part):
                if kind == "text":
                    if wanted and not spoken and length < LONGEST:
                        parts.append(name)
                        length += len(name)
                elif name == "t":
                    wanted = kind == "begin"
                elif name == "rPh":  # how it is pronounced
                    spoken = kind == "begin"
                elif name == "si" and kind == "end":
                    texts.append(unescaped("".join(parts))[:LONGEST])
                    memory += sys.getsizeof(texts[-1]) + _POINTER
                    if memory > MAX_MEMORY or len(texts) > MAX_TEXTS:
                        raise BadInput(f"has more texts than {MAX_TEXTS:,}, or than {MAX_MEMORY >> 20} MiB hold: {AS_CSV}")
                    parts, length = [], 0
        return texts

    def _date_styles(self) -> frozenset[int]:
        """Numbers of the cell styles that show dates."""
        if not self._styles:
            return frozenset()
        codes: dict[int, str] = {}
        dates: set[int] = set()
        inside, count = False, 0
        with self._open(self._styles, MAX_PART) as part:
            for kind, name, attributes in xml_events(part):
                if name == "cellXfs":
                    inside = kind == "begin"
                elif kind == "begin" and name == "numFmt" and len(codes) < MAX_FORMATS:
                    codes[index_of(attributes.get("numFmtId"), 0)] = attributes.get("formatCode", "")
                elif kind == "begin" and name == "xf" and inside:
                    number = index_of(attributes.get("numFmtId"), 0)
                    if is_date_format(number, codes.get(number, "")):
                        dates.add(count)
                    count += 1
        return frozenset(dates)


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP file is a workbook."""
    return any(name.casefold() in {"xl/workbook.xml", "xl/workbook.bin"} for name in archive.namelist())


def _relation_of(attributes: dict[str, str]) -> str:
    return next((value for key, value in attributes.items() if key.endswith(":id")), "")


def _beside(part: str) -> str:
    path = PurePosixPath(part)
    return str(path.parent / "_rels" / f"{path.name}.rels")
