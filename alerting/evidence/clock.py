"""What this machine knows of the error of its clock: the kernel's account of its time synchronisation (Linux adjtimex(2))."""

import ctypes
import sys
from typing import Any, Final

_UNSYNCHRONISED: Final = 0x0040
_NANOSECONDS: Final = 0x2000
_ROOM: Final = 256
"""Bytes for ``struct timex``, which is 208 long on 64-bit Linux."""


class _Timex(ctypes.Structure):
    """The beginning of ``struct timex``."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * _ROOM),
    )


def state() -> dict[str, Any]:
    """Whether the clock follows a time source, and the kernel's bounds of its error (seconds); empty where it can't be said."""
    if not sys.platform.startswith("linux"):
        return {}
    told = _Timex()  # modes = 0: read only
    try:
        failed = ctypes.CDLL(None).adjtimex(ctypes.byref(told)) < 0
    except (OSError, AttributeError):
        return {}
    if failed:
        return {}
    synchronised = not told.status & _UNSYNCHRONISED
    unit = 1e-9 if told.status & _NANOSECONDS else 1e-6
    bounds = {
        "offset_seconds": round(told.offset * unit, 9),
        "estimated_error_seconds": round(told.esterror * 1e-6, 6),
        "maximum_error_seconds": round(told.maxerror * 1e-6, 6),
    }
    return {"source": "adjtimex", "synchronised": synchronised} | (bounds if synchronised else {})
