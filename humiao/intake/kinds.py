"""What a file is: by its first bytes where they tell, by the ending of its name otherwise."""

from enum import StrEnum
from pathlib import PurePath
from typing import IO, Final

from humiao.errors import BadInput
from humiao.intake.workbook import is_workbook
from humiao.intake.zip_directory import open_zip

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_HEAD: Final = 512
_TEXT_SHEETS: Final = frozenset({".csv", ".tsv", ".tab", ".txt"})
_ZIPPED: Final = frozenset({".xlsx", ".xlsm", ".zip", ".xltx", ".xltm", ".et"})


class Kind(StrEnum):
    """How a file is read."""

    JSON_LINES = "json lines"
    TEXT_SHEET = "text sheet"
    WORKBOOK = "workbook"
    ARCHIVE = "archive"


def kind_of(stream: IO[bytes], name: str) -> Kind:
    """How the file `name` with this content is read; the stream is left at its beginning.

    Raises:
        BadInput: a kind of file that we don't read; the message says what to save it as.
    """
    if not stream.seekable():
        return Kind.JSON_LINES
    head = stream.read(_HEAD)
    stream.seek(0)
    ending = PurePath(name).suffix.lower()
    if head.startswith(b"PK"):
        archive = open_zip(stream)
        stream.seek(0)
        if "xl/workbook.bin" in archive.namelist():
            raise BadInput("is a binary workbook (.xlsb); save it as .xlsx")
        return Kind.WORKBOOK if is_workbook(archive) else Kind.ARCHIVE
    if head.startswith(_OLE):
        raise BadInput("is an old Excel file (.xls) or one with a password; open it and save it as .xlsx without a password")
    plain = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if ending == ".xls" or (ending in _ZIPPED and plain.startswith((b"<html", b"<!doctype", b"<table", b"<?xml"))):
        raise BadInput("is no workbook inside, whatever its name says (a web page, most often); open it and save it as .xlsx")
    if ending in _ZIPPED:
        raise BadInput("is no ZIP file or workbook, or its beginning is missing; copy or download it again")
    if ending in _TEXT_SHEETS and not plain.startswith(b'{"'):
        return Kind.TEXT_SHEET
    return Kind.JSON_LINES
