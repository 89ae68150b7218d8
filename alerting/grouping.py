"""Which posts are one incident: those connected by links between posts.

Two posts are linked when a flagged harm is common to both and their wordings are alike (`wording.Comparison`), when they share a
tie (`alerting.ties`: contact, thread, person, author), or when they are revisions of the same post. An incident is a connected
component of that relation. The relation compares two posts and nothing else, so the components do not depend on the order in which
posts arrive, and an alert, which keeps every wording and tie of its posts, is enough to tell whether a new post belongs to it.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    first: dict[str, int] = {}
    for seat, finding in enumerate(findings):
        nodes.unite(seat, first.setdefault(finding.post.id, seat))
        home = (homes or {}).get(finding.post.id)
        if home in seats:
            nodes.unite(seat, seats[home])
    tied: dict[str, int] = {}
    for tie, seat in _tied(findings, alerts):
        nodes.unite(seat, tied.setdefault(tie, seat))
    _unite_alike(nodes, findings, alerts)
    found: dict[int, Group] = {}
    for seat, finding in enumerate(findings):
        found.setdefault(nodes.root(seat), Group()).findings.append(finding)
    for place, alert in enumerate(alerts, start=len(findings)):
        if (root := nodes.root(place)) in found:
            found[root].alerts.append(alert)
    return list(found.values())


def _unite_alike(nodes: "_Components", findings: Sequence[Finding], alerts: Sequence[Versioned[Alert]]) -> None:
    wordings: dict[tuple[str, tuple[str, ...]], tuple[Shape, int]] = {}
    for shape, seat in _seated(findings, alerts):
        nodes.unite(seat, wordings.setdefault((shape.digest, tuple(shape.harm)), (shape, seat))[1])
    new = {(finding.shape.digest, tuple(finding.shape.harm)) for finding in findings}
    comparison = wording.Comparison([shape for shape, _ in wordings.values()])
    places = [seat for _, seat in wordings.values()]
    for number, key in enumerate(wordings):
        if key in new:
            for other in comparison.alike(number):
                nodes.unite(places[number], places[other])


def post_ids(alert: Alert) -> list[str]:
    """All its posts, oldest first (`Alert.posts` ends at 1,000)."""
    return list(dict.fromkeys(post_of(member) for member in alert.members))


def _seated(findings: Sequence[Finding], alerts: Sequence[Versioned[Alert]]) -> Iterator[tuple[Shape, int]]:
    """Every wording with the node that it belongs to."""
    for seat, finding in enumerate(findings):
        yield finding.shape, seat
    for seat, alert in enumerate(alerts, start=len(findings)):
        for shape in alert.value.shapes:
            yield shape, seat


def _tied(findings: Sequence[Finding], alerts: Sequence[Versioned[Alert]]) -> Iterator[tuple[str, int]]:
    """Every tie with the node that has it."""
    for seat, finding in enumerate(findings):
        for tie in finding.ties:
            yield tie, seat
    for seat, alert in enumerate(alerts, start=len(findings)):
        for tie in alert.value.ties:
            yield tie, seat


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
