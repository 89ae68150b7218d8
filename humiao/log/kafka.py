"""The Kafka log: for several machines, by kafka-python."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import structlog
from kafka import KafkaConsumer, KafkaProducer
from kafka.codec import has_lz4, has_zstd
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from humiao.errors import LogUnavailable, SettingsError
from humiao.log.kafka_address import ANSWER, PATIENCE, KafkaAddress
from humiao.log.kafka_consumer import FETCHING, KafkaLogConsumer, message_of
from humiao.log.kafka_topics import MAX_RECORD, KafkaTopics
from humiao.log.limits import refuse_unfit
from humiao.log.port import Log, Message, Record
from humiao.settings import LogSettings

BATCH: Final = 256 * 1024
"""Bytes of messages for one partition that travel together."""
LINGER: Final = 0.005
"""Seconds to wait for more of them."""

_lines = structlog.get_logger()


class KafkaLog(Log):
    """Topics and groups of a cluster, each with a prefix. Connects at first use; usable by several threads."""

    def __init__(self, bootstrap: str, settings: LogSettings, prefix: str = "") -> None:
        """`bootstrap` is ``HOST:PORT[,HOST:PORT]``."""
        self._address, self._settings, self._prefix = KafkaAddress(bootstrap), settings, prefix
        self._topics = KafkaTopics(self._address, settings)
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None

    def publish(self, topic: str, records: Sequence[Record]) -> None:
        """See `Log.publish`. A broker that is restarted is waited for, PATIENCE seconds at most.

        Raises:
            SettingsError: the topic was made by someone else and takes smaller messages than MAX_MESSAGE.
        """
        refuse_unfit(topic, records)
        if not records:
            return
        deadline = time.monotonic() + PATIENCE
        name = self._prefix + topic
        try:
            with self._address.reaching():
                self._topics.ensure(name)
                producer = self._connect()
                sent = [producer.send(name, record.value, record.key.encode(), _headers(record)) for record in records]
                producer.flush(timeout=max(1.0, deadline - time.monotonic()))
                for future in sent:
                    future.get(timeout=max(0.1, deadline - time.monotonic()))
        except LogUnavailable as error:
            self._give_up_producer()
            if isinstance(error.__cause__, MessageSizeTooLargeError | RecordListTooLargeError):
                raise SettingsError(
                    f"topic {name}: refuses a message that fits the log; set its max.message.bytes to {MAX_RECORD}"
                ) from error
            raise

    def subscribe(self, topic: str, group: str) -> KafkaLogConsumer:
        """See `Log.subscribe`."""
        return KafkaLogConsumer(self._address, self._topics, topic=topic, prefix=self._prefix, group=group, settings=self._settings)

    def read(self, topic: str) -> Iterator[Message]:
        """See `Log.read`."""
        reach = {partition: ends for partition, ends in self._topics.reach(self._prefix + topic).items() if ends[0] < ends[1]}
        if not reach:
            return
        with self._address.reaching():
            client = KafkaConsumer(**self._address.options, **FETCHING)
        try:
            for partition, (start, end) in reach.items():
                yield from self._read_partition(client, partition, start, end, topic)
        finally:
            client.close()

    def lag(self, topic: str, group: str) -> int:
        """See `Log.lag`; a group that never committed has everything kept before it."""
        reach = self._topics.reach(self._prefix + topic)
        done = self._topics.committed(self._prefix + group, list(reach)) if reach else {}
        return sum(end - max(start, done.get(partition, start)) for partition, (start, end) in reach.items())

    def size(self, topic: str) -> int:
        """See `Log.size`."""
        return sum(end for _, end in self._topics.reach(self._prefix + topic).values())

    def expire(self, before: datetime) -> int:  # noqa: ARG002 (the broker does it, by the topic's retention.ms)
        """See `Log.expire`; always 0."""
        return 0

    def ping(self) -> None:
        """See `Log.ping`."""
        self._topics.ping()

    def close(self) -> None:
        """See `Log.close`."""
        self._give_up_producer()
        self._topics.close()

    def _read_partition(self, client: KafkaConsumer, partition: Any, start: int, end: int, topic: str) -> Iterator[Message]:
        client.assign([partition])
        client.seek(partition, start)
        silent_since = time.monotonic()
        while client.position(partition) < end:
            with self._address.reaching():
                records = client.poll(timeout_ms=500).get(partition, ())
            if records:
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > PATIENCE:
                raise self._address.unavailable(
                    f"{partition.topic} stopped answering at offset {client.position(partition)} of {end}"
                )
            yield from (message_of(record, topic) for record in records if record.offset < end)

    def _connect(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._address.knock()
                self._producer = KafkaProducer(
                    **self._address.options,
                    enable_idempotence=True,  # a batch that is sent again after a lost answer is not written twice
                    acks="all",
                    compression_type=_compression(self._settings.compression),
                    delivery_timeout_ms=int(PATIENCE * 1000),
                    max_block_ms=int(ANSWER * 1000),
                    max_request_size=MAX_RECORD,
                    batch_size=BATCH,
                    linger_ms=int(LINGER * 1000),
                    allow_auto_create_topics=False,
                )
            return self._producer

    def _give_up_producer(self) -> None:
        """Close the producer; after an error it may still hold messages whose fate is unknown."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):  # it could not send what it held; the caller knows already
                producer.close(timeout=1)


def _headers(record: Record) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in record.headers.items()]


def _compression(wanted: str) -> str | None:
    """The client's name for `wanted`; gzip, which Python always has, where its library is missing."""
    missing = (wanted == "lz4" and not has_lz4()) or (wanted == "zstd" and not has_zstd())
    if missing:
        _lines.warning(
            "compression not installed, using gzip",
            wanted=wanted,
            install=f"pip install {'zstandard' if wanted == 'zstd' else wanted}",
        )
        return "gzip"
    return None if wanted == "none" else wanted
