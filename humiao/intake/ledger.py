"""Which posts of a file went to the log: kept on disk, so that a file of any length fits into memory."""

import sqlite3
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Final, Self

_CACHE_KIB: Final = 32 * 1024
_VARIABLES: Final = 500


class Ledger:
    """Revisions by post id, in a temporary file of SQLite that is gone when it is closed."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._base.execute("CREATE TABLE appended (id BLOB PRIMARY KEY, revision BLOB NOT NULL) WITHOUT ROWID")
        self._base.execute("BEGIN")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def revisions(self, ids: Collection[str]) -> dict[str, str]:
        """The revision noted last of each of `ids` that was noted; at most a few hundred at a time."""
        keys = [bytes.fromhex(id) for id in ids]
        found: dict[str, str] = {}
        for start in range(0, len(keys), _VARIABLES):
            part = keys[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            rows = self._base.execute(f"SELECT id, revision FROM appended WHERE id IN ({marks})", part)  # noqa: S608 (marks only)
            found |= {id.hex(): revision.hex() for id, revision in rows}
        return found

    def note(self, revisions: dict[str, str]) -> None:
        """Note that these posts went to the log in these revisions."""
        known = len(self.revisions(revisions))
        self._base.executemany(
            "INSERT OR REPLACE INTO appended VALUES (?, ?)",
            [(bytes.fromhex(id), bytes.fromhex(revision)) for id, revision in revisions.items()],
        )
        self._count += len(revisions) - known

    def strike(self, ids: Collection[str]) -> None:
        """Forget these posts: they have arrived."""
        struck = len(self.revisions(ids))
        self._base.executemany("DELETE FROM appended WHERE id = ?", [(bytes.fromhex(id),) for id in ids])
        self._count -= struck

    def batches(self, size: int) -> Iterator[dict[str, str]]:
        """All that is noted, `size` posts at a time; what was given may be struck meanwhile."""
        last = b""
        while rows := self._base.execute(
            "SELECT id, revision FROM appended WHERE id > ? ORDER BY id LIMIT ?", (last, size)
        ).fetchall():
            last = rows[-1][0]
            yield {id.hex(): revision.hex() for id, revision in rows}

    def close(self) -> None:
        """Delete the file."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
