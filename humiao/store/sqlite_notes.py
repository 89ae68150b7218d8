"""Notes in SQLite."""

import secrets
from collections.abc import Collection, Mapping

from humiao.errors import Conflict
from humiao.store.port import Store, Versioned
from humiao.store.sqlite_file import SqliteFile

_PUT = "INSERT OR REPLACE INTO notes (kind, key, version, doc) VALUES (?, ?, ?, ?)"


class SqliteNotes(Store):
    """The part of the store that keeps notes. A version is drawn by lot, so that one dropped and written anew has another."""

    _file: SqliteFile

    def note(self, kind: str, key: str) -> Versioned[str] | None:  # noqa: D102 (the port says it)
        with self._file.reading() as db:
            row = db.execute("SELECT doc, version FROM notes WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return Versioned(*row) if row else None

    def notes(self, kind: str) -> dict[str, Versioned[str]]:  # noqa: D102
        with self._file.reading() as db:
            rows = db.execute("SELECT key, doc, version FROM notes WHERE kind = ? ORDER BY key", (kind,)).fetchall()
        return {key: Versioned(doc, version) for key, doc, version in rows}

    def put_note(self, kind: str, key: str, text: str, version: str | None) -> str:  # noqa: D102
        new = secrets.token_hex(8)
        with self._file.writing() as db:
            row = db.execute("SELECT version FROM notes WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            if (row[0] if row else None) != version:
                what = "exists already" if version is None else "was written or dropped by someone else since it was read"
                raise Conflict(f"note {kind}/{key}: {what}; read it again and decide anew")
            db.execute(_PUT, (kind, key, new, text))
        return new

    def put_notes(self, kind: str, notes: Mapping[str, str]) -> None:  # noqa: D102
        with self._file.writing() as db:
            db.executemany(_PUT, [(kind, key, secrets.token_hex(8), text) for key, text in notes.items()])

    def drop_notes(self, kind: str, keys: Collection[str]) -> None:  # noqa: D102
        with self._file.writing() as db:
            db.executemany("DELETE FROM notes WHERE kind = ? AND key = ?", [(kind, key) for key in keys])
