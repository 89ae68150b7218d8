"""The alerts are a function of the set of scored posts: not of order, batches, repetition, kills or the number of workers."""

import random
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from alerting.handler import Handler
from humiao.errors import StoreUnavailable
from humiao.evidence import Evidence
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import open_store
from humiao.verdict import Scored
from tests.alerting.stream import BRIDGED, alerts_of, check_whole, deliver, handler_on, outcome, scored, storm


def run(folder: Path, rows: list[Scored], seed: int) -> dict[str, Any]:
    folder.mkdir()
    (folder / "keys").mkdir()
    (folder / "keys" / "author.key").write_bytes(b"k" * 32)
    with open_store(Settings(data=folder)) as store:
        deliver(handler_on(store, folder), rows, random.Random(seed))
        check_whole(store)
        return outcome(store)


@pytest.fixture(scope="module")
def rows() -> list[Scored]:
    return storm()


@pytest.fixture(scope="module")
def expected(rows: list[Scored], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("straight") / "data", rows, seed=0)


def test_the_storm_holds_campaigns_and_lone_posts(expected: dict[str, Any]) -> None:
    sizes = sorted(alert["post_count"] for alert in expected["alerts"])
    assert sizes[-1] >= 15
    assert sizes[0] == 1
    assert len(sizes) >= 10


@pytest.mark.parametrize("seed", range(20))
def test_any_order_batches_and_redelivery_give_the_same(
    rows: list[Scored], expected: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    got = run(tmp_path / "data", shuffled, seed)
    assert got == expected


@pytest.mark.parametrize("seed", range(4))
def test_two_workers_at_once_give_the_same(rows: list[Scored], expected: dict[str, Any], tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "data"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "author.key").write_bytes(b"k" * 32)
    at_once(Settings(data=folder), rows, seed)
    with open_store(Settings(data=folder)) as store:
        check_whole(store)
        assert outcome(store) == expected


def at_once(settings: Settings, rows: list[Scored], seed: int) -> None:
    """Two workers, each with its own connection, share `rows` as partitions do: all revisions of a post go to the same one."""
    dice = random.Random(seed)
    shuffled = list(rows)
    dice.shuffle(shuffled)
    shares: list[list[Scored]] = [[], []]
    for row in shuffled:
        shares[int(row.post.id, 16) % 2].append(row)
    failed: list[BaseException] = []
    open_store(settings).close()

    def work(share: list[Scored], seed: int) -> None:
        try:
            with open_store(settings) as store:
                for left in range(4, -1, -1):
                    try:
                        deliver(handler_on(store, settings.data), share, random.Random(seed))
                        break
                    except StoreUnavailable:  # a busy node says so now and then; the stage delivers again as well
                        if not left:
                            raise
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    workers = [threading.Thread(target=work, args=(share, seed + number)) for number, share in enumerate(shares)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []


def test_evidence_read_before_another_merge_follows_that_merge(tmp_path: Path) -> None:
    """A worker reads an alert's evidence to move it; before it writes, another one merges both alerts into an earlier one."""
    folder = tmp_path / "data"
    (folder / "keys").mkdir(parents=True)
    settings = Settings(data=folder)
    flags = {Harm.FRAUD: 0.9}
    with open_store(settings) as store, open_store(settings) as other:
        handler_on(store, folder).handle([scored(5, BRIDGED[0], flags), scored(6, BRIDGED[2], flags)])
        assert len(alerts_of(store)) == 2
        read, raced = store.evidence, []

        def evidence(alert: str) -> list[Evidence]:
            found = read(alert)
            if not raced:
                raced.append(alert)
                handler_on(other, folder).handle([scored(1, BRIDGED[1], flags)])
            return found

        store.evidence = evidence  # type: ignore[method-assign]
        handler_on(store, folder).handle([scored(7, BRIDGED[1], flags)])
        assert raced
        check_whole(other)
        [alert] = alerts_of(other)
        assert len(other.evidence(alert.id)) == 4


@pytest.mark.servers
def test_elasticsearch_gives_the_same_with_two_workers(tmp_path: Path, elasticsearch: str) -> None:
    rows = storm(40)
    expected = run(tmp_path / "embedded", rows, seed=0)
    folder = tmp_path / "data"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "author.key").write_bytes(b"k" * 32)
    settings = Settings(data=folder, store=elasticsearch, prefix=f"same{uuid4().hex[:8]}-")
    at_once(settings, rows, seed=1)
    with open_store(settings) as store:
        check_whole(store)
        assert outcome(store) == expected


def test_redelivery_of_everything_changes_nothing(rows: list[Scored], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with open_store(Settings(data=folder)) as store:
        handler = handler_on(store, folder)
        deliver(handler, rows)
        before = outcome(store), {alert.id: store.events(alert.id) for alert in alerts_of(store)}
        handler.handle(rows)
        deliver(handler, list(reversed(rows)))
        assert (outcome(store), {alert.id: store.events(alert.id) for alert in alerts_of(store)}) == before


class Killed(BaseException):
    """Not an Exception: nothing may catch it."""


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_any_write_is_made_good_by_redelivery(
    rows: list[Scored], expected: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "data"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "author.key").write_bytes(b"k" * 32)
    dice = random.Random(seed)
    shuffled = list(rows)
    dice.shuffle(shuffled)
    with open_store(Settings(data=folder)) as store:
        place = 0
        while place < len(shuffled):
            size = dice.choice((3, 20, 40))
            batch = shuffled[place : place + size]
            try:
                killed_after(store, dice.randrange(12), handler_on(store, folder)).handle(batch)
            except Killed:
                restore(store)
                continue
            restore(store)
            place += size
        check_whole(store)
        got = outcome(store)
    assert got == expected


WRITES = ("put_posts", "put_alert", "append_event", "put_evidence")


def killed_after(store: Any, writes: int, handler: Handler) -> Handler:
    """The worker is killed at its write number `writes`."""
    left = [writes]
    for name in WRITES:
        real = getattr(type(store), name)

        def write(*args: Any, real: Any = real) -> Any:
            if left[0] == 0:
                left[0] = -1
                raise Killed
            left[0] -= 1
            return real(store, *args)

        setattr(store, name, write)
    return handler


def restore(store: Any) -> None:
    for name in WRITES:
        vars(store).pop(name, None)
