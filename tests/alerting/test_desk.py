"""What people do with alerts: one decision wins, it survives merging, every act leaves a link in the chain."""

import threading
from pathlib import Path

import pytest

from alerting import desk
from alerting.handler import Handler
from alerting.incident import item
from humiao.alert import Status
from humiao.errors import BadInput, Conflict, NotFound
from humiao.event import broken_links
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import Store, open_store
from humiao.verdict import Span
from tests.alerting.racing import at_once
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, check_whole, scored
from tests.builders import at, make_post, make_verdict

FRAUD = {Harm.FRAUD: 0.9}


@pytest.fixture
def alert(store: Store, handler: Handler) -> str:
    """Id of an open alert."""
    handler.handle([scored(1, SKINS, FRAUD)])
    return alerts_of(store)[0].id


def kinds(store: Store, alert: str) -> list[str]:
    chain = store.events(alert)
    assert broken_links(chain) == []
    return [event.kind for event in chain]


def test_a_decision_sets_status_who_and_when(store: Store, alert: str) -> None:
    decided = desk.decide(store, alert, "patrol1", "confirm", "电话核实属实", at(hours=3))
    assert (decided.status, decided.decided_by, decided.decided_at) == (Status.CONFIRMED, "patrol1", at(hours=3))
    assert store.alert(alert).value == decided
    assert store.events(alert)[-1].data == {"decision": "confirm", "reason": "电话核实属实"}
    assert kinds(store, alert) == ["raised", "decided"]


def test_the_second_decision_learns_who_was_first_and_when(store: Store, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "confirm", "", at(hours=3))
    with pytest.raises(Conflict, match=r"patrol1 decided already \(已确认\) at 2026-03-02T07:00:00"):
        desk.decide(store, alert, "patrol2", "dismiss", "误报", at(hours=4))
    assert store.alert(alert).value.status is Status.CONFIRMED


def test_of_many_decisions_at_the_same_time_exactly_one_wins(data: Path, alert: str) -> None:
    def act(store: Store, number: int) -> None:
        desk.decide(store, alert, f"patrol{number}", "confirm" if number % 2 else "dismiss", "理由", at(hours=number))

    won, lost = at_once(data, act)
    assert len(won) == 1
    assert len(lost) == 5
    (decider,) = (f"patrol{number}" for number in won)
    assert all(decider in message for message in lost)
    with open_store(Settings(data=data)) as store:
        assert store.alert(alert).value.decided_by == decider
        assert kinds(store, alert) == ["raised", "decided"]


def test_an_alert_decided_while_posts_join_keeps_both(data: Path, store: Store, handler: Handler, alert: str) -> None:
    decided = threading.Event()

    def act() -> None:
        with open_store(Settings(data=data)) as other:
            desk.decide(other, alert, "patrol1", "confirm", "", at(hours=3))
        decided.set()

    thread = threading.Thread(target=act)
    thread.start()
    for n in range(2, 30):
        handler.handle([scored(n, SKINS, FRAUD)])
    thread.join()
    assert decided.is_set()
    (found,) = alerts_of(store)
    assert (found.status, found.post_count) == (Status.CONFIRMED, 29)
    check_whole(store)


def test_a_decided_alert_that_gets_posts_keeps_its_status(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "dismiss", "演练", at(hours=3))
    handler.handle([scored(2, SKINS, FRAUD)])
    (found,) = alerts_of(store)
    assert (found.status, found.decided_by, found.post_count) == (Status.DISMISSED, "patrol1", 2)
    assert kinds(store, alert) == ["raised", "decided", "joined", "reposted"]


def test_a_decision_survives_an_earlier_post_that_takes_the_lead(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "confirm", "属实", at(hours=3))
    handler.handle([scored(0, SKINS, FRAUD)])
    (found,) = alerts_of(store)
    assert found.id != alert
    assert (found.status, found.decided_by, found.decided_at) == (Status.CONFIRMED, "patrol1", at(hours=3))
    assert desk.resolve(store, alert).value == found
    assert "decided" in kinds(store, found.id)
    with pytest.raises(Conflict, match="patrol1"):
        desk.decide(store, alert, "patrol2", "dismiss", "误报", at(hours=5))


