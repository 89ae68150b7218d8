"""Keeps a member's lease while its process lives, however long a batch takes; kill -9 or a halt of the process ends that."""

import threading
import time
from pathlib import Path

import structlog

from humiao.errors import LogUnavailable
from humiao.log.sqlite_file import LogFile

_lines = structlog.get_logger()


class LeaseRenewal:
    """A thread with a connection of its own that renews `member` three times per lease; it starts with the first member."""

    def __init__(self, path: Path, lease: float) -> None:
        """`lease` is in seconds."""
        self._file, self._lease = LogFile(path, synchronous="NORMAL"), lease
        self._member: int | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def member(self) -> int | None:
        """Id of the member to renew; None while there is none."""
        return self._member

    @member.setter
    def member(self, member: int | None) -> None:
        self._member = member
        if self._thread is None and member is not None:
            self._thread = threading.Thread(target=self._run, name="lease-renewal", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Renew no more; the thread ends by itself."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._lease / 3):
            if self._member is not None:
                self._renew(self._member)
        self._file.close()

    def _renew(self, member: int) -> None:
        try:
            with self._file.writing() as db:
                db.execute("UPDATE members SET renewed = ? WHERE id = ?", (time.time(), member))
        except LogUnavailable as error:
            _lines.warning("lease not renewed", reason=str(error))
