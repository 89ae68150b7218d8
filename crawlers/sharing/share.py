"""A member's share of the site groups: what it holds, what it takes when something is free, what it has too much of."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from types import MappingProxyType

import structlog

from crawlers.sharing.groups import SiteGroup
from crawlers.sharing.member import Member, Seen
from humiao import metrics
from humiao.source_status import CrawlerNote

_lines = structlog.get_logger()


class Share:
    """`step` is called by one thread, everything else by any. A group is held for one `tenure`; their numbers never repeat."""

    def __init__(self, member: Member, groups: Sequence[SiteGroup], scope: str) -> None:
        """`scope`: see `Myself.scope`."""
        self._member, self._scope = member, scope
        self._groups = {group.name: group for group in groups}
        self._order = sorted(self._groups)
        random.Random(member.id).shuffle(self._order)  # noqa: S311 (so that members do not reach for the same one)
        self._tenures = count(1)
        self._held: dict[str, int] = {}
        self._over: set[str] = set()
        self._claimed: dict[str, str] = {}
        self.surplus = 0
        """How many of the groups held are more than a fair share."""

    @property
    def held(self) -> Mapping[str, int]:
        """Name of each group held, and its tenure."""
        return MappingProxyType(dict(self._held))

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """Groups that another member holds, and its name, as of the last step."""
        return MappingProxyType(dict(self._claimed))

    def may_ask(self, group: str, tenure: int) -> bool:
        """Whether a request may be made now for the group that was taken with `tenure`."""
        return self._held.get(group) == tenure and group not in self._over and self._member.may_act

    def release(self, group: str) -> None:
        """Nothing of the group is being asked any more: the next step gives it back."""
        self._over.add(group)

    def renew(self) -> None:
        """Renew the own note; raises StoreUnavailable."""
        if not self._member.renew():
            metrics.CRAWL_LEASES_LOST.inc(len(self._held))
            _lines.warning("declared dead by another process, so everything is given up", groups=len(self._held))
            self._held = {}
            self._over.clear()

    def step(self, *, enough: Callable[[], bool] = lambda: False) -> None:
        """Renew, look, give back, take. Raises StoreUnavailable; what was done stays done.

        `enough`: asked between two groups that are taken, as taking many may last; the next step takes the rest.
        """
        self.renew()
        seen = self._member.look()
        self._reconcile(seen)
        self._give_back(seen)
        quota = self._quota(seen)
        self.surplus = max(0, len(self._held) - quota)
        for name in self._order:
            if len(self._held) >= quota or enough():
                break
            if name not in self._held and self._member.take(self._groups[name].hosts, seen):
                self._held[name] = next(self._tenures)
        self._member.sources = sum(len(self._groups[name].sources) for name in self._held)

    def leave(self) -> None:
        """End: everything is free for others at once. Raises StoreUnavailable."""
        self._held = {}
        self._member.leave()

    def _reconcile(self, seen: Seen) -> None:
        """What the notes say counts: hosts taken by a write whose answer was lost are free again, what is another's is given up."""
        lost = [name for name in self._held if any(seen.holder(host) != self._member.id for host in self._groups[name].hosts)]
        for name in lost:
            metrics.CRAWL_LEASES_LOST.inc()
            del self._held[name]
            self._over.discard(name)
        ours = {host for name in self._held for host in self._groups[name].hosts}
        stray = [host for host in seen.leases if host not in ours and seen.holder(host) == self._member.id]
        self._member.give_back(stray, seen)
        self._claimed = {
            name: _names(seen.living, {holder for host in group.hosts if (holder := seen.holder(host))})
            for name, group in self._groups.items()
            if name not in self._held and any(seen.holder(host) for host in group.hosts)
        }

    def _give_back(self, seen: Seen) -> None:
        over = set(self._over)
        for name in over & set(self._held):
            self._member.give_back(self._groups[name].hosts, seen)
            del self._held[name]
        self._over -= over

    def _quota(self, seen: Seen) -> int:
        """The fair share: of members with the same sources each has at most as many groups, rounded up."""
        if not self._scope:
            return len(self._groups)
        sharing = {id for id, one in seen.living.items() if one.scope == self._scope} | {self._member.id}
        return -(-len(self._groups) // len(sharing))


def _names(living: Mapping[str, CrawlerNote], ids: Collection[str]) -> str:
    return ", ".join(sorted(living[id].name for id in ids))
