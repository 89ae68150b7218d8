"""A consumer of the embedded log."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from humiao.errors import LeaseLost, LogUnavailable
from humiao.log import sqlite_topics
from humiao.log.port import Consumer, Message
from humiao.log.sqlite_file import LogFile
from humiao.log.sqlite_group import Membership
from humiao.settings import LogSettings

PAUSES: Final = (0.01, 0.05)
"""Shortest and longest wait in seconds between two looks whether somebody wrote to the file."""
LOOK_ROUND: Final = 0.5
"""Seconds after which a waiting member looks at its group even if nobody wrote: a killed member writes nothing."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of message bodies that one poll returns (and one message at least)."""


class SqliteConsumer(Consumer):
    """A member of a group; it joins with its first poll, so that who subscribes and never reads holds up nobody."""

    def __init__(self, path: Path, topic: str, group: str, settings: LogSettings) -> None:
        """`path` is the file of the log."""
        # A commit lost in a power cut only repeats work, so it need not wait for the disk.
        self._file = LogFile(path, synchronous="NORMAL")
        self._topic, self._group = topic, group
        self._membership = Membership(self._file, topic, group, partitions=settings.partitions, lease=settings.lease)
        self._turn = 0

    def poll(self, most: int, timeout: float) -> list[Message]:
        """See `Consumer.poll`."""
        deadline = time.monotonic() + timeout
        while True:
            version = self._version()
            self._membership.settle()
            messages = self._deliver(most)
            if messages or time.monotonic() >= deadline:
                return messages
            self._wait_for_change(version, min(deadline, time.monotonic() + LOOK_ROUND))

    def commit(self, messages: Sequence[Message]) -> None:
        """See `Consumer.commit`."""
        ends: dict[int, int] = {}
        for message in messages:
            ends[message.partition] = max(ends.get(message.partition, 0), message.offset + 1)
        if not ends:
            return
        if lost := self._membership.commit(ends):
            raise LeaseLost(
                f"log {self._file.path}: group {self._group} gave partitions {lost} of {self._topic} to another member; "
                "their messages are delivered again there"
            )

    def rewind(self) -> None:
        """See `Consumer.rewind`."""
        for holding in self._membership.holdings.values():
            holding.next = holding.committed

    def lag(self) -> int:
        """See `Consumer.lag`."""
        topic, holdings = self._membership.topic, self._membership.holdings
        if topic is None:
            return 0
        with self._file.reading() as db:
            ends = sqlite_topics.ends(db, topic)
        return sum(ends[partition] - holding.committed for partition, holding in holdings.items())

    def close(self) -> None:
        """See `Consumer.close`."""
        with suppress(LogUnavailable):  # then the lease runs out instead
            self._membership.leave()
        self._file.close()

    def _deliver(self, most: int) -> list[Message]:
        """Up to `most` messages, shared evenly among the partitions; each poll begins with another one."""
        number, holdings = self._membership.topic, sorted(self._membership.holdings.items())
        self._turn += 1
        first = self._turn % len(holdings) if holdings else 0
        messages: list[Message] = []
        room = MOST_BYTES
        with self._file.reading() as db:
            for left, (partition, holding) in zip(range(len(holdings), 0, -1), holdings[first:] + holdings[:first], strict=True):
                quota = -(-(most - len(messages)) // left)
                for message in sqlite_topics.messages(
                    db, self._topic, number, partition=partition, offset=holding.next, most=quota
                ):
                    messages.append(message)
                    holding.next = message.offset + 1
                    room -= len(message.value)
                    if room <= 0:
                        return messages
        return messages

    def _version(self) -> int:
        """A number that differs once another connection has written to the file."""
        with self._file.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])

    def _wait_for_change(self, version: int, until: float) -> None:
        pause, longest = PAUSES
        while (left := until - time.monotonic()) > 0 and self._version() == version:
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, longest)
