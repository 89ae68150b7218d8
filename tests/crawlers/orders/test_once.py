"""An order is carried out once, whatever happens to the processes on the way."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from crawlers.orders.claims import Claims
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult, Outcome
from tests.crawlers.orders.conftest import place, result
from tests.crawlers.processes import Process, until

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def anyone(_order) -> bool:
    return True


def done(order: CaptureOrder) -> CaptureResult:
    return CaptureResult(order=order, outcome=Outcome.FAILED, started_at=NOW, ended_at=NOW, crawler="x", software="x")


def put(store, key: str, **over) -> None:
    order = CaptureOrder(**({"url": "http://x.example/", "asked_by": "a", "asked_at": NOW, "why": "alert"} | over))
    store.put_note(ORDERS, key, order.model_dump_json(), None)


@pytest.fixture
def empty(store):
    for kind in (ORDERS, RESULTS):
        store.drop_notes(kind, store.notes(kind))
    return store


def test_of_two_processes_one_gets_the_order(empty):
    one, other = Claims(empty, "one", Clock()), Claims(empty, "other", Clock())
    put(empty, "k")
    assert one.take((), anyone).key == "k"
    assert other.take((), anyone) is None


def test_a_claim_that_is_not_renewed_lapses(empty):
    clock = Clock()
    one, other = Claims(empty, "one", clock), Claims(empty, "other", clock)
    put(empty, "k")
    claimed = one.take((), anyone)
    clock.now += timedelta(seconds=15)
    claimed = one.renew(claimed)
    clock.now += timedelta(seconds=15)
    assert other.take((), anyone) is None
    clock.now += timedelta(seconds=10)
    taken = other.take((), anyone)
    assert taken.order.attempts == 2
    assert one.renew(claimed) is None, "the first one learns that it lost the order"


def test_the_first_result_stays(empty):
    one, other = Claims(empty, "one", Clock()), Claims(empty, "other", Clock())
    put(empty, "k")
    claimed = one.take((), anyone)
    assert one.finish("k", done(claimed.order))
    assert not other.finish("k", done(claimed.order))
    assert empty.notes(ORDERS) == {}


def test_an_order_with_a_result_is_only_dropped(empty):
    put(empty, "k")
    empty.put_note(RESULTS, "k", done(CaptureOrder(url="x", asked_by="a", asked_at=NOW, why="alert")).model_dump_json(), None)
    assert Claims(empty, "one", Clock()).take((), anyone) is None
    assert empty.notes(ORDERS) == {}


def test_a_released_order_is_free_at_once_and_not_counted(empty):
    one, other = Claims(empty, "one", Clock()), Claims(empty, "other", Clock())
    put(empty, "k")
    one.release(one.take((), anyone))
    assert other.take((), anyone).order.attempts == 1


def test_the_longest_waiting_comes_first_and_nonsense_is_dropped(empty):
    put(empty, "a", asked_at=NOW)
    put(empty, "b", asked_at=NOW - timedelta(seconds=1))
    empty.put_note(ORDERS, "c", "{}", None)
    assert Claims(empty, "one", Clock()).take((), anyone).key == "b"
    assert set(empty.notes(ORDERS)) == {"a", "b"}


@pytest.mark.browser
@pytest.mark.slow
def test_a_stage_killed_in_the_middle_leaves_the_order_to_the_next(chromium, site, installation, empty):
    site.pages["/k1/slow.png"] = lambda: (time.sleep(15), (404, {}, b""))[1]
    site.html("/k1", "<img src=/k1/slow.png>text")
    with Process("crawl", data=installation.data) as process:
        process.first_line()
        key = place(empty, f"{site.url}/k1")
        until(lambda: "/k1/slow.png" in site.asked, 40)
        below = psutil.Process(process._popen.pid).children(recursive=True)
        assert any("chrom" in one.name() for one in below)
        process.kill()
    assert empty.note(RESULTS, key) is None
    until(lambda: not [one for one in below if one.is_running() and one.status() != psutil.STATUS_ZOMBIE], 20)
    site.html("/k1", "text")
    with Process("crawl", data=installation.data) as process:
        found = result(empty, key, 80)
    assert (found.outcome, found.order.attempts) == (Outcome.CAPTURED, 2)
    assert found.screenshot
    assert empty.notes(ORDERS) == {}
    assert list(empty.notes(RESULTS)) == [key]


@pytest.mark.browser
@pytest.mark.slow
def test_several_processes_carry_out_each_order_once(chromium, site, installation, empty):
    for number in range(4):
        site.html(f"/k2/{number}", "text")
    asked = len(site.asked)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(Process("crawl", data=installation.data)).first_line()
        keys = [place(empty, f"{site.url}/k2/{number}") for number in range(4)]
        results = [result(empty, key, 90) for key in keys]
    assert all(one.outcome is Outcome.CAPTURED and one.order.attempts == 1 for one in results)
    pages = [path for path in site.asked[asked:] if path.startswith("/k2/")]
    assert sorted(pages) == [f"/k2/{number}" for number in range(4)]
