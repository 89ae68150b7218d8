"""A file as posts and problems, line by line, whatever kind of file it is."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from humiao.blobs import Blobs
from humiao.errors import BadInput
from humiao.intake.archive import MAX_REMARKS, contents_of
from humiao.intake.attaching import Attaching
from humiao.intake.how import HowToRead
from humiao.intake.json_lines import json_lines
from humiao.intake.kinds import Kind, kind_of
from humiao.intake.line import Line
from humiao.intake.mapping import MapWrong
from humiao.intake.separated import separated_rows
from humiao.intake.table import NO_HEADER, table_of, workbook_table
from humiao.intake.table_lines import table_lines
from humiao.intake.workbook import Workbook
from humiao.intake.zip_directory import DAMAGED
from humiao.post import Post


class FileReader:
    """Reads one file; `remarks` hears of what is not about a single line.

    Args:
        file: where it lies.
        how: what its bringer says about it.
        blobs: where pictures are kept.
        now: the present (UTC).
        remarks: takes whole lines for people.
    """

    def __init__(self, file: Path, how: HowToRead, blobs: Blobs, now: datetime, remarks: Callable[[str], None]) -> None:
        self._file, self._how, self._blobs, self._now, self._remark = file, how, blobs, now, remarks

    def lines(self) -> Iterator[Line]:
        """Every line or row that has something in it.

        Raises:
            BadInput: the file can't be read at all, or its map does not fit (MapWrong).
            MapNeeded: it is a sheet, and `how` has no map.
        """
        label = str(self._file)
        begun = False
        try:
            with self._file.open("rb") as stream:
                for line in self._any_kind(stream, self._file.name, label):
                    begun = True
                    yield line
        except OSError as error:
            raise BadInput(f"{label}: can't be read ({error.strerror})") from error
        except MapWrong:
            raise
        except BadInput as error:
            if not begun:
                raise BadInput(f"{label}: {error}") from error
            yield Line(label, None, f"{error}; nothing after this was read")

    def _any_kind(self, stream: IO[bytes], name: str, label: str) -> Iterator[Line]:
        match kind_of(stream, name):
            case Kind.ARCHIVE:
                yield from self._archive(stream, label)
            case kind:
                yield from self._single(kind, stream, label, None)

    def _single(self, kind: Kind, stream: IO[bytes], label: str, pictures: Attaching | None) -> Iterator[Line]:
        if kind is Kind.JSON_LINES:
            if self._how.wanted:
                raise MapWrong("--map: is for sheets; JSON lines name their fields themselves")
            yield from self._json_lines(stream, label, pictures)
        elif kind is Kind.WORKBOOK:
            table = workbook_table(Workbook(stream), self._how.sheet, self._how.wanted, self._how.zone, self._now)
            if table.others:
                self._remark(
                    f"{label}: reads sheet {table.name}; {', '.join(table.others)[:200]} not: bring each with --sheet NAME"
                )
            yield from table_lines(table, self._how, self._now, label, pictures)
        else:
            rows = separated_rows(stream, self._how.encoding)
            if not (text_table := table_of(rows, self._how.wanted, self._how.zone, self._now)):
                raise BadInput(NO_HEADER)
            yield from table_lines(text_table, self._how, self._now, label, pictures)

    def _json_lines(self, stream: IO[bytes], label: str, pictures: Attaching | None) -> Iterator[Line]:
        for number, raw in json_lines(stream):
            where = f"{label}:{number}"
            remarks: tuple[str, ...] = ()
            try:
                line, names = _without_pictures(raw) if pictures else (raw, ())
                post = Post.from_json(line).model_copy(update={"attachments": ()})
                if pictures:
                    post, remarks = pictures.attach(post, names)
            except BadInput as error:
                yield Line(where, None, str(error))
            else:
                yield Line(where, post, remarks=remarks)

    def _archive(self, stream: IO[bytes], label: str) -> Iterator[Line]:
        contents = contents_of(stream)
        inner = f"{label}/{contents.sheet_name}"
        with tempfile.TemporaryFile() as sheet:
            try:
                with contents.archive.open(contents.sheet) as packed:
                    shutil.copyfileobj(packed, sheet)
            except (*DAMAGED, ValueError) as error:
                raise BadInput(f"its sheet {contents.sheet_name} can't be unpacked ({type(error).__name__})") from error
            sheet.seek(0)
            kind = kind_of(sheet, contents.sheet_name)
            if kind is Kind.ARCHIVE:
                raise BadInput(f"its sheet {contents.sheet_name} is an archive, not a sheet")
            pictures = Attaching(contents, self._blobs)
            remarks = contents.remarks
            first = True
            for line in self._single(kind, sheet, inner, pictures):
                if first:
                    self._say(label, remarks)
                    first = False
                yield line
            left = pictures.unreferenced()
            self._say(label, [f"{path}: no row names this picture" for path in left[:MAX_REMARKS]])
            if len(left) > MAX_REMARKS:
                self._say(label, [f"and {len(left) - MAX_REMARKS:,} more pictures that no row names"])

    def _say(self, label: str, remarks: list[str]) -> None:
        for remark in remarks:
            self._remark(f"{label}: {remark}")


def _without_pictures(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The post line without its key ``picture`` (a file name or several), and the names."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return raw, ()
    if not isinstance(document, dict) or "picture" not in document:
        return raw, ()
    names = document.pop("picture")
    several = names if isinstance(names, list) else [names]
    if not all(isinstance(name, str) for name in several):
        raise BadInput("picture: must be a file name or a list of file names")
    return json.dumps(document).encode(), tuple(several)
