"""Grades from the facts of a whole incident, each with its reason, and a person's word on them."""

from pathlib import Path

import pytest
import yaml

from alerting import age_cues, desk, regrades
from alerting.handler import Handler
from alerting.policies import Policies
from humiao.alert import Alert, Grade, Status
from humiao.errors import BadInput, Conflict
from humiao.event import broken_links
from humiao.labels import Harm, Stance
from humiao.store import Store
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, check_whole, handler_on, scored, twisted
from tests.builders import at

FRAUD = {Harm.FRAUD: 0.9}


def the_alert(store: Store) -> Alert:
    (alert,) = alerts_of(store)
    return alert


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("我今年12岁，在班里没有人理我", 12),
        ("孩子十三岁", 13),
        ("女儿才六岁半", 6),
        ("两个孩子，一个十六岁一个9周岁", 9),
        ("小学五年级的班群", 11),
        ("初二的学生", 14),
        ("高一新生", 16),
        ("弟弟在幼儿园", 6),
        ("未满18岁以下不得入内", None),
        ("我三十二岁了", None),
        ("21岁", None),
        ("最初三个月", None),
        ("价格提高一次", None),
        ("今天天气不错", None),
    ],
)
def test_an_age_is_what_the_text_names(text: str, age: int | None) -> None:
    assert age_cues.youngest(text) == age


def test_a_child_under_fourteen_is_more_urgent_and_the_alert_says_why(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, "我12岁，被人骗光了压岁钱，不敢告诉爸妈", FRAUD, Stance.VICTIM)])
    alert = the_alert(store)
    assert (alert.grade, alert.derived, alert.policy_grade) == (Grade.RED, Grade.RED, Grade.ORANGE)
    assert any("12岁" in reason and "由橙升为红" in reason for reason in alert.reasons)
    assert alert.deadline == at(minutes=61 + 5, hours=2), "two hours from the first sight"
    assert any(reason.startswith("时限：升级后2小时") for reason in alert.reasons)


def test_an_advert_never_turns_red_by_spreading(store: Store, handler: Handler) -> None:
    handler.handle(
        [scored(n, twisted(SKINS, n), FRAUD, ts=at(minutes=n), fetched_at=at(minutes=n), place="岗头小学") for n in range(60)]
    )
    alert = the_alert(store)
    assert (alert.policy_grade, alert.grade) == (Grade.YELLOW, Grade.ORANGE)
    assert [reason for reason in alert.reasons if "已扩散：60帖，3个平台" in reason]
    assert [reason for reason in alert.reasons if "岗头小学" in reason]


def test_the_time_of_a_raised_grade_runs_from_when_it_was_reached(store: Store, handler: Handler) -> None:
    rows = [scored(n, twisted(SKINS, n), FRAUD, ts=at(minutes=n), fetched_at=at(minutes=n)) for n in range(12)]
    handler.handle(rows[:9])
    assert the_alert(store).grade is Grade.YELLOW
    handler.handle(rows[9:])
    alert = the_alert(store)
    assert alert.grade is Grade.ORANGE
    assert alert.deadline == at(minutes=9, hours=8), "the tenth post on the third platform"
    (event,) = (one for one in store.events(alert.id) if one.kind == "regraded")
    assert (event.data["before"], event.data["grade"]) == ("yellow", "orange")


def test_posts_on_three_days_are_repetition(store: Store, handler: Handler) -> None:
    handler.handle([scored(n, SKINS, FRAUD, ts=at(days=n), fetched_at=at(days=n)) for n in range(3)])
    alert = the_alert(store)
    assert alert.grade is Grade.ORANGE
    assert [reason for reason in alert.reasons if "先后3天有帖文" in reason]


def test_a_policy_for_large_incidents_takes_over_in_any_order(store: Store, data: Path, tmp_path: Path) -> None:
    base = {"version": 1, "owner": "站", "condition": "'fraud' in flags", "grade": "blue", "route": "甲"}
    big = {"name": "big", "grade": "orange", "condition": "'fraud' in flags && group_size >= 4", "route": "乙", "deadline_hours": 1}
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"policies": [base | {"name": "small"}, base | big]}), encoding="utf-8")
    handler = handler_on(store, data, Policies.load(file))
    rows = [scored(n, SKINS, FRAUD, ts=at(minutes=n), fetched_at=at(minutes=n)) for n in range(4)]
    for row in reversed(rows[1:]):
        handler.handle([row])
    assert (the_alert(store).policy, the_alert(store).grade) == ("small@1", Grade.BLUE)
    handler.handle(rows[:1])
    alert = the_alert(store)
    assert (alert.policy, alert.grade, alert.deadline) == ("big@1", Grade.ORANGE, at(minutes=3, hours=1))
    assert "牵头部门：乙" in alert.reasons
    check_whole(store)


