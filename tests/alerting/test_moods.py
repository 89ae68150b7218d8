"""Spike alerts whose worker is killed between two writes: the next look completes what is missing, once."""

from datetime import timedelta

import pytest

from alerting import moods, unread
from humiao.alert import Status
from humiao.source_status import SOURCE_NOTES, Change, SourceStatus, State
from humiao.store import AlertFilter, Store
from tests.alerting.test_spikes import HOUR, NOON, NOW, START, burst, calm, explain_away, post


class Killed(Exception):
    pass


class Dying:
    """A store that is gone before its write number `last` of alerts and events."""

    def __init__(self, store: Store, last: int) -> None:
        self._store, self._left = store, last

    def __getattr__(self, name: str):
        found = getattr(self._store, name)
        if name not in {"put_alert", "append_event"}:
            return found

        def write(*given, **named):
            if self._left == 0:
                raise Killed
            self._left -= 1
            return found(*given, **named)

        return write


def spikes_of(store: Store):
    every = frozenset({Status.OPEN, Status.WITHDRAWN})
    return list(store.alerts(AlertFilter(statuses=every, kind="spike"), limit=10).items)


def kinds(store: Store) -> list[str]:
    (alert,) = spikes_of(store)
    return [event.kind for event in store.events(alert.id)]


@pytest.mark.parametrize("writes", [0, 1])
def test_a_raising_that_was_cut_off_is_completed(store: Store, writes: int):
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    with pytest.raises(Killed):
        moods.update(Dying(store, writes), NOW)
    moods.update(store, NOW)
    moods.update(store, NOW)
    assert kinds(store) == ["raised"]


@pytest.mark.parametrize("writes", [0, 1])
def test_a_recount_that_was_cut_off_is_completed(store: Store, writes: int):
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    burst(store, 35, NOON - 5 * HOUR)
    with pytest.raises(Killed):
        moods.update(Dying(store, writes), NOW)
    moods.update(store, NOW)
    assert kinds(store) == ["raised", "recounted"]


@pytest.mark.parametrize("writes", [0, 1])
def test_a_withdrawal_that_was_cut_off_is_completed(store: Store, writes: int):
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    explain_away(store)
    with pytest.raises(Killed):
        moods.update(Dying(store, writes), NOW)
    moods.update(store, NOW)
    moods.update(store, NOW)
    assert kinds(store) == ["raised", "withdrawn"]
    assert spikes_of(store)[0].status is Status.WITHDRAWN


def test_a_spike_that_is_gone_before_its_raising_was_told_tells_both(store: Store):
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    with pytest.raises(Killed):
        moods.update(Dying(store, 1), NOW)
    explain_away(store)
    moods.update(store, NOW)
    assert kinds(store) == ["raised", "withdrawn"]
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    assert kinds(store) == ["raised", "withdrawn", "found_again"]


def told(store: Store, name: str, *changes: tuple[State, float]) -> None:
    """The note of a source of the platform bbs: states and how many hours before now they began, oldest first."""
    rows = [Change(state=state, since=NOW - hours * HOUR, evidence="") for state, hours in changes]
    status = SourceStatus(
        name=name,
        platform="bbs",
        family="html",
        owner="",
        permission="",
        delay=1,
        now=rows[-1],
        history=tuple(rows[-2::-1]),
        at=NOW,
    )
    store.put_note(SOURCE_NOTES, name, status.model_dump_json(), None)


def test_a_platform_is_unread_while_none_of_its_sources_is_read(store: Store):
    told(store, "one", (State.RUNNING, 100), (State.BLOCKED, 50), (State.QUIET, 20), (State.PAUSED, 5))
    assert unread.spans(store, NOW) == {"bbs": [(NOW - 50 * HOUR, NOW - 20 * HOUR), (NOW - 5 * HOUR, NOW)]}
    told(store, "two", (State.UNREACHABLE, 30), (State.RUNNING, 25))
    assert unread.spans(store, NOW) == {"bbs": [(NOW - 30 * HOUR, NOW - 25 * HOUR)]}
    store.put_note(SOURCE_NOTES, "odd", "{}", None)
    assert unread.spans(store, NOW) == {"bbs": [(NOW - 30 * HOUR, NOW - 25 * HOUR)]}


def test_posts_after_weeks_without_reading_are_no_spike(store: Store):
    """Twelve negative posts an hour are usual here; but for some hours the ten days were not read."""
    busy = [n for n in range(12 * 240) if not 12 * 12 <= n < 230 * 12]
    store.put_posts([post(n, START + timedelta(minutes=5 * n)) for n in busy])
    moods.update(store, START + 240 * HOUR)
    without = spikes_of(store)
    first = (START + 12 * HOUR, START + 230 * HOUR)
    rows = [Change(state=State.RUNNING, since=START, evidence=""), Change(state=State.BLOCKED, since=first[0], evidence=""),
            Change(state=State.RUNNING, since=first[1], evidence="")]  # fmt: skip
    status = SourceStatus(
        name="one", platform="bbs", family="html", owner="", permission="", delay=1, now=rows[2], history=(rows[1], rows[0]), at=NOW
    )
    store.put_note(SOURCE_NOTES, "one", status.model_dump_json(), None)
    moods.update(store, START + 240 * HOUR)
    assert [alert.status for alert in without] != []
    assert all(alert.status is Status.WITHDRAWN for alert in spikes_of(store))


def test_what_came_later_of_an_unread_time_is_looked_at(store: Store):
    calm(store)
    told(store, "one", (State.RUNNING, 300), (State.BLOCKED, 10), (State.RUNNING, 1))
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    assert kinds(store) == ["raised"]
