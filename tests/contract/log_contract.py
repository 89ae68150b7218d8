"""What every log adapter promises; each adapter's test class inherits `LogContract` and says how to open one."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from humiao.errors import BadInput, LeaseLost, LogUnavailable, NotFound
from humiao.log import MAX_MESSAGE, Log, Record, open_log
from humiao.log.dead import dead_letters, replay
from humiao.settings import LogSettings, Settings

TOPIC = "posts"


def records(count, name="k"):
    return [Record(f"{name}{number}", f"{name}{number}".encode()) for number in range(count)]


def take(consumer, count, *, seconds=20.0):
    """Poll until `count` messages have come; fails when they do not."""
    messages = []
    deadline = time.monotonic() + seconds
    while len(messages) < count:
        assert time.monotonic() < deadline, f"{len(messages)} of {count} messages came"
        messages += consumer.poll(count - len(messages), 0.2)
    return messages


def keys(messages):
    return sorted(message.key for message in messages)


class LogContract:
    """Adapters provide `url`, `prefix`, `unreachable` (a URL where no log is, and the text that names it) and `takeover_s`."""

    lease = 1.0
    takeover_s = 5.0
    """Seconds within which a killed member's partitions are free."""

    @pytest.fixture
    def url(self):
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self):
        raise NotImplementedError

    @pytest.fixture
    def prefix(self):
        return ""

    @pytest.fixture
    def opened(self, url, prefix):
        """Opens the log anew, as another process would."""
        with ExitStack() as stack:
            bus = LogSettings(lease=self.lease)
            yield lambda: stack.enter_context(open_log(Settings(log=url, prefix=prefix, bus=bus)))

    @pytest.fixture
    def log(self, opened) -> Log:
        return opened()

    @pytest.fixture
    def process(self, url, prefix):
        """Starts a process of its own in a role of `log_process`; it is killed at the end."""
        started = []

        def start(*role):
            command = [sys.executable, "-m", "tests.contract.log_process", url, prefix, str(self.lease), *map(str, role)]
            started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            return started[-1]

        yield start
        for one in started:
            one.kill()
            one.communicate()

    def test_record_comes_back_as_written(self, log):
        before = datetime.now(UTC) - timedelta(seconds=2)
        written = [
            Record("孩子-🧒-ключ", "正文 with \x00 and 😀".encode(), {"traceparent": "00-ab", "板块": "水区 😀"}),
            Record("", b"", {}),
            Record("big", os.urandom(1_000_000), {"kind": "picture"}),
        ]
        log.publish(TOPIC, written)
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 3)
        found = {message.key: message for message in messages}
        for record in written:
            message = found[record.key]
            assert (message.value, dict(message.headers), message.topic) == (record.value, dict(record.headers), TOPIC)
            assert before < message.written_at < datetime.now(UTC) + timedelta(seconds=2)
            assert message.written_at.utcoffset() == timedelta(0)

    def test_messages_of_a_key_keep_their_order(self, log):
        for start in range(0, 60, 20):
            log.publish(TOPIC, [Record(f"user{n % 7}", str(n).encode()) for n in range(start, start + 20)])
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 60)
        for key in {message.key for message in messages}:
            mine = [message for message in messages if message.key == key]
            assert len({message.partition for message in mine}) == 1
            assert [int(message.value) for message in mine] == sorted(int(message.value) for message in mine)
        assert len({message.partition for message in messages}) > 1

    def test_poll_returns_no_more_than_asked_and_waits_no_longer(self, log):
        log.publish(TOPIC, records(10))
        with log.subscribe(TOPIC, "g") as consumer:
            first = take(consumer, 1)
            second = consumer.poll(4, 5.0)
            assert len(first) == 1
            assert 1 <= len(second) <= 4
            rest = take(consumer, 10 - 1 - len(second))
            assert keys(first + second + rest) == keys(records(10))
            began = time.monotonic()
            assert consumer.poll(4, 0.3) == []
            assert time.monotonic() - began < 2

    def test_waiting_poll_wakes_up_for_a_new_message(self, log, opened):
        log.publish(TOPIC, records(1))
        with log.subscribe(TOPIC, "g") as consumer:
            take(consumer, 1)
            timer = threading.Timer(0.3, opened().publish, (TOPIC, [Record("late", b"")]))
            timer.start()
            began = time.monotonic()
            messages = take(consumer, 1)
            timer.join()
        assert keys(messages) == ["late"]
        assert time.monotonic() - began < 3

    def test_publish_outlasts_closing(self, opened):
        with opened() as log:
            log.publish(TOPIC, records(5))
        assert keys(opened().read(TOPIC)) == keys(records(5))

    def test_new_group_begins_with_the_oldest_message(self, log):
        log.publish(TOPIC, records(5))
        for group in ("first", "second"):
            with log.subscribe(TOPIC, group) as consumer:
                messages = take(consumer, 5)
                consumer.commit(messages)
            assert keys(messages) == keys(records(5))

    def test_committed_group_goes_on_where_it_was(self, opened):
        with opened() as log:
            log.publish(TOPIC, records(5, "old"))
            with log.subscribe(TOPIC, "g") as consumer:
                consumer.commit(take(consumer, 5))
        again = opened()
        again.publish(TOPIC, records(3, "new"))
        with again.subscribe(TOPIC, "g") as consumer:
            assert keys(take(consumer, 3)) == keys(records(3, "new"))
            assert consumer.poll(10, 0.3) == []

    def test_uncommitted_messages_come_again_after_close(self, log):
        log.publish(TOPIC, [Record("one", str(n).encode()) for n in range(6)])
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 6)
            consumer.commit(messages[:2])
        with log.subscribe(TOPIC, "g") as consumer:
            assert [message.value for message in take(consumer, 4)] == [b"2", b"3", b"4", b"5"]

    def test_uncommitted_messages_come_again_after_rewind(self, log):
        log.publish(TOPIC, [Record("one", str(n).encode()) for n in range(6)])
        with log.subscribe(TOPIC, "g") as consumer:
            consumer.commit(take(consumer, 6)[:2])
            consumer.rewind()
            again = take(consumer, 4)
            assert [message.value for message in again] == [b"2", b"3", b"4", b"5"]
            consumer.commit(again)
            consumer.rewind()
            assert consumer.poll(10, 0.3) == []

    def test_two_members_share_the_partitions(self, log, opened):
        stop = threading.Event()
        handled = {"first": [], "second": []}

        def work(name):
            with opened().subscribe(TOPIC, "g") as consumer:
                while not stop.is_set():
                    messages = consumer.poll(3, 0.1)
                    consumer.commit(messages)
                    handled[name] += messages

        published = []
        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(work, name) for name in handled]
            try:
                deadline = time.monotonic() + 20
                while not all(handled.values()) or log.lag(TOPIC, "g"):
                    assert time.monotonic() < deadline, {name: len(messages) for name, messages in handled.items()}
                    if not log.lag(TOPIC, "g"):
                        batch = records(8, f"batch{len(published)}-")
                        log.publish(TOPIC, batch)
                        published += batch
                    time.sleep(0.01)
            finally:
                stop.set()
            for future in running:
                future.result()
        seen = Counter(message.key for messages in handled.values() for message in messages)
        assert seen == Counter(record.key for record in published)

    def test_killed_member_is_replaced_and_nothing_is_lost(self, log, process):
        log.publish(TOPIC, records(12))
        victim = process("hold", TOPIC, "g")
        assert len(json.loads(victim.stdout.readline())) > 0
        victim.kill()
        victim.wait()
        began = time.monotonic()
        with log.subscribe(TOPIC, "g") as consumer:
            assert keys(take(consumer, 12, seconds=self.takeover_s)) == keys(records(12))
        assert time.monotonic() - began < self.takeover_s

    def test_member_that_was_taken_for_dead_can_not_commit(self, log, process):
        log.publish(TOPIC, records(12))
        sleeper = process("hold", TOPIC, "g")
        assert json.loads(sleeper.stdout.readline())
        sleeper.send_signal(signal.SIGSTOP)
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 12)
            sleeper.send_signal(signal.SIGCONT)
            sleeper.stdin.write("go on\n")
            sleeper.stdin.flush()
            assert json.loads(sleeper.stdout.readline()) == LeaseLost.__name__
            consumer.commit(messages)
        assert log.lag(TOPIC, "g") == 0

    def test_lag_and_size_count_messages(self, log):
        assert (log.size(TOPIC), log.lag(TOPIC, "g")) == (0, 0)
        log.publish(TOPIC, records(10))
        assert (log.size(TOPIC), log.lag(TOPIC, "g")) == (10, 10)
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 10)
            assert (log.lag(TOPIC, "g"), consumer.lag()) == (10, 10)
            consumer.commit(messages)
            assert (log.lag(TOPIC, "g"), consumer.lag()) == (0, 0)
            log.publish(TOPIC, records(3, "more"))
            assert (log.lag(TOPIC, "g"), log.lag(TOPIC, "other"), log.size(TOPIC)) == (3, 13, 13)

    def test_read_ends_where_the_topic_ended_when_it_began(self, log):
        assert list(log.read(TOPIC)) == []
        log.publish(TOPIC, records(30))
        reading = log.read(TOPIC)
        found = [next(reading)]
        log.publish(TOPIC, records(30, "later"))
        found += reading
        assert keys(found) == keys(records(30))
        assert [(m.partition, m.offset) for m in found] == sorted((m.partition, m.offset) for m in found)
        assert log.lag(TOPIC, "g") == 60

    def test_oversize_record_is_refused_and_nothing_of_its_batch_written(self, log):
        with pytest.raises(BadInput, match=str(MAX_MESSAGE)):
            log.publish(TOPIC, [Record("good", b"x"), Record("big", bytes(MAX_MESSAGE + 1))])
        with pytest.raises(BadInput, match="UTF-8"):
            log.publish(TOPIC, [Record("good", b"x"), Record("\ud800", b"x")])
        with pytest.raises(BadInput, match="headers"):
            log.publish(TOPIC, [Record("good", b"x"), Record("k", b"x", {"h": "x" * 70_000})])
        assert log.size(TOPIC) == 0

    def test_largest_record_passes(self, log):
        body = os.urandom(MAX_MESSAGE)
        log.publish(TOPIC, [Record("big", body)])
        with log.subscribe(TOPIC, "g") as consumer:
            [message] = take(consumer, 1)
            log.bury(message, "x" * 5000, "s")
        assert message.value == body
        assert [letter.value == body for letter in log.read("posts.dead")] == [True]

    def test_empty_calls_do_nothing(self, log):
        log.publish(TOPIC, [])
        with log.subscribe(TOPIC, "g") as consumer:
            consumer.rewind()
            assert consumer.poll(5, 0) == []
            consumer.commit([])
            assert consumer.lag() == 0

    def test_concurrent_publishers_lose_nothing(self, log, process):
        running = [process("publish", TOPIC, f"p{number}", 40) for number in range(4)]
        for one in running:
            assert json.loads(one.stdout.readline()) == "done"
        expected = sorted(f"p{number}-{count}" for number in range(4) for count in range(40))
        assert keys(log.read(TOPIC)) == expected

    def test_dead_letters_are_listed_with_their_reason(self, log):
        log.publish(TOPIC, [Record("甲", "坏\n消息".encode(), {"source": "贴吧"})])
        assert dead_letters(log, TOPIC) == []
        with log.subscribe(TOPIC, "g") as consumer:
            [message] = take(consumer, 1)
            log.bury(message, "坏 JSON 在第 3 行", "classify")
            log.bury(message, "坏 JSON 在第 3 行", "classify")  # as a stage does that is killed before its commit
        [letter] = dead_letters(log, TOPIC)
        assert letter.id == f"posts/{message.partition}/0"
        assert (letter.topic, letter.key, letter.stage, letter.reason) == (TOPIC, "甲", "classify", "坏 JSON 在第 3 行")
        assert (letter.excerpt, letter.bytes) == ("坏 消息", len(message.value))
        assert letter.buried_at >= message.written_at

    def test_replay_happens_once(self, log):
        log.publish(TOPIC, [Record(f"k{n}", str(n).encode(), {"source": "s"}) for n in range(3)])
        with log.subscribe(TOPIC, "g") as consumer:
            messages = take(consumer, 3)
            for message in messages:
                log.bury(message, "no reason", "classify")
            consumer.commit(messages)
            chosen = next(letter for letter in dead_letters(log, TOPIC) if letter.key == "k1")
            with pytest.raises(NotFound, match="posts/9/9"):
                replay(log, TOPIC, [chosen.id, "posts/9/9"])
            assert replay(log, TOPIC, [chosen.id]) == 1
            [again] = take(consumer, 1)
            assert (again.key, again.value, dict(again.headers)) == ("k1", b"1", {"source": "s"})
            assert sorted(letter.key for letter in dead_letters(log, TOPIC)) == ["k0", "k2"]
            assert (replay(log, TOPIC), replay(log, TOPIC)) == (2, 0)
            assert keys(take(consumer, 2)) == ["k0", "k2"]
        assert log.size(TOPIC) == 6

    def test_ping_answers(self, log):
        log.ping()

    def test_unreachable_log_is_named(self, unreachable):
        url, name = unreachable
        with open_log(Settings(log=url)) as log:
            for act in (log.ping, lambda: log.publish(TOPIC, records(1)), lambda: log.size(TOPIC)):
                with pytest.raises(LogUnavailable, match=name):
                    act()
            with log.subscribe(TOPIC, "g") as consumer, pytest.raises(LogUnavailable, match=name):
                consumer.poll(1, 0.1)
