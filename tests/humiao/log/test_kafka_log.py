"""The Kafka log: the contract on a real broker, and what only it promises."""

import threading
import time
import uuid

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from humiao.errors import LogUnavailable, SettingsError
from humiao.log import MAX_MESSAGE, Record
from humiao.log import kafka as kafka_log
from humiao.log.kafka import KafkaLog
from humiao.settings import LogSettings
from tests.conftest import unavailable
from tests.contract.log_contract import TOPIC, LogContract, keys, records, take
from tests.servers.servers import free_port

pytestmark = pytest.mark.servers


class TestKafkaLog(LogContract):
    takeover_s = 15.0

    @pytest.fixture
    def url(self, kafka):
        return f"kafka://{kafka}"

    @pytest.fixture
    def prefix(self):
        return f"t{uuid.uuid4().hex[:12]}-"

    @pytest.fixture
    def unreachable(self):
        address = f"127.0.0.1:{free_port()}"
        return f"kafka://{address}", address

    @pytest.fixture
    def admin(self, kafka):
        client = KafkaAdminClient(bootstrap_servers=kafka)
        yield client
        client.close()

    def test_topics_are_made_as_the_settings_say(self, kafka, prefix, admin):
        with KafkaLog(kafka, LogSettings(partitions=3, keep_hours=2), prefix) as log:
            log.publish(TOPIC, records(1))
            log.publish("posts.dead", records(1))
        shape = {}
        for topic in (TOPIC, "posts.dead"):
            [described] = admin.describe_topics([prefix + topic])
            configs = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, prefix + topic)])["topic"][prefix + topic]
            limit = int(configs["max.message.bytes"]["value"])
            shape[topic] = (len(described["partitions"]), configs["retention.ms"]["value"], limit > MAX_MESSAGE)
        assert shape == {TOPIC: (3, str(2 * 3600 * 1000), True), "posts.dead": (3, "-1", True)}

    def test_topic_of_others_that_takes_too_little_is_named(self, kafka, prefix, admin):
        admin.create_topics(
            {prefix + TOPIC: {"num_partitions": 1, "replication_factor": 1, "configs": {"max.message.bytes": "1000"}}}
        )
        with KafkaLog(kafka, LogSettings(compression="none"), prefix) as log:
            with pytest.raises(SettingsError, match=f"{prefix}posts: .*max.message.bytes"):
                log.publish(TOPIC, [Record("k", bytes(5000))])
            log.publish(TOPIC, [Record("k", bytes(10))])

    @pytest.mark.parametrize("compression", ["none", "gzip", "lz4", "zstd"])
    def test_every_compression_is_read_back(self, kafka, prefix, compression):
        with KafkaLog(kafka, LogSettings(compression=compression), prefix) as log:
            log.publish(TOPIC, [Record("k", b"text " * 1000)])
            assert [message.value for message in log.read(TOPIC)] == [b"text " * 1000]

    def test_compression_without_its_library_becomes_gzip(self, kafka, prefix, monkeypatch, capsys):
        monkeypatch.setattr(kafka_log, "has_zstd", lambda: False)
        with KafkaLog(kafka, LogSettings(compression="zstd"), prefix) as log:
            log.publish(TOPIC, records(3))
            assert keys(log.read(TOPIC)) == keys(records(3))
        assert "zstandard" in "".join(capsys.readouterr())

    def test_prefix_keeps_two_installations_apart(self, kafka, prefix):
        with KafkaLog(kafka, LogSettings(), f"{prefix}a-") as one, KafkaLog(kafka, LogSettings(), f"{prefix}b-") as other:
            one.publish(TOPIC, records(3))
            assert (one.size(TOPIC), other.size(TOPIC), one.lag(TOPIC, "g"), other.lag(TOPIC, "g")) == (3, 0, 3, 0)

    def test_restart_of_the_broker_is_outlasted(self, request, prefix):
        server = request.getfixturevalue("kafka_server")
        if isinstance(server, str):
            unavailable("servers", server)
        with KafkaLog(server.bootstrap, LogSettings(), prefix) as log, log.subscribe(TOPIC, "g") as consumer:
            log.publish(TOPIC, records(5, "before"))
            consumer.commit(take(consumer, 5))
            server.kill()
            with KafkaLog(server.bootstrap, LogSettings(), prefix) as fresh, fresh.subscribe(TOPIC, "h") as newcomer:
                with pytest.raises(LogUnavailable, match=server.bootstrap):
                    newcomer.poll(1, 0.1)
                publishing = threading.Thread(target=log.publish, args=(TOPIC, records(5, "during")))
                publishing.start()
                server.start()
                publishing.join(60)
                log.publish(TOPIC, records(5, "after"))
                messages = self._take_through_outage(consumer, 10)
                assert keys(messages) == keys(records(5, "during") + records(5, "after"))
                consumer.commit(messages)
                assert (log.size(TOPIC), log.lag(TOPIC, "g")) == (15, 0)
                assert len(self._take_through_outage(newcomer, 15)) == 15

    def _take_through_outage(self, consumer, count):
        messages = []
        deadline = time.monotonic() + 40
        while len(messages) < count:
            assert time.monotonic() < deadline, f"{len(messages)} of {count} messages came"
            try:
                messages += consumer.poll(count, 0.5)
            except LogUnavailable:
                time.sleep(0.1)
        return messages
