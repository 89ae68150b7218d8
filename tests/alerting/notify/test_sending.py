"""From an event of an alert to a receiver, whatever the receiver does."""

import pytest

from alerting.notify import orphans, outbox
from alerting.notify.routes import NOBODY
from alerting.notify.sending import back_off
from alerting.notify.wording import Words
from humiao.alert import Grade
from humiao.labels import Harm, Stance
from tests.alerting.notify import receivers


def test_a_red_alert_is_told_at_once_without_any_detail(desk, hook):
    desk.raised(
        harm=[Harm.SELF_HARM], stance=Stance.VICTIM, place="坂田小学", excerpt="我是王小明", summary="我是王小明", post_count=3
    )
    assert desk.plan() == 1
    assert desk.send() == 1
    (message,) = hook.got
    assert message["title"] == "【红】新预警：自伤自杀与心理危机（受害者）"
    assert "3帖，1个平台" in message["message"]
    assert "地点类型：学校" in message["message"]
    assert "时限：03-02 14:00" in message["message"]
    assert "https://console.example/alerts/" in message["message"]
    assert message["id"] == hook.ids[0]
    assert hook.ids[0] in message["message"]
    assert not any(word in str(message) for word in ("王小明", "坂田小学", "bbs"))
    assert desk.send() == 0
    assert desk.waiting() == outbox.Box([], [])


@pytest.mark.parametrize(
    "behaviour",
    [
        receivers.status(500),
        receivers.status(302, Location="http://127.0.0.1:9/"),
        receivers.status(403),
        receivers.cut,
        receivers.hang,
        receivers.hang_in_body,
        receivers.drip,
    ],
    ids=["500", "redirect", "403", "cut", "hang", "hang in the answer", "drip"],
)
def test_a_message_that_was_not_taken_comes_again_under_its_id(desk, hook, behaviour, forward):
    hook.behave(behaviour, receivers.take)
    desk.raised()
    desk.plan()
    assert desk.send() == 1
    (parcel,) = desk.waiting().parcels
    assert (parcel.attempts, bool(parcel.problem)) == (1, True)
    forward(seconds=10)
    assert desk.send() == 1
    assert desk.waiting().parcels == []
    assert hook.ids == [parcel.id, parcel.id]
    assert hook.got[0] == hook.got[1]


def test_nobody_there_is_a_failure_as_any_other(desk, hook, forward):
    desk.urls["hook"] = "json://127.0.0.1:9/nobody"
    desk.route()
    desk.raised()
    desk.plan()
    desk.send()
    assert desk.waiting().parcels[0].problem == "no answer"
    desk.urls["hook"] = hook.url
    desk.route()
    forward(seconds=10)
    desk.send()
    assert len(hook.got) == 1


def test_waits_double_with_jitter_up_to_the_longest(desk, hook, clock):
    hook.behave(receivers.status(500))
    desk.raised()
    desk.plan()
    waits = []
    for _ in range(12):
        desk.senders["hook"].turn()
        (parcel,) = desk.waiting().parcels
        waits.append((parcel.next_at - clock()).total_seconds())
        clock.now = parcel.next_at
    for attempt, wait in enumerate(waits):
        whole = min(5 * 2**attempt, 900)
        assert whole / 2 <= wait <= whole
    assert len({wait / min(5 * 2**attempt, 900) for attempt, wait in enumerate(waits)}) == len(waits)


def test_a_channel_that_says_when_to_come_again_is_left_alone_until_then(desk, hook, clock):
    hook.behave(receivers.status(429, Retry_After="120"), receivers.take)
    desk.raised(1)
    desk.raised(2)
    desk.plan()
    assert desk.send() == 1  # the second is not tried: the channel is closed, not the message bad
    clock.forward(seconds=100)
    assert desk.send() == 0
    clock.forward(seconds=25)
    assert desk.send() == 2
    assert len(set(hook.ids)) == 2


def test_the_wait_of_a_429_survives_a_restart(desk, hook, clock):
    hook.behave(receivers.status(429, Retry_After="Mon, 02 Mar 2026 05:00:00 GMT"), receivers.take)
    desk.raised()
    desk.plan()
    assert desk.send() == 1
    clock.forward(minutes=58)
    again = desk.sender("hook", holder="two")
    assert not again.turn()
    clock.forward(minutes=3)
    assert again.turn()
    assert len(hook.got) == 2


