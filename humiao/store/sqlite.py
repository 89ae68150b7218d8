"""The embedded store: one SQLite file, no server. WAL lets several processes read while one writes."""

from pathlib import Path

from humiao.store.sqlite_alerts import SqliteAlerts
from humiao.store.sqlite_file import WAIT, SqliteFile
from humiao.store.sqlite_notes import SqliteNotes
from humiao.store.sqlite_posts import SqlitePosts
from humiao.store.sqlite_records import SqliteRecords


class SqliteStore(SqlitePosts, SqliteAlerts, SqliteRecords, SqliteNotes):
    """A store in one file. Safe to share between threads, and the file between processes of one machine."""

    def __init__(self, path: Path, *, wait: float = WAIT) -> None:
        """Open `path`, creating folder, file and tables as needed; `wait` is how long to queue behind other writers (seconds).

        Raises:
            SettingsError: the file is no store, or one of a newer version.
            StoreUnavailable: it can't be opened, or stays locked.
        """
        self._file = SqliteFile(path, wait=wait)

    def ping(self) -> None:  # noqa: D102 (the port says it)
        with self._file.reading() as db:
            db.execute("SELECT count(*) FROM accounts").fetchone()

    def close(self) -> None:  # noqa: D102
        self._file.close()
