"""The embedded log: one SQLite file that several processes share, no server needed."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from humiao.log import sqlite_topics
from humiao.log.limits import refuse_unfit
from humiao.log.port import Log, Message, Record
from humiao.log.sqlite_consumer import SqliteConsumer
from humiao.log.sqlite_file import LogFile
from humiao.settings import LogSettings

PAGE: Final = 200
"""Messages read, or deleted, at a time, so that nobody else waits long."""


ROWS: Final = 100
"""Messages written by one statement."""


class SqliteLog(Log):
    """Topics in one file; it and its folder come into being at first use. Usable by several threads."""

    def __init__(self, path: Path, settings: LogSettings) -> None:
        """`path` is the file; of `settings` the partitions of new topics and the lease matter here."""
        self._path, self._settings = path, settings
        # Other parts act on what publish acknowledged (a crawler never fetches that page again), so it has to outlast a power
        # cut too: FULL costs one disk flush per batch. NORMAL would survive only the end of the process.
        self._file = LogFile(path, synchronous="FULL")

    def publish(self, topic: str, records: Sequence[Record]) -> None:
        """See `Log.publish`; here a batch is written whole or not at all."""
        refuse_unfit(topic, records)
        if not records:
            return
        now = int(time.time() * 1000)
        with self._file.writing() as db:
            number = sqlite_topics.ensure(db, topic, self._settings.partitions)
            ends = sqlite_topics.ends(db, number)
            rows = []
            for record in records:
                partition = sqlite_topics.partition_of(record.key, len(ends))
                headers = json.dumps(dict(record.headers), ensure_ascii=False) if record.headers else "{}"
                rows.append((number, partition, ends[partition], now, record.key, headers, record.value))
                ends[partition] += 1
            for first in range(0, len(rows), ROWS):  # few statements: Python's lock changes hands at each
                some = rows[first : first + ROWS]
                marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(some))
                db.execute(f"INSERT INTO messages VALUES {marks}", list(chain.from_iterable(some)))  # noqa: S608 (only marks)
            db.execute(
                """UPDATE ends SET next = (SELECT value FROM json_each(?1) WHERE key = partition)
                WHERE topic = ?2 AND partition IN (SELECT key FROM json_each(?1))""",
                (json.dumps(ends), number),
            )

    def subscribe(self, topic: str, group: str) -> SqliteConsumer:
        """See `Log.subscribe`."""
        return SqliteConsumer(self._path, topic, group, self._settings)

    def read(self, topic: str) -> Iterator[Message]:
        """See `Log.read`."""
        with self._file.reading() as db:
            number = sqlite_topics.find(db, topic)
            ends = {} if number is None else sqlite_topics.ends(db, number)
        for partition, end in ends.items():
            offset = 0
            while offset < end:
                with self._file.reading() as db:
                    page = list(sqlite_topics.messages(db, topic, number, partition=partition, offset=offset, most=PAGE))
                yield from (message for message in page if message.offset < end)
                offset = page[-1].offset + 1 if page else end

    def lag(self, topic: str, group: str) -> int:
        """See `Log.lag`; a group that never polled has everything kept before it."""
        with self._file.reading() as db:
            number = sqlite_topics.find(db, topic)
            if number is None:
                return 0
            positions = sqlite_topics.starts(db, number)
            query = "SELECT partition, committed FROM positions WHERE topic = ? AND grp = ?"
            positions.update(db.execute(query, (number, group)))
            return sum(end - positions[partition] for partition, end in sqlite_topics.ends(db, number).items())

    def size(self, topic: str) -> int:
        """See `Log.size`."""
        with self._file.reading() as db:
            number = sqlite_topics.find(db, topic)
            return 0 if number is None else sum(sqlite_topics.ends(db, number).values())

    def expire(self, before: datetime) -> int:
        """See `Log.expire`; a topic that no group ever read (dead letters) keeps everything."""
        gone = 0
        with self._file.reading() as db:
            query = "SELECT topic, partition, min(committed) FROM positions GROUP BY topic, partition"
            done = db.execute(query).fetchall()
        for topic, partition, committed in done:
            while deleted := self._delete(topic, partition, committed, before):
                gone += deleted
        return gone

    def ping(self) -> None:
        """See `Log.ping`."""
        with self._file.reading() as db:
            db.execute("SELECT count(*) FROM topics").fetchone()

    def close(self) -> None:
        """See `Log.close`."""
        self._file.close()

    def _delete(self, topic: int, partition: int, committed: int, before: datetime) -> int:
        with self._file.writing() as db:
            return db.execute(
                """DELETE FROM messages WHERE rowid IN (SELECT rowid FROM messages WHERE topic = ? AND partition = ? AND offset < ?
                    AND written_at < ? ORDER BY offset LIMIT ?)""",
                (topic, partition, committed, int(before.timestamp() * 1000), PAGE),
            ).rowcount
