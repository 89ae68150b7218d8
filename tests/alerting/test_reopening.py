"""A closed alert opens again for what is new and only counts what is not; killing the worker anywhere changes nothing."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from alerting import desk, life
from alerting.handler import Handler
from alerting.incident import item
from humiao.alert import Status
from humiao.event import broken_links
from humiao.labels import Harm, Stance
from humiao.settings import Settings
from humiao.store import Store, open_store
from humiao.verdict import Scored
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, check_whole, handler_on, scored, twisted
from tests.alerting.test_same_result import Killed, killed_after, restore
from tests.builders import at

FRAUD = {Harm.FRAUD: 0.9}


@pytest.fixture
def alert(store: Store, handler: Handler) -> str:
    handler.handle([scored(1, SKINS, FRAUD)])
    return alerts_of(store)[0].id


def since(store: Store, alert: str) -> life.Since:
    found = desk.since_closed(store, alert)
    assert found is not None
    return found


def edited(row: Scored, text: str, flags: dict[Harm, float], stance: Stance = Stance.OFFENDER) -> Scored:
    """A later revision of the post."""
    n = int(row.post.native_id)
    assert row.post.fetched_at is not None
    return scored(n, text, flags, stance, fetched_at=row.post.fetched_at + timedelta(hours=5))


@pytest.mark.parametrize(("decision", "status"), [("dismiss", Status.DISMISSED), ("confirm", Status.CONFIRMED)])
def test_a_flood_of_reposts_is_counted_and_opens_nothing(
    store: Store, handler: Handler, alert: str, decision: str, status: Status
) -> None:
    desk.decide(store, alert, "patrol1", decision, "与本区无关", at(days=8))
    for start in range(2, 302, 50):
        handler.handle([scored(n, twisted(SKINS, 4 * n), FRAUD) for n in range(start, start + 50)])
    (found,) = alerts_of(store)
    assert (found.status, found.post_count, found.decided_by) == (status, 301, "patrol1")
    assert (since(store, alert).new, since(store, alert).reposts) == ((), 300)
    assert "reopened" not in {event.kind for event in store.events(alert)}


def test_a_post_that_says_more_opens_the_alert_and_is_named(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "dismiss", "误报", at(days=8))
    repost, worse = scored(2, SKINS, FRAUD), scored(3, SKINS, {**FRAUD, Harm.SEXUAL: 0.8})
    handler.handle([repost, worse])
    (found,) = alerts_of(store)
    assert (found.status, found.decided_by, found.decided_at) == (Status.OPEN, "", None)
    mark = since(store, alert)
    assert (mark.closed.actor, mark.new, mark.reposts) == ("patrol1", (item(worse.post),), 1)
    handler.handle([scored(4, SKINS, FRAUD)])
    assert len(since(store, alert).new) == 2, "the open alert goes on saying what its last decider has not seen"
    desk.decide(store, alert, "patrol2", "confirm", "属实", at(days=9))
    assert since(store, alert).new == ()
    check_whole(store)


def test_an_edit_that_turns_the_post_opens_the_alert(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "dismiss", "误报", at(days=8))
    later = edited(scored(1, SKINS, FRAUD), "昨晚有人在公园约架，带了刀，明天放学后还要打，求求大人管管", {Harm.VIOLENCE: 0.9})
    handler.handle([later])
    assert alerts_of(store)[0].status is Status.OPEN
    assert since(store, alert).new == (item(later.post),)


def test_an_edit_that_makes_the_post_harmless_does_not(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "confirm", "", at(days=8))
    later = edited(scored(1, SKINS, FRAUD), "已删除", {})
    handler.handle([later])
    assert alerts_of(store)[0].status is Status.CONFIRMED
    assert since(store, alert).new == ()


def test_a_victim_who_uses_the_advertisers_words_is_new(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "confirm", "", at(days=8))
    handler.handle([scored(2, SKINS, FRAUD, Stance.VICTIM)])
    assert alerts_of(store)[0].status is Status.OPEN


@pytest.mark.parametrize(("author", "status"), [("作者1", Status.DISMISSED), ("别人", Status.OPEN)])
def test_short_words_of_crisis_are_a_repost_only_of_the_same_author(
    store: Store, handler: Handler, author: str, status: Status
) -> None:
    handler.handle([scored(1, "活着没意思", {Harm.SELF_HARM: 0.9}, Stance.OTHER, author="作者1")])
    (found,) = alerts_of(store)
    desk.decide(store, found.id, "patrol1", "dismiss", "歌词", at(days=8))
    handler.handle([scored(4, "活着没意思", {Harm.SELF_HARM: 0.9}, Stance.OTHER, author=author)])
    (found,) = alerts_of(store)
    assert (found.post_count, found.status) == (2, status)


def test_an_alert_that_nobody_saw_is_not_closed_by_merging_into_a_decided_one(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second = sorted(alerts_of(store), key=lambda found: found.leader_ts)
    desk.decide(store, first.id, "patrol1", "dismiss", "误报", at(days=8))
    handler.handle([bridge])
    (found,) = alerts_of(store)
    assert (found.id, found.status) == (first.id, Status.OPEN)
    assert since(store, first.id).new == (item(other.post),)
    assert since(store, first.id).reposts == 1
    assert second.id != first.id
    check_whole(store)


def test_two_decided_alerts_that_merge_stay_decided(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    for found in alerts_of(store):
        desk.decide(store, found.id, "patrol1", "dismiss", "误报", at(days=8))
    handler.handle([bridge])
    assert alerts_of(store)[0].status is Status.DISMISSED


def test_an_earlier_repost_that_takes_the_lead_is_counted(store: Store, handler: Handler, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "confirm", "属实", at(days=8))
    handler.handle([scored(0, SKINS, FRAUD)])
    (found,) = alerts_of(store)
    assert found.id != alert
    assert found.status is Status.CONFIRMED
    assert since(store, alert).reposts == 1


@pytest.mark.parametrize("writes", range(14))
def test_a_kill_at_any_write_reopens_once(data: Path, writes: int) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    with open_store(Settings(data=data)) as store:
        handler_on(store, data).handle([one, other])
        first, _ = sorted(alerts_of(store), key=lambda found: found.leader_ts)
        desk.decide(store, first.id, "patrol1", "dismiss", "误报", at(days=8))
        for _ in range(2):
            with contextlib.suppress(Killed):
                killed_after(store, writes, handler_on(store, data)).handle([bridge])
            restore(store)
        handler_on(store, data).handle([bridge])
        (found,) = alerts_of(store)
        chain = store.events(found.id)
        assert broken_links(chain) == []
        assert [event.kind for event in chain].count("reopened") == 1
        assert found.status is Status.OPEN
        assert since(store, first.id).new == (item(other.post),)
        check_whole(store)
