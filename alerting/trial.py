"""Policies on trial: what a set of policies would have raised on posts that are stored, beside the live set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from alerting.grouping import groups
from alerting.incident import Finding, joined, single
from alerting.policies import Policies
from humiao.alert import StoredPost
from humiao.store import PostFilter, Store

_PAGE: Final = 1000


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


def trial(store: Store, candidate: Policies, live: Policies, since: datetime) -> Trial:
    """Run both sets over the posts stored since `since` (UTC, time of the post). Shadow policies count as if they were live."""
    posts = list(_posts(store, since))
    new, old = _raised(posts, candidate), _raised(posts, live)
    grades = {policy.ref: policy.grade.value for policies in (live, candidate) for policy in policies.all}
    rows = [Row(ref, grades[ref], new.get(ref, Yield()), old.get(ref, Yield())) for ref in sorted({*new, *old} - {""})]
    return Trial(len(posts), new.get("", Yield()), old.get("", Yield()), rows)


def _posts(store: Store, since: datetime) -> Iterator[StoredPost]:
    after: str | None = None
    while True:
        page = store.search("", PostFilter(since=since), limit=_PAGE, after=after)
        yield from (hit.post for hit in page.items)
        after = page.after
        if after is None:
            return


def _raised(posts: list[StoredPost], policies: Policies) -> dict[str, Yield]:
    """By deciding policy (posts) and by the policy that the grouped alert carries (alerts); in total under ``""``."""
    by_policy: dict[str, int] = {}
    findings: list[Finding] = []
    for stored in posts:
        judgement = policies.judge(stored.post, stored.verdict)
        if judgement.policy is not None:
            findings.append(Finding(stored.post, stored.verdict, judgement.policy))
        for policy in (*filter(None, [judgement.policy]), *judgement.shadows):
            by_policy[policy.ref] = by_policy.get(policy.ref, 0) + 1
    now = datetime.now(UTC)
    alerts = [joined([single(one, policies, now) for one in group.findings], policies) for group in groups(findings, [])]
    carried = [alert.policy for alert in alerts]
    total = {"": Yield(len(findings), len(alerts))} if findings else {}
    return {ref: Yield(count, carried.count(ref)) for ref, count in by_policy.items()} | total
