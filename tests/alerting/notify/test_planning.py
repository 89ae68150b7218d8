"""Who is told of what, and how often."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerting import desk as people
from alerting.notify import hints
from humiao import metrics
from humiao.alert import Grade, Status
from humiao.event import GENESIS, Event
from humiao.labels import Harm
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, handler_on, scored, twisted

SHANGHAI = ZoneInfo("Asia/Shanghai")


def left_out(reason: str) -> float:
    return metrics.NOTIFICATIONS_LEFT_OUT.labels(reason)._value.get()


def titles(hook) -> list[str]:
    return [one["title"] for one in hook.got]


def test_each_kind_of_event_is_told_once(desk, hook, clock):
    alert = desk.raised()
    desk.tell(alert, "joined", grade="red")
    for _ in range(3):
        desk.tell(alert, "deadline_near", deadline="2026-03-02T06:00:00+00:00")
        desk.tell(alert, "deadline_passed", deadline="2026-03-02T06:00:00+00:00")
        clock.forward(minutes=5)
    before = left_out("repeat")
    assert desk.plan() == 3
    assert left_out("repeat") - before == 4
    desk.send()
    assert sorted(title[3:7] for title in titles(hook)) == ["新预警：", "时限将至", "时限已过"]


def test_only_a_more_urgent_grade_is_told(desk, hook):
    alert = desk.put(1, grade=Grade.RED)
    for kind, grade in [
        ("raised", "yellow"),
        ("regraded", "orange"),
        ("regraded", "blue"),
        ("regraded", "orange"),
        ("regraded", "red"),
    ]:
        desk.tell(alert, kind, grade=grade)
    assert desk.plan() == 3


def test_an_alert_opened_again_and_again_is_told_once_a_day(desk, clock):
    alert = desk.raised()
    desk.plan()
    told = []
    for _ in range(4):
        people.decide(desk.store, alert.id, "patrol1", "dismiss", "误报", clock())
        people.reopen(desk.store, alert.id, "patrol1", "又来了", clock())
        told.append(desk.plan())
        clock.forward(hours=7)
    assert told == [1, 0, 1, 0]  # 12:00, 19:00, 02:00 and 09:00 in Shanghai


def test_an_alert_that_was_decided_meanwhile_is_not_told(desk, clock):
    alert = desk.raised()
    people.decide(desk.store, alert.id, "patrol1", "dismiss", "误报", clock())
    before = left_out("closed")
    assert desk.plan() == 0
    assert left_out("closed") == before + 1
    assert desk.store.notes(hints.KIND) == {}


def test_alerts_of_the_stage_itself_are_told_and_a_merged_one_only_once(desk, hook, store, data):
    handler = handler_on(store, data)
    one, bridge, other = (scored(n, text, {Harm.FRAUD: 0.9}) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    handler.handle([bridge])
    (alert,) = alerts_of(store)
    assert store.alert(alert.id).value.post_count == 3
    assert desk.plan() >= 1
    assert [item.alert for item in desk.waiting().items] == [alert.id]


def test_a_repost_storm_is_told_once_for_each_grade_that_it_rises_to(desk, hook, store, data):
    handler = handler_on(store, data)
    for n in range(40):
        handler.handle([scored(n, twisted(SKINS, n), {Harm.FRAUD: 0.9})])
        desk.plan()
    told = [(item.kind, item.grade) for item in desk.waiting().items]
    assert len(told) == len(set(told))
    assert [kind for kind, _ in told].count("raised") == 1


def test_a_hint_is_there_before_its_event_and_waits_for_it(desk, clock):
    alert = desk.put(1, grade=Grade.RED)
    event = Event(
        alert=alert.id, seq=1, kind="raised", actor="system:alert", at=clock(), data={"grade": "red"}, prev=GENESIS
    ).sealed()
    hints.leave(desk.store, event)  # and killed
    assert desk.plan() == 0
    assert len(desk.store.notes(hints.KIND)) == 1
    clock.forward(hours=3)
    desk.store.append_event(event)
    assert desk.plan() == 1
    assert desk.store.notes(hints.KIND) == {}


def test_a_hint_whose_event_never_came_is_forgotten_after_a_day(desk, clock):
    alert = desk.put(1)
    event = Event(alert=alert.id, seq=1, kind="raised", actor="a", at=clock(), data={}, prev=GENESIS).sealed()
    hints.leave(desk.store, event)
    clock.forward(hours=25)
    assert desk.plan() == 0
    assert desk.store.notes(hints.KIND) == {}


def test_planning_again_after_a_kill_gives_the_same_items(desk, hook):
    desk.raised()
    kept = {key: note.value for key, note in desk.store.notes(hints.KIND).items()}
    desk.plan()
    first = desk.waiting().items
    desk.store.put_notes(hints.KIND, kept)  # as after a kill before the hints were dropped
    desk.plan()
    assert desk.waiting().items == first
    desk.send()
    desk.store.put_notes(hints.KIND, kept)
    desk.plan()
    desk.send()
    assert len(set(hook.ids)) == 1, "the receiver can tell that it is the same message"


def test_nothing_is_sent_before_its_hint_is_gone(desk, hook):
    """Else a kill in between would have it planned again, and told again in another digest."""
    desk.raised()
    kept = {key: note.value for key, note in desk.store.notes(hints.KIND).items()}
    desk.plan()
    desk.store.put_notes(hints.KIND, kept)
    assert desk.send() == 0
    desk.plan()
    assert desk.send() == 1


def test_without_routes_nothing_is_kept(store, clock, desk):
    from alerting.notify.planning import Planner
    from alerting.notify.routes import NOBODY
    from tests.alerting.notify.conftest import POLICIES

    desk.raised()
    assert Planner(store, NOBODY, POLICIES, clock).turn() == 0
    assert store.notes(hints.KIND) == {}


def day(hour: int, minute: int = 0, date: int = 2) -> datetime:
    return datetime(2026, 3, date, hour, minute, tzinfo=SHANGHAI)


ROUTES = """
channels:
  duty: {url: "file:hook.url"}
  office: {url: "file:hook.url", quiet: 22:00-07:30, quiet_breaks: [red], digest: {yellow: daily}, digest_at: 9:15}
