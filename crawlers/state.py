"""What the crawl stage knows between two runs (``DIR/crawl.db``): posts that the log has, threads read, pages kept.

A post is written here only after the log took it, so a kill at any moment repeats work and loses none.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crawlers.state_marks import MARKS
from humiao.post import Capture, Post
from humiao.sqlite_opening import statements, use_wal

WAIT: Final = 15.0
"""Seconds that one process waits for another that writes."""
VERSION: Final = 3
TABLES: Final = """
CREATE TABLE IF NOT EXISTS posts (id TEXT PRIMARY KEY, source TEXT NOT NULL, thread TEXT NOT NULL, revision TEXT NOT NULL,
    changed_at TEXT NOT NULL, gone_at TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS posts_of_thread ON posts (thread);
CREATE TABLE IF NOT EXISTS threads (url TEXT PRIMARY KEY, source TEXT NOT NULL, activity TEXT NOT NULL, tail TEXT NOT NULL,
    due_at TEXT, gone_at TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS threads_due ON threads (source, due_at);
CREATE TABLE IF NOT EXISTS pages (source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    capture TEXT NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (source TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (source, name))
    WITHOUT ROWID;
"""

DROP: Final = "".join(f"DROP TABLE IF EXISTS {name};" for name in ("posts", "threads", "pages", "notes", "unsaved", "copies"))

URGENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Due before all that only rested long enough."""


@dataclass(frozen=True)
class KeptPage:
    """The last content of a page and where it is kept."""

    etag: str
    last_modified: str
    capture: Capture


@dataclass(frozen=True)
class KnownThread:
    """A thread as it was last read."""

    activity: str
    """What its list showed then."""
    tail: str
    """Its last page: from there on new posts stand. Empty = unknown, it is read whole."""
    due: bool
    """It is time to look for edits and deletions."""


class CrawlState:
    """One connection to the file, usable by several threads in turn. All times are UTC.

    Many rows go in and out as one JSON text in one statement: Python hands its lock to another thread at each row of a result and
    at each statement, which is time that the crawl has not.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(file, timeout=WAIT, check_same_thread=False, isolation_level=None)
        with self._lock:
            use_wal(self._db, WAIT)
            self._db.execute("PRAGMA synchronous=NORMAL")
            with self._db:
                self._db.execute("BEGIN EXCLUSIVE")  # another process may open it at the same moment
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
                if version != VERSION:  # new, or of an earlier release: all is read once more, which the store takes as known
                    for statement in statements(f"{DROP}{TABLES}{MARKS}PRAGMA user_version = {VERSION};"):
                        self._db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, alone: what is written is there when the block ends, or not at all when it raises."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            yield self._db

    def revisions(self, ids: Iterable[str]) -> dict[str, str]:
        """The revision that the log has, by post id; posts noted as gone and posts not known are left out."""
        return self._revisions("gone_at IS NULL", ids)

    def gone_revisions(self, ids: Iterable[str]) -> dict[str, str]:
        """The revision that the log has, by post id, of posts noted as gone."""
        return self._revisions("gone_at IS NOT NULL", ids)

    def acknowledge(self, posts: Iterable[tuple[str, Post]], now: datetime) -> None:
        """The log has these posts (each with its thread's address, empty for a feed's)."""
        rows = [(post.id, post.source, thread, post.revision, _text(min(post.ts, now))) for thread, post in posts]
        with self._lock:
            self._db.execute(
                """INSERT INTO posts (id, source, thread, revision, changed_at)
                SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1) WHERE true
                ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, gone_at = NULL, changed_at = ?2,
                    thread = CASE excluded.thread WHEN '' THEN thread ELSE excluded.thread END,
                    source = CASE excluded.thread WHEN '' THEN source ELSE excluded.source END""",
                (json.dumps(rows), _text(now)),
            )

    def place(self, source: str, thread: str, ids: Iterable[str]) -> None:
        """These known posts stand in `thread`, which `source` reads: first met in a feed, or moved."""
        query = "UPDATE posts SET thread = ?1, source = ?2 WHERE id IN (SELECT value FROM json_each(?3)) AND thread <> ?1"
        with self._lock:
            self._db.execute(query, (thread, source, json.dumps(list(ids))))

    def _revisions(self, condition: str, ids: Iterable[str]) -> dict[str, str]:
        query = f"""SELECT json_group_object(id, revision) FROM posts
            WHERE id IN (SELECT value FROM json_each(?)) AND {condition}"""  # noqa: S608 (no value from outside)
        with self._lock:
            (found,) = self._db.execute(query, (json.dumps(list(ids)),)).fetchone()
        return dict(json.loads(found))

    def live_posts(self, thread: str) -> set[str]:
        """Ids of the thread's posts that are not noted as gone."""
        with self._lock:
            return {row[0] for row in self._db.execute("SELECT id FROM posts WHERE thread = ? AND gone_at IS NULL", (thread,))}

    def gone(self, ids: Iterable[str], now: datetime) -> None:
        """These posts are no longer to be seen."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE posts SET gone_at = ?1, changed_at = ?1 WHERE id = ?2", [(_text(now), id) for id in ids])

    def last_change(self, thread: str) -> datetime | None:
        """When the thread last had a new post, an edit or a deletion, as far as we saw it."""
        with self._lock:
            (found,) = self._db.execute("SELECT max(changed_at) FROM posts WHERE thread = ?", (thread,)).fetchone()
        return datetime.fromisoformat(found) if found else None

    def thread_read(self, source: str, url: str, activity: str, tail: str, due_at: datetime | None) -> None:
        """A thread was read; `due_at`: when it is looked at again though nothing seems new (None: no more)."""
        row = (url, source, activity, tail, _text(due_at) if due_at else None)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO threads (url, source, activity, tail, due_at) VALUES (?, ?, ?, ?, ?)", row)

    def thread_grown(self, url: str, activity: str, tail: str, due_at: datetime | None) -> None:
        """The end of a thread was read; when it is read whole again changes only if `due_at` says so."""
        with self._lock:
            row = (activity, tail, _text(due_at) if due_at else None, url)
            self._db.execute("UPDATE threads SET activity = ?, tail = ?, due_at = coalesce(?, due_at) WHERE url = ?", row)

    def thread_gone(self, source: str, url: str, now: datetime) -> None:
        """The thread itself is gone."""
        with self._lock:
            row = (url, source, _text(now))
            self._db.execute("INSERT OR REPLACE INTO threads (url, source, activity, tail, gone_at) VALUES (?, ?, '', '', ?)", row)

    def thread(self, url: str, now: datetime) -> KnownThread | None:
        """What is known of a thread that was read before and is not gone."""
        query = "SELECT activity, tail, due_at FROM threads WHERE url = ? AND gone_at IS NULL"
        with self._lock:
            row = self._db.execute(query, (url,)).fetchone()
        return KnownThread(row[0], row[1], row[2] is not None and row[2] <= _text(now)) if row else None

    def due(self, source: str, now: datetime) -> list[str]:
        """Threads of the source whose time to be looked at has come, longest waiting first."""
        query = "SELECT url FROM threads WHERE source = ? AND due_at <= ? AND gone_at IS NULL ORDER BY due_at"
        with self._lock:
            return [row[0] for row in self._db.execute(query, (source, _text(now)))]

    def hasten(self, source: str, threads: Iterable[str]) -> None:
        """Look at these known threads before any other that is due."""
        rows = [(_text(URGENT), source, url) for url in threads]
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE threads SET due_at = ? WHERE source = ? AND url = ? AND gone_at IS NULL", rows)

    def note(self, source: str, name: str) -> str:
        """A note that the source keeps from one visit to the next; empty = none."""
        with self._lock:
            row = self._db.execute("SELECT value FROM notes WHERE source = ? AND name = ?", (source, name)).fetchone()
        return str(row[0]) if row else ""

    def keep_note(self, source: str, name: str, value: str) -> None:
        """Keep a note."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (source, name, value))

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
