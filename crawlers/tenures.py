"""Site groups of this process's share, each from taking it over, with its crawl state, to giving it back, with its crawl state."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import structlog

from crawlers.sharing.groups import SiteGroup
from crawlers.sharing.keeper import Keeper
from crawlers.source import Source
from crawlers.state import CrawlState
from crawlers.state_copy import StateCopy
from humiao.errors import Conflict, Unavailable

AGAIN = 0.5
"""Seconds between two tries while the store does not answer or a visit is still ending."""

_lines = structlog.get_logger()


@dataclass
class Tenure:
    """A site group as long as this process has it."""

    group: SiteGroup
    number: int
    ready: bool = False
    """Its crawl state is here, and its sources may be visited."""
    leaving: bool = False
    """It is given back as soon as none of its visits is under way."""
    work: "asyncio.Task[None] | None" = field(default=None, repr=False)


class Tenures:
    """Used from the event loop, except for `save` and `holds`."""

    def __init__(
        self, groups: Sequence[SiteGroup], state: CrawlState, keeper: Keeper, *, is_visited: Callable[[Source], bool],
        gained: Callable[[Tenure], None], lost: Callable[[Tenure], None],
    ) -> None:  # fmt: skip
        """`is_visited`: whether a visit is under way; `gained`: the group may be visited; `lost`: it may no longer."""
        self._groups = {group.name: group for group in groups}
        self._group_of_host = {host: group.name for group in groups for host in group.hosts}
        self._state, self._keeper = state, keeper
        self._is_visited, self._gained, self._lost = is_visited, gained, lost
        self._tenures: dict[str, Tenure] = {}
        self._copier: StateCopy | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="take-over")

    def __iter__(self) -> Iterator[Tenure]:
        return iter(list(self._tenures.values()))

    def of(self, group: str) -> Tenure | None:
        """The present tenure of a group."""
        return self._tenures.get(group)

    def holds(self, host: str) -> bool:
        """Whether this process may ask `host` (no port) at this moment."""
        tenure = self._tenures.get(self._group_of_host.get(host, ""))
        return tenure is not None and tenure.ready and self.may_ask(tenure)

    def may_ask(self, tenure: Tenure) -> bool:
        """Whether the sites of the group may be asked at this moment."""
        share = self._keeper.share
        return share is not None and share.may_ask(tenure.group.name, tenure.number)

    def follow(self) -> None:
        """Do what the share wants at this moment."""
        held = self._keeper.share.held if self._keeper.share else {}
        for name, tenure in list(self._tenures.items()):
            if held.get(name) != tenure.number:
                del self._tenures[name]
                self._lost(tenure)
        for name, number in held.items():
            if name not in self._tenures:
                tenure = self._tenures[name] = Tenure(self._groups[name], number)
                tenure.work = asyncio.ensure_future(self._take_over(tenure))
        self._leave_surplus()

    def save(self) -> None:
        """Copy what changed in the crawl state to the store; raises StoreUnavailable."""
        for tenure in self:
            if tenure.ready:
                self._copy().save([source.name for source in tenure.group.sources], partial(self.may_ask, tenure))

    def unsaved(self) -> int:
        """Entries of the crawl state that the store does not have yet."""
        return self._copy().unsaved([source.name for tenure in self if tenure.ready for source in tenure.group.sources])

    def _copy(self) -> StateCopy:
        if self._copier is None:
            self._copier = StateCopy(self._state, self._keeper.store)
        return self._copier

    def _is_busy(self, tenure: Tenure) -> bool:
        return any(self._is_visited(source) for source in tenure.group.sources)

    async def _take_over(self, tenure: Tenure) -> None:
        """Bring the crawl state here before the first visit."""
        loop, name = asyncio.get_running_loop(), tenure.group.name
        left = [source.name for source in tenure.group.sources]
        reloaded = []
        while left and self._tenures.get(name) is tenure:
            if self._is_busy(tenure):  # a visit of an earlier tenure is still ending
                await asyncio.sleep(AGAIN)
                continue
            try:
                if await loop.run_in_executor(self._thread, self._take_over_one, left[0]):
                    reloaded.append(left[0])
                left.pop(0)
            except Conflict:
                self._release(tenure)
                return
            except Unavailable:
                await asyncio.sleep(AGAIN)
        if reloaded:
            _lines.info("crawl state taken over from another process", sources=reloaded)
        if self._tenures.get(name) is tenure:
            tenure.ready = True
            self._gained(tenure)

    def _take_over_one(self, source: str) -> bool:
        return self._copy().take_over(source)

    def _leave_surplus(self) -> None:
        """Give back what is more than a fair share: what is not being visited first, the rest when its visits have ended."""
        share = self._keeper.share
        too_many = (share.surplus if share else 0) - sum(tenure.leaving for tenure in self)
        for tenure in [one for one in sorted(self, key=self._is_busy) if one.ready and not one.leaving][: max(0, too_many)]:
            tenure.leaving = True
        for tenure in self:
            if tenure.leaving and not self._is_busy(tenure) and (tenure.work is None or tenure.work.done()):
                tenure.work = asyncio.ensure_future(self._give_back(tenure))

    async def _give_back(self, tenure: Tenure) -> None:
        names = [source.name for source in tenure.group.sources]
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._copy().save(names))
        except Unavailable:
            return  # tried again at the next look
        self._release(tenure)

    def _release(self, tenure: Tenure) -> None:
        if self._keeper.share and self._tenures.get(tenure.group.name) is tenure:
            self._keeper.share.release(tenure.group.name)