def test_the_survivors_own_decision_stands_when_alerts_merge(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second = sorted(alerts_of(store), key=lambda found: found.leader_ts)
    desk.decide(store, second.id, "patrol2", "dismiss", "误报", at(hours=1))
    desk.decide(store, first.id, "patrol1", "confirm", "属实", at(hours=2))
    handler.handle([bridge])
    (found,) = alerts_of(store)
    assert (found.id, found.status, found.decided_by) == (first.id, Status.CONFIRMED, "patrol1")
    assert "decided" in kinds(store, second.id), "what was decided on the other stays in its own chain"


def test_an_undecided_survivor_takes_the_decision_and_opens_for_what_nobody_saw(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second = sorted(alerts_of(store), key=lambda found: found.leader_ts)
    desk.decide(store, second.id, "patrol2", "dismiss", "误报", at(hours=1))
    handler.handle([bridge])
    (found,) = alerts_of(store)
    assert (found.id, found.status) == (first.id, Status.OPEN)
    since = desk.since_closed(store, first.id)
    assert (since.closed.actor, since.new, since.reposts) == ("patrol2", (item(one.post),), 1)
    check_whole(store)


def test_reopening_undoes_a_decision_once(store: Store, alert: str) -> None:
    with pytest.raises(Conflict, match="not decided"):
        desk.reopen(store, alert, "super1", "再看", at(hours=2))
    desk.decide(store, alert, "patrol1", "dismiss", "误报", at(hours=3))
    found = desk.reopen(store, alert, "super1", "有新线索", at(hours=4))
    assert (found.status, found.decided_by, found.decided_at) == (Status.OPEN, "", None)
    desk.decide(store, alert, "patrol2", "confirm", "", at(hours=5))
    assert kinds(store, alert) == ["raised", "decided", "reopened", "decided"]


def test_a_decision_whose_writer_was_cut_off_takes_effect_at_the_next_try(store: Store, alert: str) -> None:
    from alerting import events

    events.append(store, alert, "decided", "patrol1", {"decision": "confirm", "reason": ""}, at(hours=3))
    with pytest.raises(Conflict, match="patrol1"):
        desk.decide(store, alert, "patrol2", "dismiss", "误报", at(hours=4))
    assert store.alert(alert).value.status is Status.CONFIRMED


def test_notes_and_views_go_to_the_alert_that_has_the_posts_now(store: Store, handler: Handler, alert: str) -> None:
    handler.handle([scored(0, SKINS, FRAUD)])
    (found,) = alerts_of(store)
    desk.note(store, alert, "analyst1", "同一批号码", at(hours=2))
    desk.viewed(store, alert, "patrol1", at(hours=3), unmasked=True, reason="电话核实")
    noted, viewed = store.events(found.id)[-2:]
    assert (noted.kind, noted.data) == ("noted", {"text": "同一批号码"})
    assert (viewed.kind, viewed.data) == ("viewed", {"unmasked": True, "reason": "电话核实"})


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda store, alert: desk.decide(store, alert, "p", "maybe", "x", at()), "decision: 'maybe'"),
        (lambda store, alert: desk.decide(store, alert, "p", "dismiss", " ", at()), "reason: is empty"),
        (lambda store, alert: desk.decide(store, alert, "p", "confirm", "x" * 2001, at()), "reason: has 2,001"),
        (lambda store, alert: desk.reopen(store, alert, "p", "", at()), "reason: is empty"),
        (lambda store, alert: desk.note(store, alert, "p", "\n", at()), "text: is empty"),
    ],
)
def test_bad_input_is_one_clear_line(store: Store, alert: str, act, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        act(store, alert)
    assert kinds(store, alert) == ["raised"]


def test_an_unknown_alert_is_not_found(store: Store) -> None:
    for act in (lambda: desk.decide(store, "0" * 32, "p", "confirm", "", at()), lambda: desk.dossier(store, "0" * 32)):
        with pytest.raises(NotFound):
            act()


def test_a_dossier_holds_all_that_is_stored(store: Store, handler: Handler, alert: str) -> None:
    handler.handle([scored(n, SKINS, FRAUD) for n in (3, 2)])
    found = desk.dossier(store, alert)
    assert [post.post.ts for post in found.posts] == [at(minutes=61 * n) for n in (1, 2, 3)]
    assert len(found.evidence) == 3
    assert found.broken == []
    assert len(desk.dossier(store, alert, posts=1).posts) == 1


def test_an_explanation_is_stored_facts() -> None:
    post = make_post(text=SKINS)
    spans = [Span(start=5, end=9, harm=Harm.FRAUD, weight=0.4), Span(start=0, end=4, harm=Harm.FRAUD, weight=0.6)]
    verdict = make_verdict(post, flags={Harm.FRAUD: 0.9}, spans=spans)
    (flag,), changes = desk.explain(verdict)
    assert (flag.harm, flag.probability, flag.threshold) == (Harm.FRAUD, 0.9, 0.5)
    assert [span.start for span in flag.spans] == [0, 5]
    assert changes == []
