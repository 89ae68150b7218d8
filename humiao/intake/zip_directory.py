"""Opening a ZIP file that somebody sent: the limits hold before anything is unpacked."""

import lzma
import os
import struct
import zipfile
import zlib
from typing import IO, Final

from humiao.errors import BadInput

MAX_DIRECTORY: Final = 16 << 20
"""Bytes of the list of contents (some 150,000 names)."""
MAX_TOTAL: Final = 8 << 30
"""Bytes of all contents, unpacked."""
FREE: Final = 512 << 20
"""Bytes, unpacked, below which no ratio is asked for."""
MAX_RATIO: Final = 100
"""Unpacked to packed bytes beyond FREE."""
DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
)
"""What unpacking a damaged file raises."""
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_COMMENT: Final = 1 << 16
_ENCRYPTED: Final = 0x1


def open_zip(stream: IO[bytes]) -> zipfile.ZipFile:
    """The ZIP file in `stream`.

    Raises:
        BadInput: it is none, is damaged or encrypted, or would grow beyond the limits.
    """
    length = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, length - _COMMENT - _END_SIZE))
    tail = stream.read()
    end = tail.rfind(_END)
    if end < 0:
        raise BadInput("is no ZIP file, or its end is missing; copy or download it again")
    if int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        raise BadInput(f"lists contents of more than {MAX_DIRECTORY >> 20} MiB, or is beyond 4 GiB; split it")
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (*DAMAGED, ValueError) as error:
        raise BadInput(f"is a damaged ZIP file ({error}); copy or download it again") from error
    if any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist()):
        raise BadInput("is encrypted; unpack it with its password and pack it again without one")
    total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_TOTAL or (total > FREE and total > MAX_RATIO * length):
        raise BadInput(f"would unpack to {total >> 20:,} MiB from {length >> 10:,} KiB; that is no clue sheet, it was left alone")
    return archive
