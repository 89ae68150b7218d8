"""Which posts are one incident: those connected by links between wordings.

Two posts are linked when a flagged harm is common to both and their wordings are alike (see `wording.alike`), or when they are
revisions of the same post. An incident is a connected component of that relation. The relation compares two posts and nothing
else, so the components do not depend on the order in which posts arrive, and an alert, which keeps every wording of its posts,
is enough to tell whether a new post belongs to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alerting import wording
from alerting.incident import Finding, post_of
from humiao.alert import Alert, Shape
from humiao.store import Versioned


@dataclass(slots=True)
class Group:
    """New findings and stored alerts that belong together."""

    findings: list[Finding] = field(default_factory=list)
    alerts: list[Versioned[Alert]] = field(default_factory=list)


def groups(findings: Sequence[Finding], alerts: Sequence[Versioned[Alert]], homes: Mapping[str, str] | None = None) -> list[Group]:
    """Connected components that hold at least one of `findings`.

    Args:
        findings: posts to be placed.
        alerts: the stored alerts that may be linked with them.
        homes: post id -> id of the alert that it is in already (one of `alerts`).
    """
    nodes = _Components(len(findings) + len(alerts))
    seats = {alert.value.id: len(findings) + place for place, alert in enumerate(alerts)}
    index = _Index()
    seen: dict[str, int] = {}
    for seat, finding in enumerate(findings):
        nodes.unite(seat, seen.setdefault(finding.post.id, seat))
        home = (homes or {}).get(finding.post.id)
        if home in seats:
            nodes.unite(seat, seats[home])
    for place, alert in enumerate(alerts, start=len(findings)):
        for shape in alert.value.shapes:
            index.add(shape, place)
    for seat, shape in enumerate([finding.shape for finding in findings]):
        for other in index.linked(shape):
            nodes.unite(seat, other)
        index.add(shape, seat)
    found: dict[int, Group] = {}
    for seat, finding in enumerate(findings):
        found.setdefault(nodes.root(seat), Group()).findings.append(finding)
    for place, alert in enumerate(alerts, start=len(findings)):
        if (root := nodes.root(place)) in found:
            found[root].alerts.append(alert)
    return list(found.values())


def post_ids(alert: Alert) -> list[str]:
    """All its posts, oldest first (`Alert.posts` ends at 1,000)."""
    return list(dict.fromkeys(post_of(member) for member in alert.members))


class _Index:
    """Wordings by hash bucket, so that a new one is compared with those only that share one."""

    def __init__(self) -> None:
        self._buckets: dict[str, list[tuple[Shape, int]]] = {}

    def add(self, shape: Shape, seat: int) -> None:
        for key in wording.keys([shape]):
            self._buckets.setdefault(key, []).append((shape, seat))

    def linked(self, shape: Shape) -> set[int]:
        """Seats with a wording like `shape`."""
        found: set[int] = set()
        for key in wording.keys([shape]):
            for other, seat in self._buckets.get(key, ()):
                if seat not in found and wording.alike(shape, other):
                    found.add(seat)
        return found


class _Components:
    """Union-find with path halving."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, node: int) -> int:
        while self._parents[node] != node:
            self._parents[node] = self._parents[self._parents[node]]
            node = self._parents[node]
        return node

    def unite(self, one: int, other: int) -> None:
        self._parents[self.root(one)] = self.root(other)