routes:
- {name: urgent, grades: [red, orange], to: [duty, office]}
- {name: slow, grades: [yellow, blue], to: [office]}
- {name: school, grades: [blue], places: ["坂田*"], departments: [公安], days: [mon], hours: 08:00-18:00, events: [raised], to: [duty]}
"""


@pytest.mark.parametrize(
    ("grade", "at", "channel", "due"),
    [
        (Grade.RED, day(23), "office", day(23)),
        (Grade.ORANGE, day(23), "duty", day(23)),
        (Grade.ORANGE, day(23), "office", day(7, 30, 3)),
        (Grade.ORANGE, day(3), "office", day(7, 30)),
        (Grade.ORANGE, day(12, 10), "office", day(12, 10)),
        (Grade.YELLOW, day(12, 10), "office", day(9, 15, 3)),
        (Grade.YELLOW, day(3), "office", day(9, 15)),
        (Grade.BLUE, day(9, 15), "office", day(9, 15, 3)),
    ],
)
def test_when_news_may_go(desk, clock, grade, at, channel, due):
    desk.route(ROUTES)
    clock.now = at
    desk.raised(grade=grade)
    desk.plan()
    (item,) = desk.waiting(channel).items
    assert item.due == due


def test_hourly_digests_come_at_the_full_hour(desk, hook, clock):
    for number in range(20):
        desk.raised(number, Grade.YELLOW, harm=[Harm.FRAUD])
    desk.plan()
    assert desk.send() == 0
    clock.now = day(13) - timedelta(seconds=1)
    assert desk.send() == 0
    clock.forward(minutes=1)
    assert desk.send() == 1
    assert titles(hook) == ["【摘要】20条消息（黄20）"]
    assert "【黄】新预警：诈骗与黑产广告（实施者） ×20" in hook.got[0]["message"]


@pytest.mark.parametrize(
    ("at", "place", "policy", "is_told"),
    [
        (day(9), "坂田小学", "fraud-offender@1", True),
        (day(9), "岗头小学", "fraud-offender@1", False),
        (day(9), "岗头小学、坂田小学", "fraud-offender@1", True),
        (day(7), "坂田小学", "fraud-offender@1", False),
        (day(9, date=3), "坂田小学", "fraud-offender@1", False),
        (day(9), "坂田小学", "tobacco-alcohol-victim@1", False),
        (day(9), "坂田小学", "no-such-policy@1", False),
    ],
)
def test_a_route_goes_by_hours_day_place_and_department(desk, clock, at, place, policy, is_told):
    desk.route(ROUTES)
    clock.now = at
    desk.raised(grade=Grade.BLUE, place=place, policy=policy)
    desk.plan()
    assert bool(desk.waiting("duty").items) is is_told


def test_whoever_is_on_duty_is_told(desk):
    desk.route(
        'channels:\n  wang: {url: "file:hook.url"}\n  li: {url: "file:hook.url"}\npeople: {王: [wang], 李: [li]}\n'
        "routes:\n- {name: duty, to: [on_duty], events: [duty_called, deadline_passed]}\n"
    )
    alert = desk.raised()
    desk.tell(alert, "duty_called", on_duty=["李"], grade="red")
    desk.tell(alert, "deadline_passed", on_duty=["王", "赵"], deadline="2026-03-02T06:00:00+00:00")
    assert desk.plan() == 2
    assert [item.kind for item in desk.waiting("li").items] == ["duty_called"]
    assert [item.kind for item in desk.waiting("wang").items] == ["deadline_passed"]


def test_the_deadlines_of_the_stage_are_told(desk, clock, hook):
    from alerting.calendar import Calendar
    from alerting.deadlines import Watch
    from alerting.duty import Roster

    desk.raised()
    desk.plan()
    clock.forward(hours=2, minutes=1)
    Watch(desk.store, Roster((), {}, Calendar.load())).look(clock())
    desk.plan()
    desk.send()
    assert [title[3:8] for title in titles(hook)] == ["新预警：学", "时限已过："]


def test_news_that_no_route_takes_is_counted(desk):
    desk.route('channels:\n  duty: {url: "file:hook.url"}\nroutes:\n- {name: red, grades: [red], to: [duty]}\n')
    before = left_out("no_route")
    desk.raised(grade=Grade.BLUE)
    assert desk.plan() == 0
    assert left_out("no_route") == before + 1


def test_a_withdrawn_spike_is_not_told(desk):
    alert = desk.raised(kind="spike", harm=[], grade=Grade.YELLOW)
    found = desk.store.alert(alert.id)
    desk.store.put_alert(found.value.model_copy(update={"status": Status.WITHDRAWN}), found.version)
    assert desk.plan() == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_flood_of_ten_thousand_alerts_is_a_few_digests(desk, hook, clock):
    """Half an hour of alerts of all grades, planned and sent as they come."""
    for number in range(10_000):
        desk.raised(number, list(Grade)[number % 4], harm=[list(Harm)[number % 15]])
        if number % 500 == 0:
            desk.plan()
            desk.send(turns=2)
            clock.forward(minutes=1.5)
    desk.plan()
    for _ in range(4):
        desk.send()
        clock.forward(hours=12)
    assert len(hook.got) < 60
    told = sum(int(title.split("条")[0].split("】")[1]) if "摘要" in title else 1 for title in titles(hook))
    assert told == 10_000
    assert all(len((one["title"] + one["message"]).encode()) <= 2048 for one in hook.got)
