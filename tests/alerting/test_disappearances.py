"""Posts of alerts that vanish from their site: the alert's history says so, once, whatever order things come in."""

import pytest

from alerting import disappearances
from alerting.desk import resolve
from humiao.alert import Status
from humiao.disappearance import KIND, Disappearance, tell
from humiao.store.sqlite import SqliteStore
from tests.builders import at, make_alert, make_post, make_stored

POST = make_post()
THREAD = "https://bbs.example.org/t/1"


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "store.db") as opened:
        yield opened


def gone(minutes: int = 0, *, back: bool = False, post: str = POST.id) -> Disappearance:
    return Disappearance(post=post, source="bbs", thread=THREAD, back=back, at=at(minutes=minutes))


def kinds(store, alert) -> list[str]:
    return [event.kind for event in store.events(alert)]


@pytest.fixture
def alert(store):
    alert = make_alert()
    store.put_alert(alert, None)
    store.put_posts([make_stored(POST, outcome="alerted", alert=alert.id)])
    return alert.id


def test_a_deletion_becomes_part_of_the_alerts_history(store, alert):
    tell(store, [gone()])
    assert disappearances.record(store, at(minutes=1)) == 1
    (event,) = store.events(alert)
    assert (event.kind, event.data["post"], event.data["thread"]) == ("post_gone", POST.id, THREAD)
    assert store.notes(KIND) == {}
    assert disappearances.vanished(store.events(alert)) == {POST.id: at()}


def test_told_or_written_twice_it_stands_there_once(store, alert):
    for _ in range(3):  # killed after writing and before dropping the note
        tell(store, [gone()])
        disappearances.record(store, at(minutes=1))
    assert kinds(store, alert) == ["post_gone"]


def test_a_post_that_is_back_is_no_longer_shown_as_gone(store, alert):
    tell(store, [gone(), gone(30, back=True)])
    assert disappearances.record(store, at(hours=1)) == 2
    assert kinds(store, alert) == ["post_gone", "post_back"]
    assert disappearances.vanished(store.events(alert)) == {}


def test_a_post_that_is_still_on_its_way_waits_a_day(store, alert):
    late = make_post(native_id="late")
    tell(store, [gone(post=late.id)])
    assert disappearances.record(store, at(hours=2)) == 0
    assert len(store.notes(KIND)) == 1
    store.put_posts([make_stored(late, outcome="alerted", alert=alert)])
    assert disappearances.record(store, at(hours=3)) == 1
    tell(store, [gone(post="f" * 32)])
    disappearances.record(store, at(days=1, minutes=1))
    assert store.notes(KIND) == {}


def test_cleared_posts_leave_no_trace(store):
    store.put_posts([make_stored(POST)])
    tell(store, [gone()])
    assert disappearances.record(store, at(minutes=1)) == 0
    assert store.notes(KIND) == {}


def test_a_merged_alert_passes_it_on(store, alert):
    other = make_alert(leader="other")
    store.put_alert(other, None)
    merged = store.alert(alert)
    store.put_alert(merged.value.model_copy(update={"status": Status.MERGED, "merged_into": other.id}), merged.version)
    assert resolve(store, alert).value.id == other.id
    tell(store, [gone()])
    disappearances.record(store, at(minutes=1))
    assert kinds(store, other.id) == ["post_gone"]
