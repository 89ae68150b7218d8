"""Which encoding a text file has: UTF-8 and UTF-16 by mark or by their bytes, otherwise what Chinese Excel writes (GB18030)."""

import codecs
from typing import IO, Final

from humiao.errors import BadInput

DAMAGED: Final = "\udcff"
"""Stands for bytes that the encoding does not have; no file can bring this character itself."""
ERRORS: Final = "humiao-damaged"
CHINESE: Final = "gb18030"
_CHUNK: Final = 1 << 20
_HEAD: Final = 4096
_LONGEST_CHARACTER: Final = 4
_FEW_NULS, _MANY_NULS = 0.1, 0.3
"""Shares of NULs that speak for UTF-16: where the bytes are no UTF-8 anyway, and where they are."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

codecs.register_error(ERRORS, lambda error: (DAMAGED, getattr(error, "end", 0)))


def encoding_of(stream: IO[bytes]) -> str:
    """Python's name of the encoding; the stream is read whole and left at its beginning.

    One pass and a fixed amount of memory, whatever the file's length: the first Chinese character may stand at its end.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if name := _utf_16_without_mark(head):
        return name
    characters, errors = _as_utf_8(stream)
    stream.seek(0)
    return "utf-8" if errors * 10 <= characters else CHINESE


def checked(name: str) -> str:
    """`name` if it is a text encoding that Python knows.

    Raises:
        BadInput: it is none.
    """
    try:
        known = "".encode(name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise BadInput(f"--encoding {name}: no such encoding; use utf-8, gb18030, utf-16 or big5") from error
    assert isinstance(known, bytes)
    return name


def _utf_16_without_mark(head: bytes) -> str:
    """ASCII in UTF-16 has a NUL in every other byte: commas, digits and line ends are enough to tell."""
    pairs = len(head) // 2
    if not pairs:
        return ""
    even, odd = head[0 : pairs * 2 : 2].count(0) / pairs, head[1 : pairs * 2 : 2].count(0) / pairs
    least = _FEW_NULS if DAMAGED in head[:-_LONGEST_CHARACTER].decode("utf-8", ERRORS) else _MANY_NULS
    if odd > least and even <= odd / 10:
        return "utf-16-le"
    if even > least and odd <= even / 10:
        return "utf-16-be"
    return ""


def _as_utf_8(stream: IO[bytes]) -> tuple[int, int]:
    """How many characters beyond ASCII the bytes have as UTF-8, and at how many places they are no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")(ERRORS)
    characters = errors = 0
    while True:
        chunk = stream.read(_CHUNK)
        if chunk.isascii() and not decoder.getstate()[0] and chunk:
            continue
        text = decoder.decode(chunk, final=not chunk)
        damaged = text.count(DAMAGED)
        errors += damaged
        characters += len(text) - damaged - len(text.encode("ascii", "ignore"))
        if not chunk:
            return characters, errors
