"""A time stamp that could not be had is marked, queued, asked for again with growing pauses, and told in the alert's history."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from alerting.evidence import package, stamp_queue
from alerting.evidence.stamp_queue import WANTED, Retry, Wanted
from alerting.evidence.verify import verify
from alerting.rounds import Rounds
from humiao.blobs import Blobs
from humiao.event import broken_links
from humiao.log import open_log
from humiao.settings import EvidenceSettings, Settings
from tests.alerting.evidence.case import LATER


def results(result: str) -> float:
    return REGISTRY.get_sample_value("humiao_timestamps_total", {"result": result}) or 0.0


def wanted(store) -> list[Wanted]:
    return [Wanted.model_validate_json(note.value) for note in store.notes(WANTED).values()]


@pytest.fixture
def ill(ailing) -> EvidenceSettings:
    ailing.mood = "broken"
    return EvidenceSettings(authorities=(ailing.settings,))


@pytest.fixture
def retry(store, data: Path, ill) -> Retry:
    return Retry(store, Blobs(data / "blobs"), ill)


@pytest.fixture
def unstamped(store, data, alert, ill) -> bytes:
    return package.export(store, data, alert.id, "analyst1", LATER, ill)


def test_a_package_says_that_its_stamp_is_still_to_come(unstamped, ailing, store):
    result = verify(unstamped)
    assert (result.problems, result.stamps, result.pending) == ([], [], [ailing.url])
    assert [one.due for one in wanted(store)] == [LATER + timedelta(minutes=1)]


def test_one_authority_of_two_is_enough_for_a_stamp_and_the_other_is_waited_for(store, data, alert, authority, ill):
    both = EvidenceSettings(authorities=(*ill.authorities, authority.settings))
    result = verify(package.export(store, data, alert.id, "analyst1", LATER, both))
    assert (result.problems, len(result.stamps), result.pending) == ([], 1, [ill.authorities[0].url])


def test_pauses_grow_and_the_stamp_comes_when_the_authority_is_well(unstamped, retry, store, alert, ailing):
    now, pauses, failed, granted = LATER, [], results("failed"), results("granted")
    for _ in range(4):
        retry(now)
        assert ailing.asked == len(pauses) + 1, "not before its time"
        (one,) = wanted(store)
        now = one.due
        retry(now)
        retry.wait()
        (moved,) = wanted(store)
        pauses.append(moved.due - now)
    assert pauses == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16)]
    ailing.mood = "well"
    now = moved.due
    retry(now)  # takes the failure, asks again
    retry.wait()
    retry(now)  # takes the stamp
    assert wanted(store) == []
    assert (results("failed") - failed, results("granted") - granted) == (4, 1)
    assert REGISTRY.get_sample_value("humiao_timestamps_waiting") == 0
    chain = store.events(alert.id)
    assert broken_links(chain) == []
    (event,) = [event for event in chain if event.kind == stamp_queue.KIND]
    assert event.data["stamp"]["authority"] == ailing.url
    again = retry(now)
    assert again is None
    assert len(store.events(alert.id)) == len(chain)


def test_the_longest_pause_is_bounded(unstamped, retry, store):
    (key,) = store.notes(WANTED)
    (one,) = wanted(store)
    store.put_notes(WANTED, {key: one.model_copy(update={"attempts": 1000}).model_dump_json()})
    retry(one.due)
    assert wanted(store)[0].due - one.due == stamp_queue.LONGEST_PAUSE


def test_the_next_export_holds_the_late_stamp_and_it_is_checked(unstamped, retry, store, data, alert, ailing, ill):
    import json

    from alerting.evidence import layout
    from alerting.evidence.signing import Signer
    from tests.alerting.evidence.case import members_of
    from tests.alerting.evidence.test_tampering import resealed

    ailing.mood = "well"
    retry(LATER + timedelta(minutes=1))
    retry.wait()
    retry(LATER + timedelta(minutes=1))
    later = package.export(store, data, alert.id, "analyst1", LATER + timedelta(hours=1), ill)
    assert verify(later).problems == []
    rows = [json.loads(line) for line in members_of(later)[layout.EVENTS].splitlines()]
    (late,) = [row for row in rows if row["kind"] == "stamped"]
    import hashlib

    assert late["data"]["manifest"] == hashlib.sha256(members_of(unstamped)[layout.MANIFEST]).hexdigest()
    text = members_of(later)[layout.EVENTS].decode()
    other = hashlib.sha256(b"other").hexdigest()
    forged = resealed(later, data, **{layout.EVENTS: text.replace(late["data"]["manifest"], other).encode()})
    assert any("over something else" in str(problem) for problem in verify(forged).problems)
    assert Signer.open(data)


def test_of_two_workers_one_asks(unstamped, store, data, ill, ailing):
    workers = [Retry(store, Blobs(data / "blobs"), ill) for _ in range(2)]
    for worker in workers:
        worker(LATER + timedelta(minutes=1))
    for worker in workers:
        worker.wait()
    assert ailing.asked == 2, "once at the export, once now"


def test_a_manifest_that_is_gone_is_given_up_and_counted(unstamped, store, data, retry):
    before = results("given_up")
    (one,) = wanted(store)
    Blobs(data / "blobs").path(one.manifest).unlink()
    retry(one.due)
    assert wanted(store) == []
    assert results("given_up") - before == 1


def test_a_stamp_of_an_authority_that_is_no_longer_configured_stays_marked(unstamped, store, data):
    Retry(store, Blobs(data / "blobs"), EvidenceSettings())(LATER + timedelta(days=1))
    assert len(wanted(store)) == 1


def test_the_alert_stage_asks_by_itself(unstamped, store, data, ill, ailing):
    ailing.mood = "well"
    settings, times = Settings(data=data, evidence=ill), [LATER + timedelta(minutes=2)]
    with open_log(settings) as log:
        rounds = Rounds(log, store, settings, lambda: times[-1])
        rounds()
        rounds._ask_for_stamps.wait()
        times.append(times[-1] + timedelta(minutes=1))
        rounds()
    assert wanted(store) == []
