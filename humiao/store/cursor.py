"""Cursors: where a list goes on, as a string that callers pass back unread."""

import base64
import json
import zlib
from typing import Any, Final

from humiao.errors import BadInput

MAX_PAGE: Final = 5_000
"""Most results that one page may hold."""
_INT64: Final = 2**63
_MOST_BYTES: Final = 1024 * 1024


def encode(kind: str, *place: int | str) -> str:
    """A cursor of the list `kind` (``posts``, ``alerts``) that stands at `place`."""
    raw = json.dumps([kind, *place], ensure_ascii=False, separators=(",", ":")).encode()
    # Compressed: the point in time of sixty daily indices takes ten kilobytes, and a cursor must fit into an address.
    return base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


def decode(cursor: str, kind: str, *shape: type[int] | type[str]) -> list[int | str]:
    """The place that `encode` was given; `shape` are the types of its parts.

    Raises:
        BadInput: it is no cursor, or one of another list or store.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        found: Any = json.loads(unpacker.decompress(packed, _MOST_BYTES)) if packed else None
    except (ValueError, zlib.error) as error:
        raise BadInput("after: is no cursor; begin again without it") from error
    fits = (
        unpacker.eof
        and isinstance(found, list)
        and [type(part) for part in found] == [str, *shape]
        and found[0] == kind
        and all(abs(part) < _INT64 for part in found if isinstance(part, int))
    )
    if not fits:
        raise BadInput("after: is a cursor of another list or store; begin again without it")
    place: list[int | str] = found[1:]
    return place


def page_size(limit: int) -> int:
    """`limit`, if a page may be that large.

    Raises:
        BadInput: it is below 1 or above MAX_PAGE.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput(f"limit: must be 1 to {MAX_PAGE}, not {limit}")
    return limit
