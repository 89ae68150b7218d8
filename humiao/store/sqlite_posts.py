"""Posts in SQLite: keyed by arrival, searched by FTS5."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from humiao.alert import StoredPost
from humiao.labels import Sentiment
from humiao.store import cursor
from humiao.store.fields import PostFields, instant, microseconds, milliseconds, newest, refuse
from humiao.store.port import Hit, Page, PostFilter, Store
from humiao.store.query import phrases
from humiao.store.sqlite_file import SqliteFile

EXPIRE_AT_A_TIME: Final = 500
"""Posts deleted in one transaction: others may write in between."""

_PUT: Final = """
INSERT INTO posts (id, ts, fetched, handled, platform, board, alert, outcome, sentiment, flags, doc)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    ts = excluded.ts, fetched = excluded.fetched, handled = excluded.handled, platform = excluded.platform, board = excluded.board,
    alert = excluded.alert, outcome = excluded.outcome, sentiment = excluded.sentiment, flags = excluded.flags, doc = excluded.doc
WHERE posts.fetched <= excluded.fetched
RETURNING n
"""
# The remainder of a negative number is negative in SQL, hence the second one: cells before 1970 begin at multiples too.
_HISTOGRAM: Final = """
SELECT platform, board, ts - ((ts % :width) + :width) % :width AS cell, count(*) FROM posts
WHERE ts >= :since AND ts < :until AND (:sentiment IS NULL OR sentiment = :sentiment)
GROUP BY platform, board, cell
"""


class SqlitePosts(Store):
    """The part of the store that keeps posts."""

    _file: SqliteFile

    def put_posts(self, posts: Sequence[StoredPost]) -> None:  # noqa: D102 (the port says it)
        kept, refused = newest(posts)
        if kept:
            with self._file.writing() as db:
                for post in kept.values():
                    for (n,) in db.execute(_PUT, _columns(post)).fetchall():
                        db.execute("INSERT OR REPLACE INTO post_search (rowid, body) VALUES (?, ?)", (n, post.search))
        refuse(refused)

    def posts(self, ids: Collection[str]) -> dict[str, StoredPost]:  # noqa: D102
        with self._file.reading() as db:
            found = db.execute(
                "SELECT id, doc FROM posts WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
            ).fetchall()
        return {id: StoredPost.model_validate_json(doc) for id, doc in found}

    def search(self, query: str, narrow: PostFilter, *, limit: int = 50, after: str | None = None) -> Page[Hit]:  # noqa: D102
        size = cursor.page_size(limit)
        where, values = _conditions(narrow)
        if terms := phrases(query):
            where.append("n IN (SELECT rowid FROM post_search WHERE post_search MATCH ?)")
            values.append(" AND ".join(f'"{" ".join(term)}"' for term in terms))
        with self._file.reading() as db:
            if after is None:
                newest_n = db.execute("SELECT coalesce(max(n), 0) FROM posts").fetchone()[0]
            else:
                newest_n, ts, id = cursor.decode(after, "sqlite-posts", int, int, str)
                where.append("(ts, id) < (?, ?)")
                values += [ts, id]
            # What arrived after the first page is left out of all pages.
            where.append("n <= ?")
            values.append(newest_n)
            rows = db.execute(
                f"SELECT ts, id, doc FROM posts WHERE {' AND '.join(where)} ORDER BY ts DESC, id DESC LIMIT ?",  # noqa: S608 (fixed texts)
                [*values, size + 1],
            ).fetchall()
        hits = [Hit(StoredPost.model_validate_json(doc)) for _, _, doc in rows[:size]]
        if len(rows) <= size:
            return Page(hits, None)
        ts, id, _ = rows[size - 1]
        return Page(hits, cursor.encode("sqlite-posts", newest_n, ts, id))

    def count_posts(self, narrow: PostFilter) -> int:  # noqa: D102
        where, values = _conditions(narrow)
        with self._file.reading() as db:
            return int(db.execute(f"SELECT count(*) FROM posts WHERE {' AND '.join(['1', *where])}", values).fetchone()[0])  # noqa: S608

    def histogram(  # noqa: D102
        self, since: datetime, until: datetime, interval: timedelta, sentiment: Sentiment | None = None
    ) -> dict[tuple[str, str], dict[datetime, int]]:
        values = {
            "since": microseconds(since),
            "until": microseconds(until),
            "width": milliseconds(interval) * 1000,
            "sentiment": sentiment.value if sentiment else None,
        }
        series: dict[tuple[str, str], dict[datetime, int]] = {}
        with self._file.reading() as db:
            for platform, board, cell, count in db.execute(_HISTOGRAM, values):
                series.setdefault((platform, board), {})[instant(cell)] = count
        return series

    def expire_posts(self, before: datetime) -> int:  # noqa: D102
        gone = 0
        while True:
            with self._file.writing() as db:
                rows = db.execute(
                    "SELECT n FROM posts WHERE outcome = 'cleared' AND handled < ? ORDER BY handled LIMIT ?",
                    (microseconds(before), EXPIRE_AT_A_TIME),
                ).fetchall()
                db.executemany("DELETE FROM post_search WHERE rowid = ?", rows)
                db.executemany("DELETE FROM posts WHERE n = ?", rows)
            gone += len(rows)
            if len(rows) < EXPIRE_AT_A_TIME:
                return gone


def _columns(post: PostFields) -> tuple[str | int, ...]:
    flags = "|".join(["", *post.flags, ""])
    return (
        post.id, post.ts, post.fetched, post.handled, post.platform, post.board, post.alert, post.outcome, post.sentiment,
        flags, post.doc,
    )  # fmt: skip


def _conditions(narrow: PostFilter) -> tuple[list[str], list[Any]]:
    """Conditions in SQL, and the values of their question marks."""
    given = {
        "ts >= ?": None if narrow.since is None else microseconds(narrow.since),
        "ts < ?": None if narrow.until is None else microseconds(narrow.until),
        "instr(flags, ?)": None if narrow.harm is None else f"|{narrow.harm.value}|",
        "platform = ?": narrow.platform,
        "board = ?": narrow.board,
        "alert = ?": narrow.alert,
        "outcome = ?": narrow.outcome,
    }
    wanted = {condition: value for condition, value in given.items() if value is not None}
    return list(wanted), list(wanted.values())
