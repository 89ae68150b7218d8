"""The loop that every consuming stage runs."""

import threading
from itertools import count

import pytest

from humiao import stage as stage_module
from humiao.errors import BadInput, StoreUnavailable
from humiao.log import POSTS, Record
from humiao.log.dead import dead_letters
from humiao.log.sqlite import SqliteLog
from humiao.settings import LogSettings
from humiao.stage import ATTEMPTS, Stage, opened


@pytest.fixture
def log(tmp_path):
    with SqliteLog(tmp_path / "log.db", LogSettings(partitions=1)) as log:
        yield log


def publish(log, *values):
    log.publish(POSTS, [Record("k", value.encode()) for value in values])


def run(log, handle, *, batch=64):
    """Run a stage until it has committed everything; the values it handled."""
    handled = []

    def handle_and_note(messages):
        handle(messages)
        handled.extend(message.value.decode() for message in messages)

    def stop_when_done():
        if log.lag(POSTS, "classify") == 0:
            stage.stop()

    stage = Stage("classify", log, POSTS, handle_and_note, batch=batch, idle=stop_when_done)
    stage.run()
    return handled


def values(messages):
    return [message.value.decode() for message in messages]


def test_messages_are_handled_in_order_and_batches(log):
    publish(log, *map(str, range(10)))
    sizes = []
    assert run(log, lambda messages: sizes.append(len(messages)), batch=4) == [str(n) for n in range(10)]
    assert sizes == [4, 4, 2]


def test_poison_is_isolated_and_buried_with_its_reason(log):
    publish(log, *[str(n) for n in range(15)], "poison")
    calls = []

    def handle(messages):
        calls.append(len(messages))
        if "poison" in values(messages):
            raise BadInput("text: 2 MiB are too long")

    handled = run(log, handle)
    assert sorted(handled, key=int) == [str(n) for n in range(15)]
    assert calls == [16, 8, 8, 4, 4, 2, 2, 1, 1]  # halved until it stood alone
    [letter] = dead_letters(log, POSTS)
    assert (letter.reason, letter.stage, letter.excerpt) == ("text: 2 MiB are too long", "classify", "poison")


def test_every_poison_of_a_batch_is_buried_and_everything_else_handled(log):
    publish(log, *[f"{'bad' if n % 3 == 0 else 'good'}{n}" for n in range(20)])

    def handle(messages):
        if any(value.startswith("bad") for value in values(messages)):
            raise BadInput("bad")

    handled = run(log, handle, batch=8)
    assert sorted(handled) == sorted(f"good{n}" for n in range(20) if n % 3)
    assert sorted(letter.excerpt for letter in dead_letters(log, POSTS)) == sorted(f"bad{n}" for n in range(0, 20, 3))


def test_unexplained_failure_is_tried_again_before_the_message_is_buried(log):
    publish(log, "strange")
    calls = []

    def handle(messages):
        calls.append(values(messages))
        raise RuntimeError("no idea")

    assert run(log, handle) == []
    assert len(calls) == ATTEMPTS
    [letter] = dead_letters(log, POSTS)
    assert letter.reason == f"RuntimeError: no idea (tried {ATTEMPTS} times)"


def test_message_that_fails_once_is_not_buried(log):
    publish(log, "shaky")
    calls = count()

    def handle(_):
        if next(calls) == 0:
            raise RuntimeError("once")

    assert run(log, handle) == ["shaky"]
    assert dead_letters(log, POSTS) == []


def test_outage_is_outlasted_and_buries_nothing(log, monkeypatch):
    monkeypatch.setattr(stage_module, "PAUSE", (0.01, 0.05))
    publish(log, "a", "b")
    calls = count()

    def handle(_):
        if next(calls) < ATTEMPTS + 3:
            raise StoreUnavailable("store http://es:9200: connection refused")

    assert run(log, handle) == ["a", "b"]
    assert dead_letters(log, POSTS) == []


def test_stop_during_an_outage_leaves_the_batch_for_later(log):
    publish(log, "a", "b")
    in_outage = threading.Event()

    def handle(_):
        in_outage.set()
        raise StoreUnavailable("store http://es:9200: connection refused")

    stage = Stage("classify", log, POSTS, handle, batch=10)
    thread = threading.Thread(target=stage.run)
    thread.start()
    assert in_outage.wait(10)
    stage.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert log.lag(POSTS, "classify") == 2
    assert run(log, lambda _: None) == ["a", "b"]


def test_stop_finishes_the_batch_in_hand(log):
    publish(log, "a", "b", "c")
    started, go_on = threading.Event(), threading.Event()

    def handle(_):
        started.set()
        assert go_on.wait(10)

    stage = Stage("classify", log, POSTS, handle, batch=2)
    thread = threading.Thread(target=stage.run)
    thread.start()
    assert started.wait(10)
    stage.stop()
    go_on.set()
    thread.join(5)
    assert not thread.is_alive()
    assert log.lag(POSTS, "classify") == 1


def test_idle_is_called_while_nothing_comes(log):
    calls = []

    def idle():
        calls.append(1)
        if len(calls) == 2:
            stage.stop()

    stage = Stage("classify", log, POSTS, lambda _: None, batch=10, idle=idle)
    stage.run()
    assert len(calls) == 2


def test_a_store_that_is_away_when_a_stage_starts_is_waited_for():
    answers = [StoreUnavailable("store: does not answer"), StoreUnavailable("store: does not answer"), "the store"]

    def open():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert opened(open) == "the store"


def test_a_store_that_stays_away_is_told_in_one_line():
    def open():
        raise StoreUnavailable("store http://es:9200: does not answer")

    with pytest.raises(StoreUnavailable, match="es:9200"):
        opened(open, patience=0.3)
