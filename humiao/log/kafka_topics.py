"""Topics of a Kafka cluster: made when first used, asked how far they reach."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from kafka import OffsetSpec, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from humiao.log.kafka_address import ANSWER, KafkaAddress
from humiao.log.limits import MAX_LABELS
from humiao.log.port import DEAD_SUFFIX, MAX_MESSAGE
from humiao.settings import LogSettings

MAX_RECORD: Final = MAX_MESSAGE + MAX_LABELS + 64 * 1024
"""Bytes of the largest record with everything that the protocol adds, generously."""
AGAIN: Final = 0.2
"""Seconds until a question is asked again."""

Answer = TypeVar("Answer")


class KafkaTopics:
    """Asks and tells a cluster about topics; names here are those on the cluster. Usable by several threads.

    Every method raises LogUnavailable when the cluster does not answer.
    """

    def __init__(self, address: KafkaAddress, settings: LogSettings) -> None:
        self._address, self._settings = address, settings
        self._lock = threading.Lock()
        self._admin: KafkaAdminClient | None = None
        self._known: set[str] = set()

    def ensure(self, topic: str) -> None:
        """Make `topic` as the settings say, unless there is one; what an existing one was made with is left alone."""
        if topic not in self._known:
            if not self.partitions(topic):
                self._ask(lambda admin: self._create(admin, topic))
            self._known.add(topic)

    def partitions(self, topic: str) -> list[TopicPartition]:
        """The partitions of `topic` in order; none when there is no such topic."""

        def describe(admin: KafkaAdminClient) -> list[TopicPartition]:
            [found] = admin.describe_topics([topic])
            error = for_code(found["error_code"])
            if error is UnknownTopicOrPartitionError:
                return []
            if error is not NoError:
                raise error(topic)
            return [TopicPartition(topic, number) for number in sorted(part["partition_index"] for part in found["partitions"])]

        return self._ask(describe)

    def reach(self, topic: str) -> dict[TopicPartition, tuple[int, int]]:
        """Per partition the offset of the oldest message kept and the one that the next message gets."""
        partitions = self.partitions(topic)
        if not partitions:
            return {}
        starts = self._ask(lambda admin: admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST)))
        ends = self._ask(lambda admin: admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST)))
        return {partition: (starts[partition].offset, ends[partition].offset) for partition in partitions}

    def committed(self, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where `group` stands; a partition in which it never committed is left out."""
        found = self._ask(lambda admin: admin.list_group_offsets({group: partitions}))[group]
        return {partition: position.offset for partition, position in found.items() if position.offset >= 0}

    def ping(self) -> None:
        """Return when the cluster answers."""
        self._address.knock()
        self._ask(lambda admin: admin.list_topics())

    def close(self) -> None:
        """Close the connection; a later use opens it again."""
        with self._lock:
            self._disconnect()

    def _ask(self, question: Callable[[KafkaAdminClient], Answer]) -> Answer:
        """The answer to `question`; asked again for a while when it fails for a reason that passes by itself."""
        deadline = time.monotonic() + ANSWER
        with self._lock:
            while True:
                try:
                    return question(self._connect())
                except (KafkaError, OSError) as error:
                    # A new client, for this one would go on asking a group coordinator that has moved.
                    self._disconnect()
                    if not getattr(error, "retriable", False) or time.monotonic() > deadline:
                        raise self._address.unavailable(error) from error
                time.sleep(AGAIN)

    def _create(self, admin: KafkaAdminClient, topic: str) -> None:
        with suppress(TopicAlreadyExistsError):  # another process was first
            admin.create_topics({topic: self._shape(topic)}, timeout_ms=int(ANSWER * 1000))
        admin.wait_for_topics([topic], timeout_ms=int(ANSWER * 1000))

    def _connect(self) -> KafkaAdminClient:
        if self._admin is None:
            self._address.knock()
            self._admin = KafkaAdminClient(**self._address.options)
        return self._admin

    def _disconnect(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def _shape(self, topic: str) -> dict[str, object]:
        # Dead letters wait for a person, who may be on holiday longer than messages are kept.
        keep = -1 if DEAD_SUFFIX in topic else int(self._settings.keep_hours * 3600 * 1000)
        return {
            "num_partitions": self._settings.partitions,
            "replication_factor": self._settings.replication,
            "configs": {"retention.ms": str(keep), "max.message.bytes": str(MAX_RECORD)},
        }
