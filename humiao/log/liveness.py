"""Whether the process that wrote a row still lives, asked of the operating system instead of waiting for a lease to run out.

A mark names a process for good: machine start, process-id namespace, process id, start time. The number alone would not do:
it is used again after a restart, and means another process in another container. Where the system has no /proc, no process is
ever declared gone and the lease decides.
"""

import os
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_ENDED = frozenset("ZXx")
"""States of a process that has ended, whether or not its parent has noticed."""


def mark() -> str:
    """The mark of this process: ``BOOT/NAMESPACE/PID/START``; parts that can't be told are ``?``."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_state_and_start(pid)[1]}"


def is_gone(mark: str) -> bool:
    """True when the process of `mark` has certainly ended; False when it lives or this process can't know."""
    place, pid, start = mark.rsplit("/", 2)
    if "?" in mark or place != _place():
        return False
    state, started = _state_and_start(int(pid))
    if started == "?":
        return not _answers(int(pid))
    return started != start or state in _ENDED


def _answers(pid: int) -> bool:
    """Whether the number is in use; asked when /proc shows nothing, as it may hide other users' processes."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return "?/?"


def _state_and_start(pid: int) -> tuple[str, str]:
    """State letter and start time (clock ticks since boot) of a process; ``?`` and ``?`` when there is none."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "?", "?"
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return fields[0], fields[19]
