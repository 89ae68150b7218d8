"""What a set of flagged posts amounts to as one alert, and how two such sets join.

Everything that grouping derives is a join: a minimum, a maximum or a union over the posts. Joining is therefore commutative,
associative and idempotent, and an alert is the same in whatever order, batches and repetitions its posts arrived. Status,
decision and `created_at` are history, not derived; `joined` leaves them to the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from alerting import age_cues, grading, summary, ties, wording
from alerting.policies import Policies, Policy, Step
from humiao.alert import BETWEEN_PLACES, Alert, Grade, Shape, alert_id
from humiao.labels import Harm, Stance
from humiao.masking import excerpt
from humiao.post import Post
from humiao.verdict import Verdict

SHOWN_POSTS: Final = 1000
SEVERITY: Final = (Stance.VICTIM, Stance.OFFENDER, Stance.WITNESS, Stance.OTHER, Stance.AWARENESS)
"""Whose voice an alert is shown with when its posts differ: the first of these."""
SUSPECTED: Final = 0.2
"""Probability from which on a harm below its threshold is named on an alert that a quiet policy raised."""
SHOWN_PLACED: Final = 20
_ENOUGH: Final = 2


@dataclass(frozen=True)
class Finding:
    """A post that a policy raises an alert for."""

    post: Post
    verdict: Verdict
    policy: Policy
    steps: tuple[Step, ...] = ()
    """Policies that decide once its incident is large enough."""
    placed: tuple[str, ...] = ()
    """Why it is of its place, or which places it may be of."""

    @cached_property
    def member(self) -> str:
        """Its entry in `Alert.members`."""
        return f"{_sortable(self.post.ts)} {self.post.id} {self.post.revision}"

    @cached_property
    def shape(self) -> Shape:
        """Its wording."""
        return wording.shape(self.post, self.verdict)

    @cached_property
    def ties(self) -> list[str]:
        """What ties it to other posts beside its wording."""
        return ties.ties(self.post, self.verdict)

    @cached_property
    def keys(self) -> list[str]:
        """Hash buckets by which the store finds alerts that it may belong to."""
        return sorted({*wording.keys([self.shape]), *ties.keys(self.ties)})

    @cached_property
    def excerpt(self) -> str:
        """Beginning of its text, masked."""
        return excerpt(self.post.text)


def post_of(member: str) -> str:
    """The post id of an entry of `Alert.members`."""
    return member.split(" ", 2)[1]


def item_of(member: str) -> str:
    """``POST/REVISION`` of an entry of `Alert.members`, as events name it."""
    _, post, revision = member.split(" ", 2)
    return f"{post}/{revision}"


def item(post: Post) -> str:
    """``POST/REVISION``, as events name it."""
    return f"{post.id}/{post.revision}"


def single(finding: Finding, policies: Policies, now: datetime) -> Alert:
    """The alert of one post alone."""
    post, verdict, policy = finding.post, finding.verdict, finding.policy
    shape = finding.shape
    found_at = post.fetched_at or post.ts
    deadline = _due(found_at, policy, policies)
    alone = Alert(
        id=alert_id("content", post.id),
        grade=policy.grade,
        kind="content",
        harm=shape.harm or _suspected(verdict),
        stance=verdict.top_stance,
        place=post.place,
        placed=sorted(finding.placed),
        platforms=[post.platform],
        first_seen=post.ts,
        last_seen=post.ts,
        posts=[post.id],
        post_count=1,
        deadline=deadline,
        policy=policy.ref,
        score=round(max(verdict.harm[one] for one in verdict.flags or verdict.harm), 6),
        summary="",
        leader_ts=post.ts,
        leader=post.id,
        keys=finding.keys,
        shapes=[shape],
        ties={tie: [post.id] for tie in finding.ties},
        members=[finding.member],
        excerpt=finding.excerpt,
        policy_grade=policy.grade,
        post_policy=policy.ref,
        policy_deadline=deadline,
        deadline_source=policy.limit,
        steps=[str(step) for step in finding.steps],
        seen_on={post.platform: found_at},
        youngest=age_cues.youngest(f"{post.title}\n{post.text}"),
        duty=policy.duty,
        created_at=now,
    )
    return _described(alone, policies)


def joined(parts: Sequence[Alert], policies: Policies) -> Alert:
    """The alert of all posts of `parts` together; status and decision are those of the first part."""
    leading = min(parts, key=lambda part: part.members[0])
    members = sorted({member for part in parts for member in part.members})
    posts = list(dict.fromkeys(post_of(member) for member in members))
    deciding = min(parts, key=lambda part: (_post_grade(part).rank, policies.place(_post_policy(part)), _post_policy(part)))
    nearest = min(parts, key=lambda part: (part.policy_deadline or part.deadline, part.deadline_source))
    shapes = _union(part.shapes for part in parts)
    whole = parts[0].model_copy(
        update={
            "id": alert_id("content", leading.leader),
            "policy_grade": _post_grade(deciding),
            "post_policy": _post_policy(deciding),
            "policy_deadline": nearest.policy_deadline or nearest.deadline,
            "deadline_source": nearest.deadline_source,
            "steps": sorted({step for part in parts for step in part.steps}),
            "seen_on": _earliest(parts),
            "youngest": min((part.youngest for part in parts if part.youngest is not None), default=None),
            "duty": any(part.duty for part in parts),
            "regrade": max((part.regrade for part in parts if part.regrade), key=lambda one: (one.at, one.by), default=None),
            "harm": [one for one in Harm if any(one in part.harm for part in parts)],
            "stance": min((part.stance for part in parts), key=SEVERITY.index),
            "place": _places(part.place for part in parts),
            "placed": sorted({reason for part in parts for reason in part.placed})[:SHOWN_PLACED],
            "platforms": sorted({platform for part in parts for platform in part.platforms}),
            "first_seen": min(part.first_seen for part in parts),
            "last_seen": max(part.last_seen for part in parts),
            "posts": posts[:SHOWN_POSTS],
            "post_count": len(posts),
            "score": max(part.score for part in parts),
            "leader_ts": leading.leader_ts,
            "leader": leading.leader,
            "keys": sorted({key for part in parts for key in part.keys}),
            "shapes": shapes,
            "ties": _ties(parts),
            "members": members,
            "excerpt": leading.excerpt,
            "created_at": min(part.created_at for part in parts),
        }
    )
    return _described(whole, policies)


def _described(alert: Alert, policies: Policies) -> Alert:
    found = grading.graded(alert, policies)
    grade, deadline, by_person = grading.in_force(found.grade, found.deadline, alert.regrade)
    policy = policies.get(found.policy)
    line = summary.content_line(alert.harm, alert.stance, alert.platforms, alert.post_count, alert.excerpt)
    facts = summary.reasons(
        grade=policy.grade if policy else found.grade,
        policy=found.policy,
        title=policy.title if policy else "",
        route=policy.route if policy else "",
        basis=policies.cite(policy) if policy else [],
        harm=alert.harm,
        stance=alert.stance,
        score=alert.score,
        count=alert.post_count,
        platforms=alert.platforms,
    )
    limit = [f"时限：{found.limit}"] if found.limit else []
    return alert.model_copy(
        update={
            "grade": grade,
            "deadline": deadline,
            "derived": found.grade,
            "derived_deadline": found.deadline,
            "policy": found.policy,
            "summary": line,
            "reasons": [
                *facts,
                *found.reasons,
                *limit,
                *by_person,
                *ties.reasons(alert.ties),
                *(f"地点：{reason}" for reason in alert.placed),
            ],
        }
    )


def _post_grade(part: Alert) -> Grade:
    return part.policy_grade or part.grade


def _post_policy(part: Alert) -> str:
    return part.post_policy or part.policy


def _earliest(parts: Sequence[Alert]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for platform, at in ((platform, at) for part in parts for platform, at in part.seen_on.items()):
        found[platform] = min(at, found.get(platform, at))
    return dict(sorted(found.items()))


def _suspected(verdict: Verdict) -> list[Harm]:
    """Of a post without a flagged harm, the likeliest one, if it is likely at all."""
    likeliest = max(Harm, key=lambda one: verdict.harm[one])
    return [likeliest] if verdict.harm[likeliest] >= SUSPECTED else []


def _union(shapes: Iterable[Sequence[Shape]]) -> list[Shape]:
    found: dict[str, Shape] = {}
    for shape in (one for some in shapes for one in some):
        known = found.get(shape.digest, shape)
        if known.harm != shape.harm:
            known = known.model_copy(update={"harm": [one for one in Harm if one in {*known.harm, *shape.harm}]})
        found[shape.digest] = known
    return [found[digest] for digest in sorted(found)]


def _ties(parts: Sequence[Alert]) -> dict[str, list[str]]:
    """All ties, each with the first two posts that have it: enough to see that it ties."""
    found: dict[str, set[str]] = {}
    for tie, posts in (pair for part in parts for pair in part.ties.items()):
        found.setdefault(tie, set()).update(posts)
    return {tie: sorted(found[tie])[:_ENOUGH] for tie in sorted(found)}


def _places(places: Iterable[str]) -> str:
    return BETWEEN_PLACES.join(sorted({one for place in places for one in place.split(BETWEEN_PLACES) if one}))


def _due(instant: datetime, policy: Policy, policies: Policies) -> datetime:
    try:
        return policies.due(policy, instant)
    except OverflowError:  # a post dated at the end of the year 9999
        return datetime.max.replace(tzinfo=UTC)


def _sortable(instant: datetime) -> str:
    """UTC with microseconds and four digits of year, so that text order is time order."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
