"""Sites that must be crawled by one process: sources whose hosts overlap, directly or through others, belong together."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawlers.source import Source


@dataclass(frozen=True)
class SiteGroup:
    """Sources that share hosts, however far apart; leased together."""

    sources: tuple[Source, ...]
    hosts: tuple[str, ...]
    """Sorted, without port."""

    @property
    def name(self) -> str:
        """Its first host."""
        return self.hosts[0]


def site_groups(sources: Iterable[Source]) -> list[SiteGroup]:
    """The connected components, by name. Each source and each host is in exactly one."""
    members: list[list[Source]] = []
    reached: list[set[str]] = []
    for source in sources:
        touched = [place for place, hosts in enumerate(reached) if hosts & source.allowed_hosts]
        joined, hosts = [source], set(source.allowed_hosts)
        for place in reversed(touched):
            joined = members.pop(place) + joined
            hosts |= reached.pop(place)
        members.append(joined)
        reached.append(hosts)
    groups = [
        SiteGroup(tuple(sorted(joined, key=lambda source: source.name)), tuple(sorted(hosts)))
        for joined, hosts in zip(members, reached, strict=True)
    ]
    return sorted(groups, key=lambda group: group.name)


def scope(groups: Sequence[SiteGroup]) -> str:
    """The same for processes that have the same groups to share."""
    return hashlib.sha256("\n".join(" ".join(group.hosts) for group in groups).encode()).hexdigest()[:16]
