"""Deadlines are told once each, and whoever is on duty is called once for what cannot wait."""

from datetime import datetime, time
from pathlib import Path

import pytest

from alerting import deadlines, desk
from alerting.calendar import SHANGHAI, Calendar
from alerting.duty import Roster, Shift
from alerting.handler import Handler
from humiao.errors import SettingsError, StoreUnavailable
from humiao.event import Event, broken_links
from humiao.labels import Harm, Stance
from humiao.store import Store
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, check_whole, scored, shipped
from tests.builders import NOON, at

FRAUD = {Harm.FRAUD: 0.9}
NIGHT = Shift(who=["夜班甲", "夜班乙"], begins=time(22), ends=time(6))
ROSTER = Roster((NIGHT,), {}, Calendar.load())


def told(store: Store, *kinds: str) -> list[Event]:
    (alert,) = alerts_of(store)
    chain = store.events(alert.id)
    assert broken_links(chain) == []
    return [event for event in chain if event.kind in (kinds or (deadlines.NEAR, deadlines.PASSED))]


@pytest.fixture
def handler(store: Store, data: Path) -> Handler:
    """A worker at noon."""
    return Handler(store, data, shipped(), lambda: NOON, ROSTER)


def test_a_deadline_is_told_when_it_nears_and_when_it_has_passed(store: Store, handler: Handler) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])  # yellow: 24 hours, warned 4 before
    watch = deadlines.Watch(store, ROSTER)
    assert watch.look(at(hours=19, minutes=59)) == 0
    assert watch.look(at(hours=20)) == 1
    assert watch.look(at(hours=21)) == 0
    assert watch.look(at(hours=24)) == 1
    assert watch.look(at(hours=30)) == 0
    near, passed = told(store)
    assert (near.kind, near.data["to"], near.data["on_duty"]) == (deadlines.NEAR, "patrol", [])
    assert (passed.kind, passed.data["to"]) == (deadlines.PASSED, "supervisor")
    assert near.data["deadline"] == passed.data["deadline"] == "2026-03-03T04:00:00Z"


def test_restarts_and_other_workers_tell_nothing_again(store: Store, handler: Handler) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])
    for _ in range(3):
        deadlines.Watch(store, ROSTER).look(at(hours=21))
        deadlines.Watch(store, ROSTER).look(at(hours=25))
    assert [event.kind for event in told(store)] == [deadlines.NEAR, deadlines.PASSED]


def test_a_stage_that_slept_through_the_warning_tells_only_that_it_has_passed(store: Store, handler: Handler) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])
    deadlines.Watch(store, ROSTER).look(at(days=9))
    assert [event.kind for event in told(store)] == [deadlines.PASSED]


def test_a_kill_before_the_event_is_made_good_at_the_next_look(
    store: Store, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])
    watch = deadlines.Watch(store, ROSTER)

    def unavailable(_event: Event) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(store, "append_event", unavailable)
        with pytest.raises(StoreUnavailable):
            watch.look(at(hours=25))
    assert watch.look(at(hours=25)) == 1


def test_a_decided_alert_has_no_deadline_any_more(store: Store, handler: Handler) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])
    desk.decide(store, alerts_of(store)[0].id, "officer", "confirm", "", at(hours=1))
    assert deadlines.Watch(store, ROSTER).look(at(days=3)) == 0
    assert told(store) == []


def test_a_deadline_that_came_nearer_is_told_anew(store: Store, handler: Handler) -> None:
    handler.handle([scored(0, SKINS, FRAUD, fetched_at=at())])
    watch = deadlines.Watch(store, ROSTER)
    watch.look(at(hours=21))
    handler.handle([scored(1, SKINS, FRAUD | {Harm.DRUGS: 0.9}, fetched_at=at(hours=21))])
    watch.look(at(hours=23))
    assert [(event.kind, event.data["grade"]) for event in told(store)] == [
        (deadlines.NEAR, "yellow"),
        (deadlines.PASSED, "red"),
    ]


