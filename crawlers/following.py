"""The sources of this process's share, visited in turn as long as nobody paused them and their hours are open."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from crawlers.condition import Condition, Visited, after, described, rest_after
from crawlers.polite.hosts import Hosts
from crawlers.polite.windows import opens_at
from crawlers.publisher import Sink
from crawlers.sharing.authority import Authority
from crawlers.sharing.groups import SiteGroup
from crawlers.sharing.keeper import Keeper
from crawlers.source import Source
from crawlers.state import CrawlState
from crawlers.states import ADVICE, State
from crawlers.telling import Telling
from crawlers.tenures import Tenure, Tenures
from crawlers.turns import Turns
from crawlers.visit import Visit
from crawlers.visiting import Visits
from crawlers.warc import Archive
from humiao import metrics
from humiao.settings import Settings
from humiao.source_status import Pause

INTERRUPTED: Final = frozenset({"lease", "shutdown"})
"""Ends of a visit that say nothing about the source."""
NEVER: Final = math.inf

_lines = structlog.get_logger()


class Following:
    """Used from the event loop."""

    def __init__(
        self, settings: Settings, groups: Sequence[SiteGroup], state: CrawlState, archive: Archive, sink: Sink, hosts: Hosts,
        keeper: Keeper, visits: Visits, telling: Telling, *, once: bool, changed: Callable[[], None],
    ) -> None:  # fmt: skip
        """`once`: each source is visited until it was read through once; `changed` is called when a visit has ended."""
        self._settings, self._state, self._archive, self._sink, self._hosts = settings, state, archive, sink, hosts
        self._keeper, self._visits, self.telling, self._once, self._changed = keeper, visits, telling, once, changed
        self._sources = {source.name: source for group in groups for source in group.sources}
        self._group_of = {source.name: group.name for group in groups for source in group.sources}
        self._turns = Turns(settings.crawl.concurrent_visits, settings.crawl.visit_seconds)
        self._paused: set[str] = set()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._complete: dict[str, bool] = {}
        self._through: set[str] = set()
        self._silent = False
        self.tenures = Tenures(
            groups, state, keeper, is_visited=lambda source: source.name in self._under_way, gained=self._gained, lost=self._lost
        )

    @property
    def complete(self) -> bool:
        """Whether the last visit of every source saw everything."""
        return all(self._complete.get(name, False) for name in self._sources)

    def is_through(self) -> bool:
        """Whether nothing is left to do for one pass over every source."""
        elsewhere = self._keeper.share.elsewhere if self._keeper.share else {}
        left = [name for name in self._sources if name not in self._through]
        return not self._under_way and all(self._group_of[name] in elsewhere for name in left)

    def crawled_elsewhere(self) -> Mapping[str, str]:
        """Sources that were not visited because another process has them, and its name."""
        elsewhere = self._keeper.share.elsewhere if self._keeper.share else {}
        left = [name for name in self._sources if name not in self._through]
        return {name: elsewhere[self._group_of[name]] for name in left if self._group_of[name] in elsewhere}

    def next_due(self) -> float:
        """When the next visit is wanted, on the monotonic clock."""
        return self._turns.next_due()

    def look(self) -> None:
        """Follow shares and pauses, end what is to end, begin the visits whose time has come, as many as there are places."""
        self.tenures.follow()
        for tenure in self.tenures:
            for source in tenure.group.sources if tenure.ready else ():
                self._obey(source, self._keeper.paused.get(source.name))
                if tenure.leaving:
                    self._turns.set_due(source.name, NEVER)
        self._fall_silent()
        self._visits.press()
        now = time.monotonic()
        for name in self._turns.ready(now):
            self._begin(self._sources[name], now)
        metrics.SOURCES_HELD.set(sum(len(tenure.group.sources) for tenure in self.tenures))
        metrics.SOURCES_WAITING.set(self._turns.waiting(now))

    async def end(self, grace: float) -> None:
        """End all visits; requests in flight get `grace` seconds for their answers."""
        for name in list(self._under_way):
            self._visits.end(name, "shutdown", at_once=False)
        until = time.monotonic() + grace
        while self._under_way:
            self._visits.press()
            await asyncio.wait(self._under_way.values(), timeout=0.1)
            if time.monotonic() > until:
                for name in list(self._under_way):
                    self._visits.end(name, "shutdown")

    def _fall_silent(self) -> None:
        """Where the share could not be renewed in time, as when the store does not answer, nothing is asked or awaited."""
        mute = [tenure for tenure in self.tenures if tenure.ready and not tenure.leaving and not self.tenures.may_ask(tenure)]
        for source in (source for tenure in mute for source in tenure.group.sources):
            self._visits.end(source.name, "lease")
        if mute and not self._silent:
            metrics.CRAWL_STORE_WAITS.inc()
            _lines.warning("the lease could not be renewed, so nothing is asked", reason=self._keeper.trouble)
        elif self._silent and not mute:
            _lines.info("the lease is renewed, so all goes on")
        self._silent = bool(mute)

    def _gained(self, tenure: Tenure) -> None:
        for source in tenure.group.sources:
            condition = Condition.from_note(self._state.note(source.name, "condition"))
            self.telling.note(source, condition, datetime.now(UTC), None)
            if condition and condition.rested:
                self._hosts.go_on_resting(condition.state, condition.rested)
            self._turns.add(source.name, time.monotonic() + self._still_resting(source, condition))
        self._changed()

    def _lost(self, tenure: Tenure) -> None:
        for source in tenure.group.sources:
            self._visits.end(source.name, "lease")
            self._turns.remove(source.name)
            self.telling.forget(source.name)
            self._paused.discard(source.name)

    def _still_resting(self, source: Source, condition: Condition | None) -> float:
        """Seconds for which the site is left alone, whoever asked it last.

        That is the agreed delay; a site that refuses us rests as long as it would have, unless its file was changed since.
        """
        if condition is None or condition.visited_at is None:
            return 0.0
        since = (datetime.now(UTC) - condition.visited_at).total_seconds()
        interval = source.interval or self._settings.crawl.interval
        rest = rest_after(condition, interval)
        mended = self._state.note(source.name, "file") != source.digest
        if self._once or mended or rest <= interval:
            return max(0.0, source.rate.seconds - since) if self._once else source.rate.seconds
        return max(source.rate.seconds, rest - since)

    def _obey(self, source: Source, pause: Pause | None) -> None:
        name = source.name
        if pause and name not in self._paused:
            self._paused.add(name)
            self._visits.end(name, State.PAUSED)
            self._turns.set_due(name, NEVER)
            said = f"paused by {pause.who}: {pause.why}"
            self._note(source, Visited(datetime.now(UTC), complete=True, pages=0, fresh=0, ended=State.PAUSED, said=said), None)
            self._rest_of_once(name)
        elif not pause and name in self._paused:
            self._paused.discard(name)
            _lines.info("source resumed", source=name)
            self._turns.set_due(name, time.monotonic())

    def _rest_of_once(self, name: str) -> None:
        """A source that rests has nothing more to show in one pass."""
        self._complete[name] = True
        self._through.add(name)

    def _begin(self, source: Source, now: float) -> None:
        opens = opens_at(source.windows, source.zone, datetime.now(UTC))
        if (wait := (opens - datetime.now(UTC)).total_seconds()) > 0:
            found = Visited(datetime.now(UTC), complete=True, pages=0, fresh=0, ended=State.WINDOW_CLOSED)
            self._note(source, found, opens)
            self._rest_of_once(source.name)
            self._turns.set_due(source.name, NEVER if self._once else now + wait)
            return
        tenure = self.tenures.of(self._group_of[source.name])
        if tenure is None or not self.tenures.may_ask(tenure):
            self._turns.set_due(source.name, now + 1)
            return
        self._turns.began(source.name, now)
        self._under_way[source.name] = asyncio.ensure_future(self._visit(source, tenure))

    async def _visit(self, source: Source, tenure: Tenure) -> None:
        name = source.name
        files = self._archive.files(name)
        visit = Visit(
            source, self._state, self._archive.folder, files, self._sink, hosts=self._hosts,
            authority=Authority(lambda: self.tenures.may_ask(tenure)),
            yields=lambda: tenure.leaving or self._turns.should_yield(name, time.monotonic()),
        )  # fmt: skip
        try:
            found = await self._visits.make(visit)
        finally:
            files.close()
            del self._under_way[name]
            self._changed()
        self._turns.ended(name, self._after(source, found, tenure))

    def _after(self, source: Source, found: Visited, tenure: Tenure) -> float:
        """Note what a visit showed; returns when the next one is wanted."""
        name, interval = source.name, source.interval or self._settings.crawl.interval
        if name in self._paused or self.tenures.of(tenure.group.name) is not tenure:
            return NEVER
        if found.ended in INTERRUPTED or found.ended == State.PAUSED:
            return time.monotonic()
        rest = rest_after(self._condition(name, found), interval)
        if found.unfinished and rest <= interval:
            rest = 0.0
        elif self._once:
            self._through.add(name)
        self._complete[name] = found.complete
        if found.complete and not found.unfinished:
            metrics.CRAWL_PASSES.labels(name).inc()
        self._note(source, found, datetime.now(UTC) + timedelta(seconds=rest))
        return NEVER if name in self._through and self._once else time.monotonic() + rest

    def _condition(self, name: str, found: Visited) -> Condition:
        return after(Condition.from_note(self._state.note(name, "condition")), found)

    def _note(self, source: Source, found: Visited, next_at: datetime | None) -> None:
        """Keep and show the source's state; a change of it is worth a log line."""
        before = Condition.from_note(self._state.note(source.name, "condition"))
        condition = after(before, found)
        self._state.keep_note(source.name, "condition", condition.to_note())
        self._state.keep_note(source.name, "file", source.digest)
        self.telling.note(source, condition, datetime.now(UTC), next_at)
        if before is None or before.state != condition.state:
            _lines.info("source state", source=source.name, **described(condition), advice=ADVICE[condition.state][1])
