"""The shadow view: what policies in shadow mode would have raised, kept apart from the queue.

Every match is a note of the store, so that it is there for whoever asks and survives a restart; the alerts that it amounts to are
put together when they are read, by the same grouping as real ones. Notes go when cleared posts go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from alerting.incident import Finding
from alerting.policies import Policies
from alerting.policy import Policy
from alerting.trial import incidents, urgency
from humiao import metrics
from humiao.alert import Alert, StoredPost
from humiao.post import Frozen, Time
from humiao.store import Store

KIND: Final = "shadow"
"""Kind of the notes; the key is ``NAME@VERSION POST``."""
_AT_A_TIME: Final = 500


class Match(Frozen):
    """A post that a shadow policy would have raised an alert for."""

    policy: dict[str, object]
    """The policy as it was then."""
    post: str
    at: Time


@dataclass(frozen=True, slots=True)
class View:
    """What one shadow policy would have raised."""

    policy: Policy
    alerts: list[Alert]
    """Most urgent first, then by deadline."""
    posts: int
    gone: int
    """Matched posts that are no longer stored."""


def keep(store: Store, matches: Iterable[tuple[str, Policy]], now: datetime) -> None:
    """Note which policies would have raised alerts for which posts (ids); doing it again changes nothing but the time."""
    notes = {}
    for post, policy in matches:
        definition = policy.model_dump(mode="json", exclude_defaults=True)
        notes[f"{policy.ref} {post}"] = Match(policy=definition, post=post, at=now).model_dump_json()
    if notes:
        store.put_notes(KIND, notes)
        metrics.SHADOW_MATCHES.inc(len(notes))


def views(store: Store, policies: Policies, now: datetime) -> list[View]:
    """What each shadow policy would have raised, by name and version.

    Args:
        store: where the matches are.
        policies: the set in force, for the titles of laws.
        now: the time (UTC).
    """
    by_policy: dict[str, tuple[Policy, list[str]]] = {}
    for key, note in store.notes(KIND).items():
        try:
            match = Match.model_validate_json(note.value)
            policy = Policy.model_validate(match.policy)
        except ValidationError:  # of another version of this program
            metrics.SHADOW_UNREADABLE.inc()
            continue
        by_policy.setdefault(key.rpartition(" ")[0], (policy, []))[1].append(match.post)
    return [_view(store, policy, posts, policies, now) for _, (policy, posts) in sorted(by_policy.items())]


def expire(store: Store, before: datetime) -> int:
    """Delete matches noted before `before` (UTC); returns how many went."""
    old = []
    for key, note in store.notes(KIND).items():
        try:
            if Match.model_validate_json(note.value).at < before:
                old.append(key)
        except ValidationError:
            old.append(key)
    if old:
        store.drop_notes(KIND, old)
    return len(old)


def _view(store: Store, policy: Policy, ids: list[str], policies: Policies, now: datetime) -> View:
    stored: dict[str, StoredPost] = {}
    for start in range(0, len(ids), _AT_A_TIME):
        stored |= store.posts(ids[start : start + _AT_A_TIME])
    alone = Policies([policy], policies.laws, policies.calendar)
    findings = [Finding(one.post, one.verdict, policy) for _, one in sorted(stored.items())]
    alerts = sorted(incidents(findings, alone, now), key=urgency)
    return View(policy, alerts, len(stored), len(ids) - len(stored))
