"""Turns on a clock of the test's own."""

import asyncio
from itertools import pairwise
from random import Random

import pytest
from scrapy.exceptions import IgnoreRequest

from crawlers.polite.hosts import HostRests, Hosts
from crawlers.polite.pace import Outcome
from crawlers.states import State


class Clock:
    def __init__(self) -> None:
        self.now = 50.0
        self._waiting: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        moment, ready = self.now + seconds, asyncio.Event()
        self._waiting.append((moment, ready))
        await asyncio.sleep(0)
        while not ready.is_set():
            for _ in range(20):  # whoever can run without time passing does
                await asyncio.sleep(0)
            first = min(self._waiting, key=lambda one: one[0])
            self._waiting.remove(first)
            self.now = max(self.now, first[0])
            first[1].set()
        await ready.wait()


def hosts() -> tuple[Hosts, Clock]:
    clock = Clock()
    return Hosts(clock, clock.sleep, Random(7)), clock


def test_three_askers_of_one_host_share_the_slowest_pace_in_the_order_they_came():
    hosts_, clock = hosts()
    for seconds in (1.0, 4.0, 2.0):
        hosts_.agree("one", seconds)
    began: list[tuple[str, float]] = []

    async def ask(name: str) -> None:
        for _ in range(4):
            async with hosts_.turn("one") as turn:
                began.append((name, clock.now))
                await clock.sleep(0.3)
                turn.outcome = Outcome.ANSWERED

    async def main() -> None:
        await asyncio.gather(*map(ask, "abc"))

    asyncio.run(main())
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(began)]
    assert all(4.0 <= gap <= 4.0 * 1.3 + 1e-6 for gap in gaps)
    assert len({round(gap, 3) for gap in gaps}) > 3  # not like a clock
    assert [name for name, _ in began] == list("abc") * 4


def test_other_hosts_are_unharmed_by_one_that_fails():
    hosts_, clock = hosts()

    async def main() -> None:
        for _ in range(5):
            async with hosts_.turn("ill") as turn:
                turn.outcome, turn.reason = Outcome.FAILED, "DownloadTimeoutError"
        before = clock.now
        with pytest.raises(HostRests) as rests:
            async with hosts_.turn("ill"):
                pass
        assert rests.value.state == State.UNREACHABLE
        assert rests.value.evidence.startswith("DownloadTimeoutError; ill is not asked before 20")
        async with hosts_.turn("well") as turn:
            turn.outcome = Outcome.ANSWERED
        assert clock.now == before

    asyncio.run(main())


def test_while_a_broken_host_is_tried_the_others_wait_for_what_becomes_of_it():
    hosts_, clock = hosts()
    refused = []

    async def probe() -> None:
        async with hosts_.turn("ill") as turn:
            await clock.sleep(3)
            turn.outcome = Outcome.FAILED

    async def follower() -> None:
        try:
            async with hosts_.turn("ill"):
                refused.append("asked")
        except HostRests:
            refused.append("rests")

    async def main() -> None:
        for _ in range(5):
            async with hosts_.turn("ill") as turn:
                turn.outcome = Outcome.FAILED
        clock.now += 120
        await asyncio.gather(probe(), follower(), follower())

    asyncio.run(main())
    assert refused == ["rests", "rests"]


def test_a_long_rest_that_the_site_asks_for_ends_the_visit_at_once_and_a_short_one_is_waited_for():
    hosts_, clock = hosts()

    async def main() -> None:
        async with hosts_.turn("busy") as turn:
            turn.outcome, turn.asked, turn.reason = Outcome.BUSY, 30.0, "HTTP 429, Retry-After: 30"
        before = clock.now
        async with hosts_.turn("busy") as turn:
            assert clock.now - before >= 30
            turn.outcome, turn.asked, turn.reason = Outcome.BUSY, 3600.0, "HTTP 429, Retry-After: 3600"
        with pytest.raises(HostRests, match="Retry-After: 3600; busy is not asked before"):
            async with hosts_.turn("busy"):
                pass

    asyncio.run(main())


def test_whoever_has_no_more_use_for_a_turn_gives_it_up_while_waiting():
    hosts_, clock = hosts()
    hosts_.agree("slow", 3600)

    async def main() -> None:
        async with hosts_.turn("slow") as turn:
            turn.outcome = Outcome.ANSWERED
        ends = clock.now + 10
        with pytest.raises(IgnoreRequest):
            async with hosts_.turn("slow", lambda: clock.now >= ends):
                pass
        assert clock.now < ends + 1

    asyncio.run(main())


def test_what_a_site_asks_for_in_robots_txt_slows_and_can_be_taken_back():
    hosts_, clock = hosts()
    hosts_.agree("one", 1.0)
    hosts_.site_asks("one", "https://one:443", 10.0)

    async def gap() -> float:
        async with hosts_.turn("one") as turn:
            turn.outcome = Outcome.ANSWERED
        before = clock.now
        async with hosts_.turn("one") as turn:
            turn.outcome = Outcome.ANSWERED
        return clock.now - before

    async def main() -> None:
        assert 10 <= await gap() <= 13.1
        hosts_.site_asks("one", "https://one:443", 0.0)
        clock.now += 100
        assert 1 <= await gap() <= 1.4

    asyncio.run(main())
