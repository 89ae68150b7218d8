"""A consumer of the Kafka log."""

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import MemberState

from humiao.errors import LeaseLost, LogUnavailable
from humiao.log.kafka_address import ANSWER, PATIENCE, KafkaAddress
from humiao.log.kafka_topics import MAX_RECORD, KafkaTopics
from humiao.log.port import Consumer, Message
from humiao.settings import LogSettings

SHORTEST_LEASE: Final = 6.0
"""Seconds; brokers refuse a shorter session unless their group.min.session.timeout.ms is changed."""
LONGEST_BATCH: Final = 300.0
"""Seconds that handling one batch may take before the group goes on without this member."""
CLOSING: Final = 3.0
"""Seconds to wait for the farewell to the group."""
LOST: Final = (CommitFailedError, IllegalGenerationError, UnknownMemberIdError, RebalanceInProgressError, FencedInstanceIdError)
"""What a broker answers a member that it no longer takes for the owner."""


class KafkaLogConsumer(Consumer):
    """A member of a consumer group; it joins with its first poll. Offsets are committed by `commit` alone."""

    def __init__(
        self, address: KafkaAddress, topics: KafkaTopics, *, topic: str, prefix: str, group: str, settings: LogSettings
    ) -> None:
        """`prefix` is put before the names of topic and group on the cluster."""
        self._address, self._topics, self._topic, self._prefix, self._group = address, topics, topic, prefix, group
        self._lease = max(settings.lease, SHORTEST_LEASE)
        self._client: KafkaConsumer | None = None
        self._joining_since: float | None = None
        self._undone = _Undone()

    def poll(self, most: int, timeout: float) -> list[Message]:
        """See `Consumer.poll`."""
        client = self._connect()
        try:
            with self._address.reaching():
                found = client.poll(timeout_ms=int(timeout * 1000), max_records=most)
        except LogUnavailable as error:
            if not getattr(error.__cause__, "retriable", False):
                self._disconnect()  # the client may be beyond repair; the next poll begins with a new one
            raise
        self._watch_joining(client)
        messages = []
        for partition, records in found.items():
            self._undone.deliver(partition, records[0].offset)
            messages += [message_of(record, self._topic) for record in records]
        return messages

    def commit(self, messages: Sequence[Message]) -> None:
        """See `Consumer.commit`."""
        ends: dict[TopicPartition, int] = {}
        for message in messages:
            partition = TopicPartition(self._prefix + message.topic, message.partition)
            ends[partition] = max(ends.get(partition, 0), message.offset + 1)
        lost = [partition for partition in ends if partition not in self._undone.first]
        ours = {partition: end for partition, end in ends.items() if partition in self._undone.first}
        if ours and self._client is not None:
            try:
                self._client.commit({p: OffsetAndMetadata(end, "", -1) for p, end in ours.items()}, timeout_ms=int(ANSWER * 1000))
            except LOST as error:
                raise self._lost(list(ends)) from error
            except KafkaError as error:
                raise self._address.unavailable(error) from error
            self._undone.first.update(ours)
        if lost:
            raise self._lost(lost)

    def rewind(self) -> None:
        """See `Consumer.rewind`."""
        if self._client is not None:
            for partition, offset in self._undone.first.items():
                with suppress(ValueError):  # given back meanwhile; whoever has it now begins there as well
                    self._client.seek(partition, offset)

    def lag(self) -> int:
        """See `Consumer.lag`."""
        if self._client is None:
            return 0
        with self._address.reaching():
            owned = self._client.assignment()
            ends = self._client.end_offsets(list(owned), timeout_ms=int(ANSWER * 1000)) if owned else {}
            done = {p: self._undone.first.get(p, self._client.position(p, timeout_ms=int(ANSWER * 1000))) for p in owned}
        return sum(max(0, end - (done[partition] or 0)) for partition, end in ends.items())

    def close(self) -> None:
        """See `Consumer.close`."""
        self._disconnect()

    def _connect(self) -> KafkaConsumer:
        if self._client is None:
            self._topics.ensure(self._prefix + self._topic)
            with self._address.reaching():
                client = KafkaConsumer(
                    **self._address.options,
                    **FETCHING,
                    group_id=self._prefix + self._group,
                    session_timeout_ms=int(self._lease * 1000),
                    heartbeat_interval_ms=min(1000, int(self._lease * 1000 / 5)),
                    max_poll_interval_ms=int(LONGEST_BATCH * 1000),
                    partition_assignment_strategy=(RangePartitionAssignor,),
                )
                client.subscribe([self._prefix + self._topic], listener=self._undone)
                client.topics()  # waits for the metadata: who joins and leads without them hands out no partitions at first
            self._client = client
        return self._client

    def _watch_joining(self, client: KafkaConsumer) -> None:
        """Begin anew with another client when this one does not get into the group.

        kafka-python 3.0 forgets a join that ends between two polls, if the reason for joining was a change of the topic's
        partitions: it then takes itself for a member, but neither fetches nor sends heartbeats any more.
        """
        now = time.monotonic()
        if client.group_metadata().state != MemberState.REBALANCING:
            self._joining_since = None
        elif self._joining_since is None:
            self._joining_since = now
        elif now - self._joining_since > PATIENCE:
            self._disconnect()

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        self._joining_since = None
        self._undone.first.clear()
        if client is not None:
            with suppress(KafkaError, OSError):  # a broker that is away forgets this member when its lease runs out
                client.close(timeout_ms=int(CLOSING * 1000))

    def _lost(self, partitions: Collection[TopicPartition]) -> LeaseLost:
        numbers = sorted(partition.partition for partition in partitions)
        for partition in partitions:
            self._undone.first.pop(partition, None)
        return LeaseLost(
            f"log kafka://{self._address.bootstrap}: group {self._group} gave partitions {numbers} of {self._topic} "
            "to another member; their messages are delivered again there"
        )


class _Undone(ConsumerRebalanceListener):
    """Per partition owned, the oldest offset delivered and not committed. A partition that changes hands is forgotten.

    The client calls the listener from its own thread, but only while `poll` or `close` waits for it.
    """

    def __init__(self) -> None:
        self.first: dict[TopicPartition, int] = {}

    def deliver(self, partition: TopicPartition, offset: int) -> None:
        self.first.setdefault(partition, offset)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        for partition in revoked:
            self.first.pop(partition, None)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Nothing: what was delivered before is delivered again from the last commit."""


FETCHING: Final[dict[str, Any]] = {
    "auto_offset_reset": "earliest",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    "max_partition_fetch_bytes": MAX_RECORD,
    "fetch_max_wait_ms": 100,
}
"""Options of every consumer client."""


def message_of(record: Any, topic: str) -> Message:
    """A client's record as a message of `topic` (the name without prefix)."""
    return Message(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode(errors="replace"),
        value=record.value or b"",
        headers={name: (value or b"").decode(errors="replace") for name, value in record.headers or ()},
        written_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )
