"""Files that a killed process left behind are cut back to their last whole record."""

import fcntl
import os
import zlib
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from crawlers.warc.names import seal
from humiao import metrics

_CHUNK: Final = 256 * 1024
_lines = structlog.get_logger()


def repair(file: Path) -> int | None:
    """Finish a file that was not finished by who wrote it; its size then (0 = it held no record and was removed).

    Returns None, and changes nothing, while a living process writes to it: that one holds a lock on it.
    """
    with file.open("r+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        size, whole = os.fstat(stream.fileno()).st_size, whole_records(stream)
        if not whole:
            file.unlink()
        elif whole < size:
            needed = file.stat().st_mtime_ns
            stream.truncate(whole)
            os.fsync(stream.fileno())
            os.utime(file, ns=(needed, needed))
        if whole < size:
            metrics.WARC_REPAIRED.inc()
            metrics.WARC_CUT.inc(size - whole)
            _lines.warning("the end of a WARC file was cut off by a kill and is removed", file=file.name, bytes=size - whole)
        if whole:
            seal(file)
        return whole


def whole_records(stream: BinaryIO) -> int:
    """Bytes from the beginning of `stream` to the end of its last whole gzip member; memory stays small whatever it holds."""
    stream.seek(0)
    whole = position = 0
    rest = b""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
    while data := rest or stream.read(_CHUNK):
        try:
            unpacker.decompress(data, _CHUNK)
        except zlib.error:
            break
        rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        position += len(data) - len(rest)
        if unpacker.eof:
            whole = position
            unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
    return whole
