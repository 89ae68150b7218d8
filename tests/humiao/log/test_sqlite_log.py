"""The embedded log: the contract, and what only it promises."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from humiao.errors import LeaseLost, LogUnavailable
from humiao.log import Record, sqlite_file
from humiao.log.sqlite import SqliteLog
from humiao.log.sqlite_group import share
from humiao.settings import LogSettings
from tests.contract.log_contract import TOPIC, LogContract, keys, records, take


class TestSqliteLog(LogContract):
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "data" / "log.db"

    @pytest.fixture
    def url(self, path):
        return f"sqlite:///{path}"

    @pytest.fixture
    def unreachable(self, tmp_path):
        (tmp_path / "file").write_text("no folder")
        path = tmp_path / "file" / "log.db"
        return f"sqlite:///{path}", str(path)

    def test_expire_deletes_what_every_group_has_done(self, log):
        log.publish(TOPIC, records(10))
        log.publish("posts.dead", records(2))
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert log.expire(later) == 0  # nobody has read anything yet
        with log.subscribe(TOPIC, "fast") as fast, log.subscribe(TOPIC, "slow") as slow:
            fast.commit(take(fast, 10))
            half = take(slow, 5)
            assert log.expire(later) == 0
            slow.commit(half)
            assert log.expire(datetime.now(UTC) - timedelta(hours=1)) == 0
            assert log.expire(later) == 5
            assert (len(list(log.read(TOPIC))), log.size(TOPIC), log.lag(TOPIC, "slow"), log.lag(TOPIC, "new")) == (5, 10, 5, 5)
            slow.commit(take(slow, 5))
            assert log.expire(later) == 5
        assert list(log.read(TOPIC)) == []
        log.publish(TOPIC, [Record("k0", b"new")])
        with log.subscribe(TOPIC, "fast") as consumer:
            assert [message.value for message in take(consumer, 1)] == [b"new"]
        assert (log.size(TOPIC), len(list(log.read("posts.dead")))) == (11, 2)

    def test_killed_member_is_replaced_long_before_its_lease_ends(self, path, process, monkeypatch):
        monkeypatch.setattr(TestSqliteLog, "lease", 60.0)
        log = SqliteLog(path, LogSettings(lease=60))
        log.publish(TOPIC, records(12))
        victim = process("hold", TOPIC, "g")
        assert json.loads(victim.stdout.readline())
        with log.subscribe(TOPIC, "g") as consumer:
            held = consumer.poll(100, 0.1)
            victim.kill()  # and not waited for: a process that ended but was not reaped is dead, too
            assert keys(held + take(consumer, 12 - len(held), seconds=5)) == keys(records(12))

    def test_long_batch_is_not_taken_for_death(self, log):
        log.publish(TOPIC, [Record("one", b"")])
        with log.subscribe(TOPIC, "g") as busy, log.subscribe(TOPIC, "g") as other:
            messages = take(busy, 1)
            assert other.poll(10, self.lease * 2) == []
            busy.commit(messages)
        assert log.lag(TOPIC, "g") == 0

    def test_member_that_never_commits_hands_over_after_a_lease(self, log):
        log.publish(TOPIC, records(40))
        with log.subscribe(TOPIC, "g") as hoarder, log.subscribe(TOPIC, "g") as other:
            hoarded = take(hoarder, 40)
            got = []
            deadline = time.monotonic() + 10
            while not got:
                assert time.monotonic() < deadline
                hoarder.poll(1, 0.05)
                got = other.poll(100, 0.05)
            with pytest.raises(LeaseLost, match="group g gave partitions"):
                hoarder.commit(hoarded)
            other.commit(got)
        assert log.lag(TOPIC, "g") == 0

    def test_leaving_member_frees_its_partitions_at_once(self, path):
        log = SqliteLog(path, LogSettings(lease=60))
        log.publish(TOPIC, records(12))
        with log.subscribe(TOPIC, "g") as second:
            with log.subscribe(TOPIC, "g") as first:
                take(first, 12)
                assert second.poll(10, 0) == []
            assert keys(take(second, 12, seconds=2)) == keys(records(12))

    @pytest.mark.parametrize(("members", "partitions"), [(1, 4), (3, 4), (4, 4), (5, 4), (3, 10)])
    def test_shares_are_fair_and_complete(self, members, partitions):
        shares = [share(rank, members, partitions) for rank in range(members)]
        assert sum(shares) == partitions
        assert max(shares) - min(shares) <= 1

    def test_killed_publisher_leaves_whole_batches(self, log, process):
        for _ in range(3):
            before = log.size(TOPIC)
            publisher = process("flood", TOPIC, 50)
            deadline = time.monotonic() + 20
            while log.size(TOPIC) < before + 100:
                assert time.monotonic() < deadline
            publisher.kill()
            publisher.wait()
        messages = list(log.read(TOPIC))
        assert (len(messages), len(messages) % 50) == (log.size(TOPIC), 0)
        for partition in {message.partition for message in messages}:
            offsets = [message.offset for message in messages if message.partition == partition]
            assert offsets == list(range(len(offsets)))

    def test_threads_may_publish_through_one_log(self, log):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: log.publish(TOPIC, records(10, f"t{number}-")), range(20)))
        assert (log.size(TOPIC), len({message.key for message in log.read(TOPIC)})) == (200, 200)

    def test_writer_that_never_ends_is_an_outage_and_the_log_goes_on_after_it(self, log, path, monkeypatch):
        log.publish(TOPIC, records(1))
        log.close()
        monkeypatch.setattr(sqlite_file, "PATIENCE", 0.2)
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 1)
            hog = sqlite3.connect(path, isolation_level=None)
            hog.execute("BEGIN IMMEDIATE")
            for act in (lambda: log.publish(TOPIC, records(1)), lambda: consumer.commit(messages)):
                with pytest.raises(LogUnavailable, match=r"log\.db: database is locked"):
                    act()
            hog.execute("ROLLBACK")
            hog.close()
            log.publish(TOPIC, records(1))
            consumer.commit(messages)
        assert (log.size(TOPIC), log.lag(TOPIC, "g")) == (2, 1)

    def test_file_that_is_no_log_is_refused(self, tmp_path):
        (tmp_path / "text.db").write_text("this is no database, it is a letter " * 100)
        with pytest.raises(LogUnavailable, match=r"text\.db: file is not a database"):
            SqliteLog(tmp_path / "text.db", LogSettings()).ping()
        with sqlite3.connect(tmp_path / "newer.db") as newer:
            newer.execute("PRAGMA user_version=9")
        with pytest.raises(LogUnavailable, match=r"newer\.db: written by another version"):
            SqliteLog(tmp_path / "newer.db", LogSettings()).ping()

    def test_dropped_consumer_stops_renewing_its_lease(self, log):
        log.publish(TOPIC, records(4))
        consumer = log.subscribe(TOPIC, "g")
        take(consumer, 4)
        [renewal] = [thread for thread in threading.enumerate() if thread.name == "lease-renewal"]
        del consumer
        renewal.join(5)
        assert not renewal.is_alive()