def test_a_person_gives_another_grade_with_a_reason(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, SKINS, FRAUD)])
    before = the_alert(store)
    alert = regrades.regrade(store, before.id, "officer", Grade.RED, "已有学生转账", at(hours=2))
    assert alert == the_alert(store)
    assert (alert.grade, alert.derived, alert.deadline) == (Grade.RED, Grade.YELLOW, at(hours=4))
    assert alert.reasons[-1] == "人工调级为红（officer）：已有学生转账"
    (event,) = (one for one in store.events(alert.id) if one.kind == "regraded")
    assert (event.actor, event.data["before"], event.data["grade"]) == ("officer", "yellow", "red")
    handler.handle([scored(2, SKINS, FRAUD)])
    assert (the_alert(store).grade, the_alert(store).reasons[-1]) == (Grade.RED, alert.reasons[-1]), "a new post leaves it"
    again = regrades.regrade(store, alert.id, "supervisor", Grade.BLUE, "系演练", at(hours=3))
    assert (again.grade, again.deadline) == (Grade.BLUE, at(hours=75))
    assert len([one for one in again.reasons if one.startswith("人工")]) == 1
    assert broken_links(store.events(alert.id)) == []


def test_worse_news_overrule_a_lower_grade(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, SKINS, FRAUD)])
    regrades.regrade(store, the_alert(store).id, "officer", Grade.BLUE, "旧闻", at(hours=2))
    handler.handle([scored(2, SKINS, FRAUD)])
    assert the_alert(store).grade is Grade.BLUE
    handler.handle([scored(3, SKINS, FRAUD | {Harm.DRUGS: 0.9})])
    alert = the_alert(store)
    assert alert.grade is Grade.RED
    assert alert.reasons[-1] == "人工曾调为蓝（officer），此后情况加重，按现有事实定级"


def test_a_word_on_the_grade_survives_merging(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second = sorted(alerts_of(store), key=lambda found: found.leader_ts)
    regrades.regrade(store, second.id, "officer", Grade.RED, "有受害人", at(hours=3))
    handler.handle([bridge])
    alert = the_alert(store)
    assert (alert.id, alert.grade, alert.regrade.by) == (first.id, Grade.RED, "officer")
    taken = [event for event in store.events(first.id) if event.kind == "regraded" and event.data.get("taken_from") == second.id]
    assert [event.actor for event in taken] == ["officer"]
    check_whole(store)


def test_a_word_whose_writer_was_cut_off_takes_effect_at_the_next(store: Store, handler: Handler) -> None:
    from alerting import events

    handler.handle([scored(1, SKINS, FRAUD)])
    alert = the_alert(store)
    data = {"before": "yellow", "grade": "red", "over": "yellow", "reason": "电话核实"}
    events.append(store, alert.id, "regraded", "officer", data, at(hours=1))
    with pytest.raises(Conflict, match="is red already"):
        regrades.regrade(store, alert.id, "officer", Grade.RED, "电话核实", at(hours=1))
    assert the_alert(store).grade is Grade.RED


def test_bad_words_are_refused(store: Store, handler: Handler) -> None:
    handler.handle([scored(1, SKINS, FRAUD)])
    alert = the_alert(store)
    with pytest.raises(BadInput, match="reason: is empty"):
        regrades.regrade(store, alert.id, "officer", Grade.RED, " ", at())
    with pytest.raises(Conflict, match="is yellow already"):
        regrades.regrade(store, alert.id, "officer", Grade.YELLOW, "同", at())
    desk.decide(store, alert.id, "officer", "dismiss", "误报", at(hours=1))
    with pytest.raises(Conflict, match="officer decided already"):
        regrades.regrade(store, alert.id, "officer", Grade.RED, "再看", at(hours=2))
    assert the_alert(store).status is Status.DISMISSED
