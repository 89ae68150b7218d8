"""What the crawl stage knows between two runs (``DIR/crawl.db``): posts that the log has, threads read, pages kept.

A post is written here only after the log took it, so a kill at any moment repeats work and loses none.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from humiao.post import Capture, Post

TABLES: Final = """
CREATE TABLE IF NOT EXISTS posts (id TEXT PRIMARY KEY, source TEXT NOT NULL, thread TEXT NOT NULL, revision TEXT NOT NULL,
    ts TEXT NOT NULL, gone_at TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS posts_of_thread ON posts (thread);
CREATE TABLE IF NOT EXISTS threads (url TEXT PRIMARY KEY, source TEXT NOT NULL, activity TEXT NOT NULL, read_at TEXT NOT NULL,
    gone_at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    capture TEXT NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class KeptPage:
    """The last content of a page and where it is kept."""

    etag: str
    last_modified: str
    capture: Capture


class CrawlState:
    """One connection to the file, usable by several threads in turn. All times are UTC."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, timeout=15, check_same_thread=False, isolation_level=None)
        with self._lock:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def revisions(self, ids: Iterable[str]) -> dict[str, str]:
        """The revision that the log has, by post id; posts noted as gone and posts not known are left out."""
        with self._lock:
            found: dict[str, str] = {}
            for id in ids:
                if row := self._db.execute("SELECT revision FROM posts WHERE id = ? AND gone_at IS NULL", (id,)).fetchone():
                    found[id] = row[0]
            return found

    def acknowledge(self, posts: Iterable[tuple[str, Post]]) -> None:
        """The log has these posts (each with its thread's address, empty for a feed's)."""
        rows = [(post.id, post.source, thread, post.revision, _text(post.ts)) for thread, post in posts]
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                """INSERT INTO posts (id, source, thread, revision, ts) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, gone_at = NULL, ts = excluded.ts,
                    thread = CASE excluded.thread WHEN '' THEN thread ELSE excluded.thread END""",
                rows,
            )

    def place(self, thread: str, ids: Iterable[str]) -> None:
        """These known posts stand in `thread`: first met in a feed, or moved."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE posts SET thread = ? WHERE id = ? AND thread <> ?", [(thread, id, thread) for id in ids])

    def live_posts(self, thread: str) -> set[str]:
        """Ids of the thread's posts that are not noted as gone."""
        with self._lock:
            return {row[0] for row in self._db.execute("SELECT id FROM posts WHERE thread = ? AND gone_at IS NULL", (thread,))}

    def thread_read(self, source: str, thread: str, activity: str, gone: Iterable[str], now: datetime, *, closed: bool) -> None:
        """A thread was read to its end; `gone` are the posts that it no longer has, `closed` says that it is gone itself."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE posts SET gone_at = ? WHERE id = ?", [(_text(now), id) for id in gone])
            self._db.execute(
                """INSERT INTO threads VALUES (?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET
                activity = excluded.activity, read_at = excluded.read_at, gone_at = excluded.gone_at""",
                (thread, source, activity, _text(now), _text(now) if closed else None),
            )

    def unchanged(self, thread: str, activity: str, since: datetime) -> bool:
        """Whether the thread was read to its end after `since` and the list shows the same activity as then."""
        with self._lock:
            row = self._db.execute("SELECT activity, read_at FROM threads WHERE url = ? AND gone_at IS NULL", (thread,)).fetchone()
        return row is not None and row[0] == activity != "" and row[1] > _text(since)

    def activity(self, thread: str) -> str:
        """What the list showed when the thread was last read."""
        with self._lock:
            row = self._db.execute("SELECT activity FROM threads WHERE url = ?", (thread,)).fetchone()
        return str(row[0]) if row else ""

    def watched(self, source: str, young: datetime, due: datetime) -> list[str]:
        """Threads with a post newer than `young`, not gone, last read before `due`; longest unread first."""
        query = """SELECT url FROM threads WHERE source = ? AND gone_at IS NULL AND read_at < ?
            AND EXISTS (SELECT 1 FROM posts WHERE thread = url AND gone_at IS NULL AND ts > ?) ORDER BY read_at"""
        with self._lock:
            return [row[0] for row in self._db.execute(query, (source, _text(due), _text(young)))]

    def page(self, source: str, url: str) -> KeptPage | None:
        """What is kept of the page."""
        with self._lock:
            query = "SELECT etag, last_modified, capture FROM pages WHERE source = ? AND url = ?"
            row = self._db.execute(query, (source, url)).fetchone()
        return KeptPage(row[0], row[1], Capture.model_validate_json(row[2])) if row else None

    def keep_page(self, source: str, url: str, page: KeptPage) -> None:
        """Remember validators and capture of a page."""
        row = (source, url, page.etag, page.last_modified, page.capture.model_dump_json())
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?)", row)

    def counts(self) -> Mapping[str, int]:
        """Posts known, and of them gone."""
        with self._lock:
            known, gone = self._db.execute("SELECT count(*), count(gone_at) FROM posts").fetchone()
        return {"known": known, "gone": gone}


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
