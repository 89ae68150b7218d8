"""Topics and partitions of the embedded log, read and written inside a caller's transaction."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from humiao.log.port import Message


def find(db: sqlite3.Connection, name: str) -> int | None:
    """The topic's number, None when nobody has used it yet."""
    row = db.execute("SELECT id FROM topics WHERE name = ?", (name,)).fetchone()
    return row and int(row[0])


def ensure(db: sqlite3.Connection, name: str, partitions: int) -> int:
    """The topic's number; it is created with so many partitions when it is new."""
    topic = find(db, name)
    if topic is None:
        topic = int(db.execute("INSERT INTO topics (name) VALUES (?) RETURNING id", (name,)).fetchone()[0])
        db.executemany("INSERT INTO ends VALUES (?, ?, 0)", [(topic, partition) for partition in range(partitions)])
    return topic


def ends(db: sqlite3.Connection, topic: int) -> dict[int, int]:
    """Per partition the offset that its next message gets."""
    return dict(db.execute("SELECT partition, next FROM ends WHERE topic = ? ORDER BY partition", (topic,)))


def starts(db: sqlite3.Connection, topic: int) -> dict[int, int]:
    """Per partition the offset of its oldest message kept, or its end where none is."""
    query = """SELECT partition, coalesce((SELECT min(offset) FROM messages AS m
        WHERE m.topic = ends.topic AND m.partition = ends.partition), next) FROM ends WHERE topic = ?"""
    return dict(db.execute(query, (topic,)))


def partition_of(key: str, partitions: int) -> int:
    """Where messages of `key` go; the same in every process and for as long as the topic lives."""
    return zlib.crc32(key.encode()) % partitions


def messages(db: sqlite3.Connection, name: str, topic: int | None, *, partition: int, offset: int, most: int) -> Iterator[Message]:
    """Messages of a partition in order, beginning with `offset`."""
    query = """SELECT offset, key, value, headers, written_at FROM messages
        WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?"""
    with closing(db.execute(query, (topic, partition, offset, most))) as rows:
        for number, key, value, headers, written_at in rows:
            at = datetime.fromtimestamp(written_at / 1000, UTC)
            yield Message(name, partition, number, key, value, json.loads(headers), at)
