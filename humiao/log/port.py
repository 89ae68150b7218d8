"""The log port: named topics of keyed messages, consumer groups, commit after the effect, dead letters.

Delivery is at least once. What a caller may assume of every adapter stands in the docstrings below; the contract suite in
``tests/contract/log_contract.py`` holds each adapter to it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final, Self

POSTS: Final = "posts"
SCORED: Final = "scored"
DEAD_SUFFIX: Final = ".dead"
MAX_MESSAGE: Final = 4 * 1024 * 1024
"""Largest message body in bytes that every adapter takes."""


@dataclass(frozen=True, slots=True)
class Record:
    """A message to be written."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as read."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str]
    written_at: datetime
    """UTC."""


class Consumer(ABC):
    """A member of a consumer group on one topic. Not thread-safe: one thread (and process) uses it."""

    @abstractmethod
    def poll(self, most: int, timeout: float) -> list[Message]:
        """Up to `most` messages not yet polled by this member, waiting at most `timeout` seconds for the first.

        Messages of one partition come in offset order. Two live members of a group never own the same partition at the same
        time, except that a member which fell silent for longer than the lease loses its partitions without notice.

        Raises:
            LogUnavailable: the log can't be reached at present; calling again later goes on where it was.
        """

    @abstractmethod
    def commit(self, messages: Sequence[Message]) -> None:
        """Mark `messages` and all before them in their partitions as done, durably.

        Raises:
            LeaseLost: a partition belongs to another member by now. What is still owned may or may not be committed; the
                messages may be delivered again, to whom owns the partition.
            LogUnavailable: nothing is sure; the messages may be delivered again.
        """

    @abstractmethod
    def rewind(self) -> None:
        """Forget what was polled and not committed: the next poll delivers it again."""

    @abstractmethod
    def lag(self) -> int:
        """Messages of the partitions that this member owns which the group has not committed."""

    @abstractmethod
    def close(self) -> None:
        """Leave the group; its partitions are free for others at once. What was not committed will be delivered again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Log(ABC):
    """A durable, partitioned, append-only log. Topics come into being when first used."""

    @abstractmethod
    def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append `records`; when this returns they survive a crash of the process (and, on Kafka, of the broker: acks=all).

        Records with the same key go to the same partition, in the order given. On an error some may have been written: the
        caller publishes all again (ids make the effect idempotent).

        Raises:
            BadInput: a record's value exceeds MAX_MESSAGE; nothing of the batch was written.
            LogUnavailable: the log did not take them.
        """

    @abstractmethod
    def subscribe(self, topic: str, group: str) -> Consumer:
        """Join `group` on `topic`. A new group starts at the oldest message kept."""

    @abstractmethod
    def read(self, topic: str) -> Iterator[Message]:
        """Every message kept now, partition by partition, without a group (for lists of dead letters, counts, tests).

        Ends at what was the end of the topic when the iteration began.
        """

    @abstractmethod
    def lag(self, topic: str, group: str) -> int:
        """Messages of `topic` that `group` has not committed, over all partitions."""

    @abstractmethod
    def size(self, topic: str) -> int:
        """Messages ever written to `topic` (sum of end offsets), whether still kept or not."""

    @abstractmethod
    def expire(self, before: datetime) -> int:
        """Delete messages written before `before` that every known group has committed; returns how many went.

        Adapters whose server does this by itself (Kafka's retention) return 0.
        """

    @abstractmethod
    def ping(self) -> None:
        """Returns when the log answers; raises LogUnavailable with address and reason otherwise."""

    @abstractmethod
    def close(self) -> None:
        """Release connections; what was published stays."""

    def bury(self, message: Message, reason: str, stage: str) -> None:
        """Write `message` to its topic's dead letters with `reason`, so that a person can read and replay it."""
        headers = dict(message.headers) | {
            "dead.reason": reason[:2000],
            "dead.stage": stage,
            "dead.topic": message.topic,
            "dead.partition": str(message.partition),
            "dead.offset": str(message.offset),
        }
        self.publish(message.topic + DEAD_SUFFIX, [Record(message.key, message.value, headers)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
