"""One SQLite file that several threads and processes read and write: connections, transactions, what its errors mean."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from humiao.errors import SettingsError, StoreUnavailable
from humiao.sqlite_opening import use_wal
from humiao.store import sqlite_schema

WAIT: Final = 10.0
"""Seconds that a writer waits for the others before it gives up."""


class SqliteFile:
    """The file with its open connections. Safe to share between threads: each use borrows a connection of its own."""

    def __init__(self, path: Path, *, wait: float = WAIT) -> None:
        """Open `path` and create what is missing.

        Raises:
            SettingsError: the file is no store of this version.
            StoreUnavailable: it can't be opened, or is locked for longer than `wait` seconds.
        """
        self.path, self._wait = path, wait
        self._idle: list[sqlite3.Connection] = []
        self._lock, self._closed = threading.Lock(), False
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._borrowed() as db:
                use_wal(db, wait)
            if self._stamp() != sqlite_schema.VERSION:
                with self.writing() as db:
                    sqlite_schema.prepare(db, str(path))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for queries; each sees what was committed when it began."""
        with self._translated(), self._borrowed() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed, durably, when the block ends; undone when it raises."""
        with self._translated(), self._borrowed() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connections; those in use follow when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"store {self.path}: is closed")
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._connect()
        try:
            yield db
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(db)
            if not keep:
                db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=self._wait, isolation_level=None, check_same_thread=False)
        # FULL: in WAL mode NORMAL may lose the last commits when power fails, and a finished write is promised to last.
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _stamp(self) -> int:
        with self._borrowed() as db:
            return sqlite_schema.stamped(db)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_NOTADB:
                raise SettingsError(f"store: {self.path} is no SQLite file; name another one") from error
            if code not in _OUTAGES:
                raise
            raise StoreUnavailable(f"store {self.path}: {error}; {_OUTAGES[code]}") from error
        except OSError as error:
            raise StoreUnavailable(f"store {self.path}: {error.strerror}; check the folder and its rights") from error


_OUTAGES: Final = {
    sqlite3.SQLITE_BUSY: "another process holds it, try again",
    sqlite3.SQLITE_LOCKED: "another process holds it, try again",
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "check the disk",
    sqlite3.SQLITE_CANTOPEN: "check the folder and its rights",
    sqlite3.SQLITE_READONLY: "check the rights of file and folder",
    sqlite3.SQLITE_PERM: "check the rights of file and folder",
    sqlite3.SQLITE_CORRUPT: "the file is damaged, restore it from a backup",
}