def test_a_short_limit_is_not_near_at_its_beginning(store: Store, data: Path) -> None:
    two = at(hours=14)  # 02:00 in Shanghai
    handler = Handler(store, data, shipped(), lambda: two, ROSTER)
    handler.handle([scored(0, "不想活了", {Harm.SELF_HARM: 0.9}, Stance.VICTIM, ts=two, fetched_at=two)])
    watch = deadlines.Watch(store, ROSTER)
    assert watch.look(two) == 0
    assert watch.look(at(hours=14, minutes=15)) == 1
    assert told(store)[0].data["on_duty"] == ["夜班甲", "夜班乙"]


def test_at_night_whoever_is_on_duty_is_called_once(store: Store, data: Path) -> None:
    two = at(hours=14)
    handler = Handler(store, data, shipped(), lambda: two, ROSTER)
    row = scored(0, "不想活了", {Harm.SELF_HARM: 0.9}, Stance.VICTIM, ts=two, fetched_at=two)
    handler.handle([row])
    handler.handle([row])
    (alert,) = alerts_of(store)
    assert (alert.grade.value, alert.policy, alert.deadline) == ("red", "self-harm-night@1", at(hours=14, minutes=30))
    (called,) = told(store, deadlines.CALLED)
    assert called.data == {"on_duty": ["夜班甲", "夜班乙"], "grade": "red"}
    assert "值班人员立即处置" in " ".join(alert.reasons)


def test_merging_calls_nobody_a_second_time(store: Store, data: Path) -> None:
    two = at(hours=14)
    flags = {Harm.SELF_HARM: 0.9}
    handler = Handler(store, data, shipped(), lambda: two, ROSTER)
    one, bridge, other = (
        scored(n, text, flags, Stance.OTHER, ts=at(hours=14, minutes=n), fetched_at=two) for n, text in enumerate(BRIDGED)
    )
    handler.handle([other])
    handler.handle([bridge, one])
    (called,) = told(store, deadlines.CALLED)
    assert called.data["taken_from"]
    check_whole(store)


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ("2026-03-02T08:59", []),  # Monday
        ("2026-03-02T09:00", ["日班"]),
        ("2026-03-02T22:00", ["夜班"]),
        ("2026-03-03T05:59", ["夜班"]),
        ("2026-03-03T06:00", []),
        ("2026-03-07T12:00", ["周末"]),  # Saturday
        ("2026-03-08T03:00", []),  # the night shift is of workdays, Saturday's has none
        ("2026-03-07T03:00", ["夜班"]),  # begun on Friday
        ("2026-10-10T12:00", ["日班"]),  # a worked Saturday
        ("2026-10-01T12:00", ["节日"]),
    ],
)
def test_the_roster_says_who_is_on_duty(tmp_path: Path, when: str, who: list[str]) -> None:
    file = tmp_path / "duty.yaml"
    file.write_text(
        """
shifts:
- {who: [日班], days: [workdays], begins: 09:00, ends: "18:00"}
- {who: [夜班], days: [workdays], begins: 22:00, ends: 06:00}
- {who: [周末], days: [restdays], begins: 10:00, ends: 16:00}
on:
  2026-10-01: [节日]
""",
        encoding="utf-8",
    )
    roster = Roster.load(file, Calendar.load())
    assert roster.at(datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)) == who


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shifts: []", "shifts: "),
        ("shifts: [{who: []}]", "shifts.0.who: "),
        ("shifts: [{who: [a], days: [monday]}]", "shifts.0.days.0: "),
        ("shifts: [{who: [a], begin: 09:00}]", "shifts.0.begin: is no field; did you mean begins?"),
        ("shifts: [{who: [a], begins: 25:00}]", "shifts.0.begins: "),
        ("shifts: [", "is not YAML"),
    ],
)
def test_a_bad_roster_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "duty.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Roster.load(file, Calendar.load())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
