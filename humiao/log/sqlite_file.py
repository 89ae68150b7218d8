"""The file of the embedded log: its tables, how it is opened, and what its errors mean to a caller."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from humiao.errors import LogUnavailable
from humiao.sqlite_opening import statements, use_wal

PATIENCE: Final = 15.0
"""Seconds that one call waits for other writers before it gives up."""
VERSION: Final = 1
"""Of the tables below, kept in the file's ``user_version``."""

TABLES: Final = """
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
-- One row per partition: the offset that the next message gets. It stays when messages expire.
CREATE TABLE ends (topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE messages (topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    written_at INTEGER NOT NULL,  -- milliseconds since 1970 UTC
    key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB NOT NULL);
CREATE UNIQUE INDEX messages_in_order ON messages (topic, partition, offset);
-- Where a group stands in a partition, and which member owns it; the epoch rises with every new owner.
CREATE TABLE positions (topic INTEGER NOT NULL, grp TEXT NOT NULL, partition INTEGER NOT NULL,
    committed INTEGER NOT NULL, owner INTEGER, epoch INTEGER NOT NULL,
    PRIMARY KEY (topic, grp, partition)) WITHOUT ROWID;
-- Ids rise with time of joining and are never used again.
CREATE TABLE members (id INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, grp TEXT NOT NULL,
    process TEXT NOT NULL, renewed REAL NOT NULL, lease REAL NOT NULL);
"""


class LogFile:
    """One connection to the file, usable by several threads in turn; opened at first use, so that a broken disk is an outage.

    Every method raises LogUnavailable, with the path and the reason, when the file can't be read or written.
    """

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "NORMAL"]) -> None:
        """`synchronous` as in SQLite: FULL flushes each transaction to disk, NORMAL outlives the process but not a power cut."""
        self.path, self._synchronous = path, synchronous
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, each statement on its own."""
        with self._lock, self._explained():
            yield self._open()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start; all of it or nothing lasts."""
        with self._lock, self._explained():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connection; a later use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise LogUnavailable(f"log {self.path}: {error}; see that disk and file are there, writable and not full") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LogUnavailable(f"log {self.path}: {error.strerror}; name another folder with --data") from error
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        use_wal(connection, PATIENCE)
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA secure_delete=ON")  # what expires names children; it shall not linger in free pages
        if _version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        found = _version(connection)  # another process may have been first
        if found == 0:
            for statement in statements(TABLES):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
        if found not in {0, VERSION}:
            raise LogUnavailable(
                f"log {self.path}: written by another version of humiao (layout {found}, not {VERSION}); use that one"
            )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
