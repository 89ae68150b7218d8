"""A set of policies: which of them decides on a post. Data in YAML, conditions in CEL.

A post is held against the policies only when a harm is flagged in it and it is no news, education or warning (stance
``awareness``); against those marked ``quiet`` also when nothing is flagged. Of the policies whose condition holds, the first of
the most urgent grade decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from alerting import policy_file
from alerting.calendar import Calendar
from alerting.facts import GROUP_SIZE, OF_AUTHOR, AuthorCounts, facts_of
from alerting.policy import Law, Policy
from humiao import metrics
from humiao.labels import Stance
from humiao.post import Post
from humiao.verdict import Verdict

_lines = structlog.get_logger()
SHIPPED: Final = Path(__file__).with_name("policies.yaml")

__all__ = ["SHIPPED", "Judgement", "Law", "Policies", "Policy", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A policy that takes over once the incident has enough posts."""

    size: int
    policy: str
    """``name@version``."""

    def __str__(self) -> str:
        return f"{self.size} {self.policy}"

    @classmethod
    def parse(cls, text: str) -> "Step":
        """The step that `str` wrote."""
        size, _, policy = text.partition(" ")
        return cls(int(size), policy)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policies say of a post."""

    policy: Policy | None
    """The one that decides; None = no alert."""
    shadows: tuple[Policy, ...]
    """Shadow policies that would have raised an alert."""
    steps: tuple[Step, ...] = ()
    """Policies that decide if its incident grows."""


class Policies:
    """A loaded policy file."""

    def __init__(self, policies: list[Policy], laws: Mapping[str, Law], calendar: Calendar) -> None:
        self.all, self.laws, self.calendar = policies, laws, calendar
        self._places = {policy.ref: place for place, policy in enumerate(policies)}
        self._by_urgency = sorted((one for one in policies if not one.shadow), key=lambda one: one.grade.rank)
        self._shadows = [one for one in policies if one.shadow]
        self._has_quiet = any(one.quiet for one in policies)
        self._asks_author = any(one.compiled.facts & OF_AUTHOR for one in policies)

    @classmethod
    def load(cls, file: Path | None = None, calendar: Path | None = None) -> "Policies":
        """Read and check `file` (None = the shipped set); `calendar` adds years to the shipped working days.

        Raises:
            SettingsError: ``FILE:LINE:COLUMN: policy: field: reason``.
        """
        return cls(*policy_file.read(file or SHIPPED), Calendar.load(calendar))

    def judge(self, post: Post, verdict: Verdict, author: Callable[[Post], AuthorCounts] | None = None) -> Judgement:
        """Which policy decides on `post`. A condition that can't be evaluated on it counts as not true, with a log line.

        Args:
            post: the post.
            verdict: what the classifier says of it.
            author: counts of its author, asked only when a policy needs them; none = nothing is known of the author.
        """
        quiet = not verdict.flags or verdict.top_stance is Stance.AWARENESS
        if quiet and not self._has_quiet:
            return Judgement(None, ())
        ask = (lambda: author(post)) if author and self._asks_author else None
        facts = facts_of(post, verdict, self.calendar, ask)
        asked = [policy for policy in self._by_urgency if policy.quiet or not quiet]
        decides = next((policy for policy in asked if _holds(policy, facts)), None)
        shadows = tuple(policy for policy in self._shadows if (policy.quiet or not quiet) and _holds(policy, facts))
        steps = tuple(step for policy in asked if policy.compiled.sizes and (step := _step(policy, facts))) if decides else ()
        return Judgement(decides, shadows, steps)

    def get(self, ref: str) -> Policy | None:
        """The policy ``name@version``, if it is in this set."""
        place = self._places.get(ref)
        return None if place is None else self.all[place]

    def place(self, ref: str) -> int:
        """Position of a policy in the file; -1 for one that isn't in it (any more): what it decided stands."""
        return self._places.get(ref, -1)

    def due(self, policy: Policy, found_at: datetime) -> datetime:
        """When `policy` wants a post found at `found_at` decided (UTC)."""
        return policy.due(found_at, self.calendar)

    def cite(self, policy: Policy) -> list[str]:
        """The policy's legal basis with titles and versions spelled out."""
        cited = []
        for entry in policy.basis:
            short, _, articles = entry.partition(" ")
            law = self.laws[short]
            cited.append(f"《{law.title}》（{law.version}）第{articles}条")
        return cited


def _step(policy: Policy, facts: Mapping[str, Any]) -> Step | None:
    """From which group size on `policy` holds, if it does at any beyond 1."""
    if _holds(policy, facts):
        return None
    size = next((size for size in policy.compiled.sizes if _holds(policy, {**facts, GROUP_SIZE: size})), None)
    return None if size is None else Step(size, policy.ref)


def _holds(policy: Policy, facts: Mapping[str, Any]) -> bool:
    try:
        return policy.compiled.holds(facts)
    except ValueError as error:
        metrics.CONDITIONS_FAILED.labels(policy.name).inc()
        _lines.warning("condition failed", policy=policy.ref, reason=str(error)[:200])
        return False
