"""Spike alerts whose worker is killed between two writes: the next look completes what is missing, once."""

import pytest

from alerting import moods
from humiao.alert import Status
from humiao.store import AlertFilter, Store
from tests.alerting.test_spikes import HOUR, NOON, NOW, burst, calm, explain_away


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
