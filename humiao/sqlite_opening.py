"""What every SQLite file of ours needs when it is opened, whichever stage it belongs to."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Final

_IN_USE: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_PAUSE: Final = 0.02


def use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Switch the file to WAL, in which readers and a writer don't wait for each other.

    Tried again for `patience` seconds: SQLite's own waiting does not cover two processes that switch a file at the same moment.

    Raises:
        sqlite3.OperationalError: others kept the file for all that time, or it can't be switched at all.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _IN_USE or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def statements(script: str) -> Iterator[str]:
    """The statements of `script` one by one: `executescript` would end a transaction that is under way."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
