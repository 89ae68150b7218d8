"""Keeping the folder of WARC files in order: files of killed processes finished, old ones deleted, disk use told."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from crawlers.warc.disk import DiskUse
from crawlers.warc.names import FileName, sealed
from crawlers.warc.repair import repair
from crawlers.warc.window import Window
from humiao import metrics

_lines = structlog.get_logger()


@dataclass(frozen=True)
class Swept:
    """What a sweep did."""

    deleted: int
    """Files whose time was over."""
    crowded_out: int
    """Files deleted before their time, because the folder was full."""


@dataclass(frozen=True)
class _File:
    path: Path
    name: FileName
    size: int
    needed: datetime
    open: bool


def sweep(folder: Path, window: Window, keep_bytes: int, use: DiskUse, now: datetime) -> Swept:
    """One round. Several processes may do it at once; a file that is being written is never touched."""
    files = sorted(_listed(folder), key=lambda one: (one.name.begun, not one.name.revisits, one.path.name))
    use.correct({one.path.name: one.size for one in files}, {one.path.name for one in files if one.open})
    over: list[_File] = []
    left: list[_File] = []
    for one in files:
        (over if not one.open and window.expires(one.name, one.needed) <= now else left).append(one)
    crowded = _too_many(left, keep_bytes)
    for one in sorted(over, key=lambda one: not one.name.revisits):  # what refers goes before what is referred to
        _delete(one, "age", use)
    for one in crowded:
        _delete(one, "space", use)
    if crowded:
        _lines.error(
            "WARC files deleted before their time: the folder is full",
            files=len(crowded), bytes=sum(one.size for one in crowded), keep_bytes=keep_bytes,
            newest_deleted=crowded[-1].name.begun.isoformat(), advice="raise crawl.keep_bytes, or lower crawl.keep_days",
        )  # fmt: skip
    return Swept(len(over), len(crowded))


def _listed(folder: Path) -> Iterator[_File]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        name = FileName.of(entry.name)
        if name is None:
            continue
        with suppress(FileNotFoundError):  # another process deleted it meanwhile
            found = entry.stat(follow_symlinks=False)
            size, growing = found.st_size, False
            if not sealed(found.st_mode):
                whole = repair(Path(entry.path))
                size, growing = (size, True) if whole is None else (whole, False)
            if size or growing:
                yield _File(Path(entry.path), name, size, datetime.fromtimestamp(found.st_mtime, UTC), growing)


def _too_many(files: list[_File], keep_bytes: int) -> list[_File]:
    """The oldest files that have to go so that the rest has no more than `keep_bytes`."""
    total = sum(one.size for one in files)
    chosen: list[_File] = []
    for one in files:
        if total <= keep_bytes:
            break
        if not one.open:
            chosen.append(one)
            total -= one.size
    return chosen


def _delete(one: _File, reason: str, use: DiskUse) -> None:
    with suppress(FileNotFoundError):  # another process was faster, and counted it
        one.path.unlink()
        metrics.WARC_FILES_DELETED.labels(reason).inc()
        metrics.WARC_BYTES_DELETED.labels(reason).inc(one.size)
    use.note(one.path.name, 0)
