"""Tables of the embedded store, and the stamp that says which version of them a file holds."""

import sqlite3
from typing import Final

from humiao.errors import SettingsError
from humiao.sqlite_opening import statements

VERSION: Final = 2
"""Raise it with every change of TABLES, and add the step from the version before to `prepare`."""

TABLES: Final = """
CREATE TABLE posts (
    n INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival; never used twice, so that a list can stop at what it began with
    id TEXT NOT NULL UNIQUE,
    ts INTEGER NOT NULL,
    fetched INTEGER NOT NULL,
    handled INTEGER NOT NULL,
    platform TEXT NOT NULL,
    board TEXT NOT NULL,
    alert TEXT NOT NULL,
    outcome TEXT NOT NULL,
    sentiment TEXT NOT NULL,
    flags TEXT NOT NULL, -- |bullying|fraud|
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX posts_by_time ON posts (ts DESC, id DESC);
CREATE INDEX posts_by_cell ON posts (ts, platform, board, sentiment);
CREATE INDEX posts_by_alert ON posts (alert) WHERE alert <> '';
CREATE INDEX posts_to_expire ON posts (handled) WHERE outcome = 'cleared';
-- The tokens are code points in hexadecimal, so the plainest tokenizer leaves them whole.
CREATE VIRTUAL TABLE post_search USING fts5 (body, tokenize = 'ascii', columnsize = 0);

CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    grade TEXT NOT NULL,
    rank INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    leader_ts INTEGER NOT NULL,
    harm TEXT NOT NULL, -- |bullying|fraud|
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_urgency ON alerts (rank, deadline, id);
CREATE TABLE alert_keys (
    key TEXT NOT NULL,
    alert TEXT NOT NULL,
    PRIMARY KEY (key, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_keys_by_alert ON alert_keys (alert);

CREATE TABLE events (
    alert TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (alert, seq)
) STRICT;
CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    alert TEXT NOT NULL,
    ts INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_by_alert ON evidence (alert, ts, id);
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT;
"""

NOTES: Final = """
CREATE TABLE notes (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
"""
"""Since version 2."""


def stamped(db: sqlite3.Connection) -> int:
    """The version that the file is stamped with; 0 = nothing is in it yet."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def prepare(db: sqlite3.Connection, path: str) -> None:
    """Create the tables if there are none. Called within a write transaction, so that of several processes one does it.

    Raises:
        SettingsError: a newer version of humiao wrote the file, or it belongs to another program.
    """
    found = stamped(db)
    if found > VERSION:
        raise SettingsError(
            f"store: {path} has schema {found}, this version of humiao knows {VERSION}; upgrade humiao or name another file"
        )
    if found == VERSION:
        return
    if found == 0 and db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise SettingsError(f"store: {path} is a database of another program; name another file")
    for statement in statements(NOTES if found else TABLES + NOTES):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
