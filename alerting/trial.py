"""Policies on trial: what a set of policies would have raised on posts that are stored, beside the live set."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerting.facts import AuthorCounts
from alerting.grouping import groups, post_ids
from alerting.incident import Finding, joined, single
from alerting.policies import Policies
from alerting.policy import Policy
from humiao.alert import Alert, StoredPost
from humiao.post import Post
from humiao.store import PostFilter, Store

_PAGE: Final = 1000
Author = Callable[[Post], AuthorCounts]


@dataclass(frozen=True, slots=True)
class Yield:
    """What a policy or a set raised."""

    posts: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One policy of either set."""

    policy: str
    grade: str
    candidate: Yield
    live: Yield


@dataclass(frozen=True, slots=True)
class Trial:
    """The result: both sets in total, and policy by policy where at least one raised something."""

    posts: int
    candidate: Yield
    live: Yield
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Change:
    """An incident that the two sets treat differently."""

    live: Alert | None
    """As the live set raises it; None = added."""
    candidate: Alert | None
    """As the candidate raises it; None = removed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change if the candidate went live. Each list with the most urgent first."""

    posts: int
    same: int
    """Incidents that both sets raise with the same grade and policy."""
    added: list[Change]
    removed: list[Change]
    regraded: list[Change]
    """Another grade."""
    renamed: list[Change]
    """The same grade by another policy or version, so with another deadline, route or basis perhaps."""


def trial(store: Store, candidate: Policies, live: Policies, since: datetime, now: datetime, author: Author | None = None) -> Trial:
    """Run both sets over the posts stored since `since` (UTC, time of the post). Shadow policies count as if they were live."""
    posts = list(_posts(store, since))
    new, old = _raised(posts, candidate, now, author), _raised(posts, live, now, author)
    grades = {policy.ref: policy.grade.value for policies in (live, candidate) for policy in policies.all}
    rows = [Row(ref, grades[ref], new.get(ref, Yield()), old.get(ref, Yield())) for ref in sorted({*new, *old} - {""})]
    return Trial(len(posts), new.get("", Yield()), old.get("", Yield()), rows)


def difference(
    store: Store, candidate: Policies, live: Policies, since: datetime, now: datetime, author: Author | None = None
) -> Difference:
    """Compare the incidents that both sets make of the posts stored since `since` (UTC, time of the post).

    Two alerts are the same incident when they share a post. Shadow policies raise nothing here.
    """
    posts = list(_posts(store, since))
    new, old = (incidents(_judged(posts, policies, author)[0], policies, now) for policies in (candidate, live))
    mates = {post: alert for alert in new for post in post_ids(alert)}
    pairs: list[Change] = []
    for alert in old:
        found = [mates[post] for post in post_ids(alert) if post in mates]
        pairs.append(Change(alert, min(found, key=urgency) if found else None))
    known = {post for alert in old for post in post_ids(alert)}
    pairs += [Change(None, alert) for alert in new if known.isdisjoint(post_ids(alert))]
    pairs.sort(key=lambda pair: min(urgency(one) for one in (pair.live, pair.candidate) if one))
    both = [(pair, pair.live, pair.candidate) for pair in pairs if pair.live and pair.candidate]
    return Difference(
        posts=len(posts),
        same=sum(one.grade is other.grade and one.policy == other.policy for _, one, other in both),
        added=[pair for pair in pairs if pair.live is None],
        removed=[pair for pair in pairs if pair.candidate is None],
        regraded=[pair for pair, one, other in both if one.grade is not other.grade],
        renamed=[pair for pair, one, other in both if one.grade is other.grade and one.policy != other.policy],
    )


def urgency(alert: Alert) -> tuple[int, datetime, str]:
    """The order of a queue: most urgent first, then by deadline."""
    return alert.grade.rank, alert.deadline, alert.id


def _posts(store: Store, since: datetime) -> Iterator[StoredPost]:
    after: str | None = None
    while True:
        page = store.search("", PostFilter(since=since), limit=_PAGE, after=after)
        yield from (hit.post for hit in page.items)
        after = page.after
        if after is None:
            return


def incidents(findings: Sequence[Finding], policies: Policies, now: datetime) -> list[Alert]:
    """The alerts that `findings` amount to, put together as the stage does; nothing is stored."""
    return [joined([single(one, policies, now) for one in group.findings], policies) for group in groups(findings, [])]


def _judged(posts: Sequence[StoredPost], policies: Policies, author: Author | None) -> tuple[list[Finding], list[Policy]]:
    """What `policies` find, and the policies in shadow mode that match: each as often as it does."""
    found: list[Finding] = []
    shadows: list[Policy] = []
    for stored in posts:
        judgement = policies.judge(stored.post, stored.verdict, author)
        shadows += judgement.shadows
        if judgement.policy is not None:
            found.append(Finding(stored.post, stored.verdict, judgement.policy, judgement.steps))
    return found, shadows


def _raised(posts: Sequence[StoredPost], policies: Policies, now: datetime, author: Author | None) -> dict[str, Yield]:
    """By deciding policy (posts) and by the policy that the grouped alert carries (alerts); in total under ``""``."""
    findings, shadows = _judged(posts, policies, author)
    by_policy = Counter(policy.ref for policy in (*(one.policy for one in findings), *shadows))
    carried = Counter(alert.policy for alert in incidents(findings, policies, now))
    total = {"": Yield(len(findings), carried.total())} if findings else {}
    return {ref: Yield(by_policy[ref], carried[ref]) for ref in {*by_policy, *carried}} | total