def test_the_pace_of_a_channel_is_kept(desk, hook, clock):
    text = desk.file.read_text().replace("per_minute: 600", "per_minute: 6")
    desk.route(text)
    for number in range(3):
        desk.raised(number)
    desk.plan()
    times = []
    for _ in range(60):
        if desk.senders["hook"].turn():
            times.append(clock())
        clock.forward(seconds=1)
    assert [(later - earlier).total_seconds() for earlier, later in zip(times, times[1:], strict=False)] == [10, 10]


def test_what_nobody_takes_becomes_a_dead_letter_and_can_be_put_back(desk, hook, clock):
    hook.behave(receivers.status(500))
    desk.raised()
    desk.plan()
    for _ in range(200):
        desk.senders["hook"].turn()
        clock.forward(minutes=10)
    (letter,) = outbox.dead(desk.store)
    assert desk.waiting() == outbox.Box([], [])
    assert (letter.problem, letter.attempts > 90) == ("status 500", True)
    tried = len(hook.got)
    hook.behave(receivers.take)
    assert outbox.revive(desk.store, [letter], clock()) == 1
    assert desk.send() == 1
    assert len(hook.got) == tried + 1
    assert set(hook.ids) == {letter.id}
    assert outbox.dead(desk.store) == []


def test_two_workers_do_not_send_the_same(desk, hook, clock):
    one, two = desk.sender("hook", "one"), desk.sender("hook", "two")
    for number in range(4):
        desk.raised(number)
    desk.plan()
    for _ in range(10):
        one.turn()
        two.turn()
        clock.forward(seconds=1)
    assert len(hook.ids) == len(set(hook.ids)) == 4


def test_another_worker_takes_over_from_one_that_fell_silent(desk, hook, clock):
    desk.raised(1)
    desk.plan()
    desk.send()
    desk.raised(2)
    desk.plan()
    two = desk.sender("hook", "two")
    assert not two.turn()
    clock.forward(seconds=30)
    assert two.turn()
    assert len(set(hook.ids)) == 2


def test_a_bad_message_does_not_stop_the_others(desk, hook, clock):
    hook.behave(receivers.status(400), receivers.take)
    desk.raised(1)
    desk.raised(2)
    desk.plan()
    assert desk.send() == 2
    clock.forward(seconds=10)
    assert desk.send() == 1
    assert len(set(hook.ids)) == 2


def test_the_first_wait_is_never_none(clock):
    import random

    assert all(2.5 <= back_off(1, random.Random(seed)).total_seconds() <= 5 for seed in range(50))


def test_red_news_goes_before_an_older_orange_message(desk, hook, clock):
    hook.behave(receivers.status(500), receivers.take)
    desk.raised(1, Grade.ORANGE)
    desk.plan()
    desk.send()
    clock.forward(seconds=1)
    desk.raised(2, Grade.RED)
    desk.plan()
    clock.forward(seconds=10)
    desk.send()
    assert [one["title"][:3] for one in hook.got] == ["【橙】", "【红】", "【橙】"]


def test_messages_of_a_channel_that_is_gone_become_dead_letters_and_go_by_another(desk, hook, clock):
    hook.behave(receivers.status(500), receivers.take)
    desk.raised(1)
    desk.plan()
    desk.send()
    desk.raised(2, Grade.BLUE)
    desk.plan()
    desk.urls = {"other": hook.url}
    desk.route()
    assert orphans.bury(desk.store, NOBODY, Words("zh", desk.links), clock) == 0
    assert orphans.bury(desk.store, desk.routes, Words("zh", desk.links), clock) == 2
    assert desk.waiting("hook") == outbox.Box([], [])
    letters = outbox.dead(desk.store)
    assert {one.problem for one in letters} == {"its channel is no longer in the routes file"}
    assert outbox.revive(desk.store, letters, clock(), "other") == 2
    assert outbox.dead(desk.store) == []
    assert desk.send("other") == 2
    assert orphans.bury(desk.store, desk.routes, Words("zh", desk.links), clock) == 0
