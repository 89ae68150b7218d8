"""Entries of the crawl state as texts for the store, and back; see `crawlers.state_marks` for their names."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

_OF_SOURCE: Final = ("posts", "threads", "pages", "notes")


def entry_text(db: sqlite3.Connection, source: str, entry: str) -> str | None:
    """The entry as JSON; None = it no longer exists."""
    kind, name = entry[0], entry[2:]
    content = _READERS[kind](db, source, name)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) if content else None


def all_entries(db: sqlite3.Connection, source: str) -> set[str]:
    """Names of all entries of a source."""
    queries = (
        "SELECT DISTINCT CASE thread WHEN '' THEN 'f ' || substr(id, 1, 2) ELSE 't ' || thread END FROM posts WHERE source = ?",
        "SELECT 't ' || url FROM threads WHERE source = ?",
        "SELECT 'p ' || url FROM pages WHERE source = ?",
        "SELECT 'n ' || name FROM notes WHERE source = ?",
    )
    return {row[0] for query in queries for row in db.execute(query, (source,))}


def replace_entries(db: sqlite3.Connection, source: str, texts: Mapping[str, str]) -> None:
    """Make the state of `source` what `texts` (entry → JSON) say, in the caller's transaction; nothing of it is unsaved then."""
    for table in _OF_SOURCE:
        db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608 (names of our own tables)
    for entry, text in texts.items():
        _WRITERS[entry[0]](db, source, entry[2:], json.loads(text))
    db.execute("DELETE FROM unsaved WHERE source = ?", (source,))


def _thread(db: sqlite3.Connection, source: str, url: str) -> dict[str, Any]:
    query = "SELECT id, revision, changed_at, gone_at FROM posts WHERE thread = ? AND source = ?"
    posts = {row[0]: row[1:] for row in db.execute(query, (url, source))}
    query = "SELECT activity, tail, due_at, gone_at FROM threads WHERE url = ? AND source = ?"
    thread = db.execute(query, (url, source)).fetchone()
    return {key: value for key, value in (("thread", thread), ("posts", posts)) if value}


def _write_thread(db: sqlite3.Connection, source: str, url: str, content: Mapping[str, Any]) -> None:
    if thread := content.get("thread"):
        query = "INSERT OR REPLACE INTO threads (url, source, activity, tail, due_at, gone_at) VALUES (?, ?, ?, ?, ?, ?)"
        db.execute(query, (url, source, *thread))
    _write_posts(db, source, url, content.get("posts", {}))


def _write_posts(db: sqlite3.Connection, source: str, thread: str, posts: Mapping[str, Any]) -> None:
    query = "INSERT OR REPLACE INTO posts (id, source, thread, revision, changed_at, gone_at) VALUES (?, ?, ?, ?, ?, ?)"
    db.executemany(query, [(id, source, thread, *rest) for id, rest in posts.items()])


def _loose_posts(db: sqlite3.Connection, source: str, prefix: str) -> dict[str, Any]:
    query = """SELECT id, revision, changed_at, gone_at FROM posts WHERE id >= ? AND id < ? AND source = ? AND +thread = ''"""
    return {row[0]: row[1:] for row in db.execute(query, (prefix, prefix + "g", source))}  # ids are hexadecimal


def _page(db: sqlite3.Connection, source: str, url: str) -> tuple[Any, ...] | None:
    query = "SELECT etag, last_modified, capture FROM pages WHERE source = ? AND url = ?"
    return db.execute(query, (source, url)).fetchone()  # type: ignore[no-any-return]


def _write_page(db: sqlite3.Connection, source: str, url: str, content: Any) -> None:
    query = "INSERT OR REPLACE INTO pages (source, url, etag, last_modified, capture) VALUES (?, ?, ?, ?, ?)"
    db.execute(query, (source, url, *content))


def _note(db: sqlite3.Connection, source: str, name: str) -> tuple[Any, ...] | None:
    return db.execute("SELECT value FROM notes WHERE source = ? AND name = ?", (source, name)).fetchone()  # type: ignore[no-any-return]


def _write_note(db: sqlite3.Connection, source: str, name: str, content: Any) -> None:
    db.execute("INSERT OR REPLACE INTO notes (source, name, value) VALUES (?, ?, ?)", (source, name, *content))


_READERS: Final = {"t": _thread, "f": _loose_posts, "p": _page, "n": _note}
_WRITERS: Final = {
    "t": _write_thread,
    "f": lambda db, source, _, posts: _write_posts(db, source, "", posts),
    "p": _write_page,
    "n": _write_note,
}
