"""Second views, duplicates and transfers: what a decision may be beyond yes and no."""

import contextlib
import threading
from pathlib import Path

import pytest

from alerting import desk, second
from alerting.handler import Handler
from humiao.alert import Status
from humiao.errors import BadInput, Conflict, NotFound
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.alerting.stream import BETS, SKINS, alerts_of, scored
from tests.builders import at

FRAUD = {Harm.FRAUD: 0.9}


@pytest.fixture
def pair(store: Store, handler: Handler) -> tuple[str, str]:
    """Two open alerts."""
    handler.handle([scored(1, SKINS, FRAUD), scored(2, BETS, {Harm.GAMBLING: 0.9})])
    first, other = alerts_of(store)
    return first.id, other.id


def kinds(store: Store, alert: str) -> list[str]:
    return [event.kind for event in store.events(alert)]


def test_who_wants_a_second_view_leaves_the_decision_to_another(store: Store, pair: tuple[str, str]) -> None:
    alert, _ = pair
    second.ask(store, alert, "patrol1", "拿不准是不是玩笑", at())
    assert store.alert(alert).value.status is Status.OPEN
    with pytest.raises(Conflict, match="patrol1 asked for a second view; another person decides it"):
        desk.decide(store, alert, "patrol1", "dismiss", "玩笑", at(minutes=1))
    with pytest.raises(Conflict, match="patrol1 asked for a second view already"):
        second.ask(store, alert, "patrol2", "我也拿不准", at(minutes=2))
    assert desk.decide(store, alert, "super1", "confirm", "", at(minutes=3)).status is Status.CONFIRMED
    with pytest.raises(Conflict, match="super1 decided already"):
        second.ask(store, alert, "patrol1", "再看", at(minutes=4))
    desk.reopen(store, alert, "super1", "新线索", at(minutes=5))
    assert desk.decide(store, alert, "patrol1", "dismiss", "误报", at(minutes=6)).status is Status.DISMISSED


def test_a_transfer_is_confirmed_and_names_the_department(store: Store, pair: tuple[str, str]) -> None:
    alert, _ = pair
    with pytest.raises(BadInput, match="department: is empty"):
        desk.decide(store, alert, "patrol1", "transfer", "", at())
    found = desk.decide(store, alert, "patrol1", "transfer", "已电话移交", at(), department="公安")
    assert found.status is Status.CONFIRMED
    assert store.events(alert)[-1].data == {"decision": "transfer", "reason": "已电话移交", "department": "公安"}
    assert second.review(store, alert, "super1", "confirm", at(minutes=1)).data["agrees"] is True


def test_a_duplicate_leaves_the_queue_and_its_original_knows(store: Store, pair: tuple[str, str]) -> None:
    alert, original = pair
    found = desk.decide(store, alert, "patrol1", "duplicate", "", at(), of=original)
    assert found.status is Status.DISMISSED
    assert store.events(alert)[-1].data == {"decision": "duplicate", "reason": "", "of": original}
    assert store.events(original)[-1].data == {"alert": alert, "decided": store.events(alert)[-1].hash}
    assert store.alert(original).value.status is Status.OPEN
    with pytest.raises(Conflict, match="is a duplicate of it already"):
        desk.decide(store, original, "patrol2", "duplicate", "", at(minutes=1), of=alert)
    with pytest.raises(Conflict, match=f"is a duplicate of {original}"):
        second.review(store, alert, "super1", "dismiss", at(minutes=2))


def test_what_a_decision_needs_is_asked_for(store: Store, pair: tuple[str, str]) -> None:
    alert, other = pair
    for decision, more, message in (
        ("duplicate", {}, "of: is empty"),
        ("duplicate", {"of": alert}, "is the same alert"),
        ("confirm", {"of": other}, "of: doesn't go with confirm"),
        ("dismiss", {"department": "公安"}, "department: doesn't go with dismiss"),
    ):
        with pytest.raises(BadInput, match=message):
            desk.decide(store, alert, "patrol1", decision, "理由", at(), **more)
    with pytest.raises(NotFound):
        desk.decide(store, alert, "patrol1", "duplicate", "", at(), of="f" * 32)
    assert kinds(store, alert) == ["raised"]


@pytest.mark.parametrize("turn", range(10))
def test_two_alerts_are_never_left_as_each_others_duplicate(data: Path, store: Store, pair: tuple[str, str], turn: int) -> None:
    ready = threading.Barrier(2)

    def act(alert: str, other: str) -> None:
        with open_store(Settings(data=data)) as own:
            ready.wait()
            with contextlib.suppress(Conflict):
                desk.decide(own, alert, f"patrol-{alert[:4]}", "duplicate", "", at(minutes=turn), of=other)

    threads = [threading.Thread(target=act, args=pair[::step]) for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [store.alert(id).value.status for id in pair]
    assert Status.OPEN in statuses, "an incident that is two duplicates is seen by nobody"
