"""An alert: one incident for the desk, and a post as the store keeps it."""

import hashlib
import operator
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import Field

from humiao.labels import Harm, Stance
from humiao.post import Frozen, Post, Time
from humiao.verdict import Verdict


class Grade(StrEnum):
    """Urgency, most urgent first: 红橙黄蓝."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """0 for red (most urgent) to 3 for blue."""
        return list(Grade).index(self)


GRADE_NAMES: Final[dict[Grade, str]] = {Grade.RED: "红", Grade.ORANGE: "橙", Grade.YELLOW: "黄", Grade.BLUE: "蓝"}


class Status(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    MERGED = "merged"
    """Its posts now belong to the alert `merged_into`; hidden from queues, the link still leads there."""
    WITHDRAWN = "withdrawn"
    """A spike that later data explained away before anyone looked at it."""


BETWEEN_PLACES: Final = "、"
"""Stands between the names in `Alert.place`."""
STATUS_NAMES: Final[dict[Status, str]] = {
    Status.OPEN: "待处理",
    Status.CONFIRMED: "已确认",
    Status.DISMISSED: "已排除",
    Status.MERGED: "已并入",
    Status.WITHDRAWN: "已撤回",
}


class Shape(Frozen):
    """One distinct wording among an alert's posts, for near-duplicate comparison."""

    digest: str
    """Hash of the text reduced to what repeats when an advert is reposted."""
    sketch: list[int]
    """MinHash signature of its character shingles; empty for a wording too short to compare but by equality."""
    harm: list[Harm] = Field(default_factory=list)
    """Harms flagged in the posts of this wording: only posts with a harm in common are one campaign."""
    names: list[str] = Field(default_factory=list, exclude_if=operator.not_)
    """Ends of the names of shops in it, hashes of those of persons: the same words about others are not the same campaign."""


class Regrade(Frozen):
    """A person's word on how urgent an alert is."""

    grade: Grade
    over: Grade
    """What policies and facts said when the person looked; once they say something more urgent, that counts."""
    by: str
    at: Time
    reason: str


class Alert(Frozen):
    """One incident. The interface's fields first, then what the system needs to group and explain."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    grade: Grade
    kind: Literal["content", "spike"]
    harm: list[Harm]
    stance: Stance
    place: str
    platforms: list[str]
    first_seen: Time
    last_seen: Time
    posts: list[str]
    """Ids of its posts, oldest first (the first 1,000)."""
    post_count: int = Field(ge=0)
    status: Status = Status.OPEN
    deadline: Time
    policy: str
    """``name@version`` of the policy that raised it."""
    score: float
    """Highest probability of a flagged harm (content) or the surprise of the count (spike)."""
    summary: str
    """One line from stored facts; the text excerpt is masked."""

    reasons: list[str] = Field(default_factory=list)
    """Facts that led to grade and policy, one sentence each (Chinese)."""
    leader_ts: Time
    """Time of the earliest post; with `leader` it names the alert."""
    leader: str
    """Id of the earliest post; for a spike the series and interval."""
    keys: list[str] = Field(default_factory=list)
    """Hash buckets of its shapes: alerts that share a key may be the same campaign."""
    shapes: list[Shape] = Field(default_factory=list)
    ties: dict[str, list[str]] = Field(default_factory=dict, exclude_if=operator.not_)
    """What ties its posts beside their wordings -> the first two posts (by id) that have it (`alerting.ties`)."""
    members: list[str] = Field(default_factory=list)
    """Every flagged revision of its posts as ``TIME POST REVISION``, sorted: oldest first."""
    placed: list[str] = Field(default_factory=list)
    """Why it is of its places, and which names may mean several, one sentence each (Chinese)."""
    excerpt: str = ""
    """Beginning of the leader's text, masked."""
    policy_grade: Grade | None = None
    """Grade of `post_policy`, before the facts of the whole incident raise it."""
    post_policy: str = ""
    """``name@version`` of the most urgent policy of any of its posts alone."""
    policy_deadline: Time | None = None
    """Nearest deadline of its posts alone."""
    deadline_source: str = ""
    """What that deadline rests on: length and law or rule (Chinese)."""
    steps: list[str] = Field(default_factory=list)
    """Policies that decide once the incident is large enough, as ``SIZE NAME@VERSION``."""
    seen_on: dict[str, Time] = Field(default_factory=dict)
    """Platform -> when we first saw a post of it there."""
    youngest: int | None = None
    """Lowest age below 18 that its posts name."""
    duty: bool = False
    """Whether a policy of its posts calls whoever is on duty."""
    derived: Grade | None = None
    """What policies and facts say its grade is; `grade` unless a person said otherwise."""
    derived_deadline: Time | None = None
    regrade: Regrade | None = None
    """What a person made of its grade."""
    merged_into: str = ""
    decided_by: str = ""
    decided_at: Time | None = None
    created_at: Time

    def places(self) -> list[str]:
        """Names of its places."""
        return [one for one in self.place.split(BETWEEN_PLACES) if one]

    def public(self) -> dict[str, Any]:
        """The alert as interfaces.md gives it (JSON types)."""
        fields = (
            "id grade kind harm stance place platforms first_seen last_seen posts post_count status deadline policy score summary"
        )
        return self.model_dump(mode="json", include=set(fields.split()))


def alert_id(*parts: str) -> str:
    """Deterministic id: first 32 hex digits of SHA-256 over ``alert`` and the parts, joined by U+001F."""
    return hashlib.sha256("\x1f".join(("alert", *parts)).encode()).hexdigest()[:32]


class StoredPost(Frozen):
    """A post as the store keeps it after the alert stage has handled it."""

    post: Post
    """For a cleared post `author` is an HMAC of the author, not the name."""
    verdict: Verdict
    outcome: Literal["alerted", "cleared"]
    alert: str = ""
    """Id of the alert that it led to, if any (follow `merged_into`)."""
    handled_at: Time
