"""What every store promises of alerts."""

import pytest

from humiao.alert import Grade, Status, alert_id
from humiao.errors import BadInput, Conflict
from humiao.labels import Harm
from humiao.store import AlertFilter, PostFilter
from tests.builders import at, make_alert
from tests.contract.at_once import at_once, outcomes_at_once

QUEUE = AlertFilter()


def alert(name, **over):
    return make_alert(id=alert_id("test", name), summary=name, **over)


def listed(store, narrow=QUEUE, limit=50):
    """Summaries of the whole list, page by page."""
    names, after = [], None
    while True:
        page = store.alerts(narrow, limit=limit, after=after)
        names += [item.summary for item in page.items]
        if page.after is None:
            return names
        after = page.after


class AlertContract:
    # -- alert and put_alert

    def test_an_alert_comes_back_as_it_was_put(self, store):
        put = make_alert()
        version = store.put_alert(put, None)
        assert store.alert(put.id).value == put
        assert store.alert(put.id).version == version
        assert store.alert("0" * 32) is None

    def test_an_alert_is_written_over_the_version_that_was_read(self, store, another):
        first = store.put_alert(make_alert(), None)
        changed = make_alert(post_count=2)
        second = another().put_alert(changed, first)
        assert second != first
        assert store.alert(changed.id).value == changed
        assert store.alert(changed.id).version == second

    def test_a_write_over_an_old_version_is_a_conflict(self, store, another):
        first = store.put_alert(make_alert(), None)
        another().put_alert(make_alert(post_count=2), first)
        with pytest.raises(Conflict, match=make_alert().id):
            store.put_alert(make_alert(post_count=3), first)
        assert store.alert(make_alert().id).value.post_count == 2

    def test_a_new_alert_that_exists_already_is_a_conflict(self, store, another):
        another().put_alert(make_alert(), None)
        with pytest.raises(Conflict, match=make_alert().id):
            store.put_alert(make_alert(), None)

    @pytest.mark.parametrize("version", ["1", "7:1", "", "x:y", "1:1:1"])
    def test_a_write_over_an_alert_that_does_not_exist_is_a_conflict(self, store, version):
        with pytest.raises(Conflict):
            store.put_alert(make_alert(), version)
        assert store.alert(make_alert().id) is None

    def test_of_writers_at_once_one_wins(self, another):
        stores = [another() for _ in range(4)]

        def write(n, version):
            return lambda: stores[n].put_alert(make_alert(post_count=n), version)

        version = None
        for _ in range(5):
            results = outcomes_at_once(*(write(n, version) for n in range(4)))
            won = [n for n, result in enumerate(results) if isinstance(result, str)]
            assert len(won) == 1
            assert all(isinstance(result, Conflict) for n, result in enumerate(results) if n not in won)
            assert stores[0].alert(make_alert().id).value.post_count == won[0]
            version = results[won[0]]

    def test_reading_again_after_each_conflict_loses_no_change(self, another):
        another().put_alert(make_alert(post_count=0), None)

        def count_up():
            store = another()
            for _ in range(10):
                while True:
                    stands = store.alert(make_alert().id)
                    try:
                        store.put_alert(make_alert(post_count=stands.value.post_count + 1), stands.version)
                        break
                    except Conflict:
                        continue

        at_once(count_up, count_up)
        assert another().alert(make_alert().id).value.post_count == 20

    # -- alerts_by_keys

    def test_alerts_that_share_a_key_are_found_oldest_leader_first(self, store, another):
        versions = {
            name: store.put_alert(alert(name, keys=keys, leader_ts=at(minutes=minutes)), None)
            for name, keys, minutes in [("late", ["a", "b"], 9), ("early", ["b"], 1), ("other", ["c"], 2), ("none", [], 3)]
        }
        hits = another().alerts_by_keys(["a", "b", "x"])
        assert [hit.value.summary for hit in hits] == ["early", "late"]
        assert [hit.version for hit in hits] == [versions["early"], versions["late"]]
        assert [hit.value.summary for hit in store.alerts_by_keys(["a", "b", "c"], limit=2)] == ["early", "other"]
        assert store.alerts_by_keys([]) == []
        assert store.alerts_by_keys(["x"]) == []

    def test_a_version_found_by_key_can_be_written_over(self, store):
        store.put_alert(alert("one"), None)
        (hit,) = store.alerts_by_keys(["k1"])
        store.put_alert(alert("one", post_count=2), hit.version)
        assert store.alerts_by_keys(["k1"])[0].value.post_count == 2

    def test_keys_that_an_alert_lost_no_longer_find_it(self, store):
        version = store.put_alert(alert("one", keys=["a", "b", "b"]), None)
        store.put_alert(alert("one", keys=["b", "c"]), version)
        assert [len(store.alerts_by_keys([key])) for key in "abc"] == [0, 1, 1]

    def test_merged_alerts_are_not_found_by_key_but_decided_ones_are(self, store):
        for status in Status:
            store.put_alert(alert(status.value, status=status), None)
        assert {hit.value.status for hit in store.alerts_by_keys(["k1"])} == set(Status) - {Status.MERGED}

    # -- alerts and count_alerts

    def test_the_queue_is_by_grade_then_deadline_then_id(self, store):
        rows = [
            alert(f"{grade}-{hours}-{n}", grade=grade, deadline=at(hours=hours, microseconds=hours))
            for grade in Grade
            for hours in (1, 2)
            for n in "ab"
        ]
        for row in rows[::-1]:
            store.put_alert(row, None)
        expected = [row.summary for row in sorted(rows, key=lambda row: (row.grade.rank, row.deadline, row.id))]
        assert listed(store) == expected
        assert [listed(store, limit=limit) for limit in (1, 3, 16)] == [expected] * 3

    def test_the_queue_shows_every_finished_write(self, store, another):
        version = store.put_alert(alert("one"), None)
        assert listed(another()) == ["one"]
        store.put_alert(alert("one", status=Status.MERGED), version)
        assert listed(another()) == []

    @pytest.mark.parametrize(
        ("narrow", "expected"),
        [
            (QUEUE, {"red", "yellow", "spike", "done"}),
            (AlertFilter(statuses=frozenset({Status.OPEN})), {"red", "yellow", "spike"}),
            (AlertFilter(statuses=frozenset({Status.MERGED, Status.WITHDRAWN})), {"merged", "withdrawn"}),
            (AlertFilter(statuses=frozenset()), set()),
            (AlertFilter(grades=frozenset({Grade.RED, Grade.BLUE})), {"red", "done"}),
            (AlertFilter(grades=frozenset()), set()),
            (AlertFilter(harm=Harm.FRAUD), {"red", "yellow"}),
            (AlertFilter(kind="spike"), {"spike"}),
            (AlertFilter(place="坂田小学"), {"red", "yellow"}),
            (AlertFilter(place="坂田"), set()),
            (AlertFilter(place="坂田小学", grades=frozenset({Grade.RED})), {"red"}),
            (AlertFilter(kind="content", harm=Harm.FRAUD, grades=frozenset({Grade.RED})), {"red"}),
        ],
    )
    def test_a_filter_narrows_list_and_count_alike(self, store, narrow, expected):
        for row in [
            alert("red", grade=Grade.RED, harm=[Harm.FRAUD, Harm.DRUGS], place="坂田小学、岗头社区"),
            alert("yellow", harm=[Harm.FRAUD], place="坂田小学"),
            alert("spike", kind="spike", harm=[]),
            alert("done", grade=Grade.BLUE, status=Status.CONFIRMED),
            alert("merged", status=Status.MERGED, grade=Grade.RED),
            alert("withdrawn", status=Status.WITHDRAWN, kind="spike"),
        ]:
            store.put_alert(row, None)
        page = store.alerts(narrow)
        assert {item.summary for item in page.items} == expected
        assert store.count_alerts(narrow) == {grade: sum(item.grade is grade for item in page.items) for grade in Grade}

    def test_a_cursor_of_another_list_is_bad_input(self, store):
        for n in range(3):
            store.put_alert(alert(f"{n}"), None)
        after = store.alerts(QUEUE, limit=1).after
        with pytest.raises(BadInput, match="after"):
            store.search("", PostFilter(), after=after)
        with pytest.raises(BadInput, match="after"):
            store.alerts(QUEUE, after=after[:-3])
        with pytest.raises(BadInput, match="limit"):
            store.alerts(QUEUE, limit=0)
