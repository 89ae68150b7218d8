"""A ZIP file with a sheet and screenshots: what is in it, under the names that people see. Nothing is unpacked to disk by name."""

import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Final

from humiao.errors import BadInput
from humiao.intake.pictures import ENDINGS
from humiao.intake.zip_directory import open_zip

SHEETS: Final = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson"})
MAX_ENTRIES: Final = 50_000
MAX_SHEET: Final = 1 << 30
"""Bytes of the sheet, unpacked."""
MAX_REMARKS: Final = 200
_ARCHIVES: Final = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".jar"})
_LEFT_BY_SYSTEMS: Final = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_UTF_8: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_UNICODE_PATH_HEAD: Final = 9


@dataclass
class Contents:
    """An open ZIP file, sorted."""

    archive: zipfile.ZipFile
    sheet: zipfile.ZipInfo
    sheet_name: str
    pictures: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    """By path as people see it."""
    remarks: list[str] = field(default_factory=list)
    """What is in it that we do not take, one line each."""


def contents_of(stream: IO[bytes]) -> Contents:
    """The sheet and the pictures of a ZIP file.

    Raises:
        BadInput: damaged, encrypted, beyond the limits, or without exactly one sheet.
    """
    archive = open_zip(stream)
    if len(archive.infolist()) > MAX_ENTRIES:
        raise BadInput(f"holds {len(archive.infolist()):,} files; the limit is {MAX_ENTRIES:,}: split it")
    sheets: dict[str, zipfile.ZipInfo] = {}
    pictures: dict[str, zipfile.ZipInfo] = {}
    remarks: list[str] = []
    for entry in archive.infolist():
        path = _path(entry)
        if entry.is_dir() or _left_by_system(path):
            continue
        ending = PurePosixPath(path).suffix.lower()
        if reason := _unwanted(path, ending):
            remarks.append(f"{path[:200]}: {reason}")
        elif path in sheets or path in pictures:
            remarks.append(f"{path[:200]}: is there twice; the second one is left out")
        else:
            (sheets if ending in SHEETS else pictures)[path] = entry
    if len(sheets) != 1:
        found = f"{len(sheets)} sheets ({', '.join(sorted(sheets)[:5])})" if sheets else "no sheet"
        raise BadInput(f"holds {found}; put exactly one into it (.xlsx, .csv, .tsv or .jsonl)")
    ((name, sheet),) = sheets.items()
    if sheet.file_size > MAX_SHEET:
        raise BadInput(f"its sheet {name} has {sheet.file_size >> 20:,} MiB unpacked; the limit is {MAX_SHEET >> 20:,} MiB")
    if len(remarks) > MAX_REMARKS:
        remarks[MAX_REMARKS:] = [f"and {len(remarks) - MAX_REMARKS:,} more files that are left out"]
    return Contents(archive, sheet, name, pictures, remarks)


def _unwanted(path: str, ending: str) -> str:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or ":" in parts[0]:
        return "its path leads out of the ZIP file; it is left out"
    if ending in _ARCHIVES:
        return "is an archive within the archive; unpack it first; it is left out"
    if ending == ".xls":
        return "is an old Excel file; save it as .xlsx; it is left out"
    if ending not in SHEETS and ending not in ENDINGS:
        return f"is neither a sheet nor a picture ({', '.join(sorted(ENDINGS))}); it is left out"
    return ""


def _left_by_system(path: str) -> bool:
    name = PurePosixPath(path).name
    return path.startswith("__MACOSX/") or name.startswith(("._", "~$")) or name.lower() in _LEFT_BY_SYSTEMS


def _path(entry: zipfile.ZipInfo) -> str:
    """The path as its packer meant it: Windows in Chinese writes GBK and calls it nothing."""
    return _name(entry).replace("\\", "/")


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF_8:
        return entry.filename
    if stated := _unicode_path(entry.extra):
        return stated
    try:
        raw = entry.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).partition("\x00")[0]
        except UnicodeDecodeError:
            continue
    return entry.filename


def _unicode_path(extra: bytes) -> str:
    """What the extra field "Info-ZIP Unicode Path" says."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        if kind == _UNICODE_PATH and size > _UNICODE_PATH_HEAD - 4:
            return extra[at + _UNICODE_PATH_HEAD : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return ""
