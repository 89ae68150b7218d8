"""What one process knows of the hosts that it asks. Every request of every source takes its turn here."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Final
from zoneinfo import ZoneInfo

from scrapy.exceptions import IgnoreRequest

from crawlers.polite.pace import LONGEST_ASKED, Outcome, Pace, Rest, begun, ended, next_at
from crawlers.polite.robots_known import KnownRobots
from crawlers.states import Rested, State

GLANCE: Final = 0.5
"""Seconds after which one who waits looks whether there is still a reason to."""


class HostRests(IgnoreRequest):
    """The host is not asked now; the visit is over."""

    def __init__(self, host: str, state: State, reason: str, until: datetime, *, asked: bool = True) -> None:
        """`asked`: the host itself said until when; a rest of our own need not outlast the process."""
        self.state, self.rested = state, Rested(host, until, reason) if asked else None
        clock = until.astimezone(ZoneInfo("Asia/Shanghai"))
        self.evidence = f"{reason}; {host} is not asked before {clock:%Y-%m-%d %H:%M:%S} (UTC+8)"
        super().__init__(self.evidence)


@dataclass
class Turn:
    """A request under way. Whoever has it says how it ended."""

    outcome: Outcome = Outcome.UNKNOWN
    asked: float = 0.0
    """Seconds of rest that the host asked for."""
    reason: str = ""


@dataclass
class _Host:
    free: asyncio.Lock = field(default_factory=asyncio.Lock)
    pace: Pace = field(default_factory=Pace)
    agreed: float = 0.0
    asked: dict[str, float] = field(default_factory=dict)

    @property
    def delay(self) -> float:
        return max(self.agreed, *self.asked.values()) if self.asked else self.agreed


class Hosts:
    """One request at a time to each host, each so much later than the one before as the slowest source of that host agreed on."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Random | None = None,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._chance = chance or SystemRandom()
        self._hosts: dict[str, _Host] = {}
        self.robots = KnownRobots()

    def agree(self, host: str, seconds: float) -> None:
        """At least `seconds` from one request to the next; of several agreements on a host the slowest counts."""
        one = self._of(host)
        one.agreed = max(one.agreed, seconds)

    def site_asks(self, host: str, origin: str, seconds: float) -> None:
        """The robots.txt of `origin` asks for so many seconds between two requests to `host`; 0 = for none."""
        self._of(host).asked[origin] = seconds

    def go_on_resting(self, state: State, rested: Rested) -> None:
        """An earlier process was told to leave a host alone: nothing is asked before that time either."""
        one, left = self._of(rested.host), (rested.until - datetime.now(UTC)).total_seconds()
        until = self._clock() + min(left, LONGEST_ASKED)
        if left > 0 and until > one.pace.rests_until:
            one.pace = replace(one.pace, rests_until=until, failures=max(1, one.pace.failures), state=state, reason=rested.reason)

    @asynccontextmanager
    async def turn(self, host: str, is_over: Callable[[], bool] = lambda: False) -> AsyncIterator[Turn]:
        """Wait for the turn of a request to `host` and hold it until its end; first come, first served.

        Args:
            host: canonical name.
            is_over: whether whoever waits has no more use for the turn.

        Raises:
            HostRests: it is not asked for longer than a visit waits.
            IgnoreRequest: `is_over`.
        """
        one = self._of(host)
        async with one.free:
            await self._wait(host, one, is_over)
            one.pace = begun(one.pace, self._clock(), self._chance.random())
            turn = Turn()
            try:
                yield turn
            finally:
                now = self._clock()
                one.pace = ended(
                    one.pace, turn.outcome, one.delay, now, self._chance.random(), asked=turn.asked, reason=turn.reason
                )

    async def _wait(self, host: str, one: _Host, is_over: Callable[[], bool]) -> None:
        while True:
            if is_over():
                raise IgnoreRequest("the visit is over")
            now = self._clock()
            found = next_at(one.pace, one.delay, now)
            if isinstance(found, Rest):
                until = datetime.now(UTC) + timedelta(seconds=found.until - now)
                raise HostRests(host, found.state, found.reason, until, asked=not one.pace.is_broken)
            if found <= now:
                return
            await self._sleep(min(GLANCE, found - now))

    def _of(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())
