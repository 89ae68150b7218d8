"""A process with all that it started: how much memory it holds, and its end."""

import contextlib
import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36
_KIB: Final = 1024
_PATIENCE: Final = 2.0
"""Seconds that a killed process may take to go."""


def adopt_orphans() -> None:
    """From now on processes whose parent ends become children of this one, so that `descendants` misses none (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """All processes below `pid`, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (entry / "stat").read_text()
                parent = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = list(children.get(pid, ()))
    for one in found:
        found += children.get(one, ())
    return found


def memory(pid: int) -> int:
    """Bytes of main memory that `pid` and all below it hold for themselves: anonymous and shared, not files."""
    total = 0
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * _KIB
    return total


def kill_tree(pid: int) -> None:
    """End `pid` and everything below it at once."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)  # starts nothing more
    deadline = time.monotonic() + _PATIENCE
    while (below := [one for one in descendants(pid) if not _is_dead(one)]) and time.monotonic() < deadline:
        for one in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (OSError, IndexError):
        return True
