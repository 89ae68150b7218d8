"""Bringing findings into the store as alerts: one for each incident, whoever else is writing.

Order of effects: evidence, alert, events, and the posts themselves after all of that (by the stage). A kill anywhere leaves a
state in which the redelivered posts find what is missing and add it. Writers take no lock: an alert is written against the
version that was read, and after writing the store is asked again whether another linked alert has appeared; of two writers that
race at least one sees the other and merges.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from alerting import deadlines, decisions, events, regrades
from alerting.duty import Roster
from alerting.evidence.capture import Captures, moved
from alerting.grouping import Group, groups, post_ids
from alerting.incident import Finding, item, item_of, joined, single
from alerting.policies import Policies
from humiao import metrics
from humiao.alert import Alert, Status
from humiao.errors import Conflict, NotFound, StoreUnavailable
from humiao.event import Event
from humiao.evidence import Evidence
from humiao.post import Post
from humiao.store import Store, Versioned
from humiao.verdict import Verdict

ROUNDS: Final = 100
_KEYS_AT_A_TIME: Final = 500
_ALERTS_AT_A_TIME: Final = 1000
_POSTS_AT_A_TIME: Final = 500
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Campaigns:
    """Groups findings and keeps alerts, their events and their evidence."""

    def __init__(
        self, store: Store, policies: Policies, captures: Captures, clock: Callable[[], datetime], roster: Roster | None = None
    ) -> None:
        self._store, self._policies, self._captures, self._clock = store, policies, captures, clock
        self._roster = roster or Roster.load(None, policies.calendar)

    def admit(self, findings: Sequence[Finding], homes: Mapping[str, str]) -> dict[str, str]:
        """Give every finding its alert; returns post id -> alert id.

        Args:
            findings: flagged posts with the policy that decides on each.
            homes: post id -> alert, for posts that are stored as alerted already.

        Raises:
            StoreUnavailable: the store doesn't answer, or others kept changing the same alerts.
        """
        placed: dict[str, str] = {}
        for attempt in range(ROUNDS):
            found = groups(findings, self._candidates(findings, homes), self._now_at(homes))
            pending = [group for group in found if not self._settled(group, placed)]
            if not pending:
                return {finding.post.id: group.alerts[0].value.id for group in found for finding in group.findings}
            try:
                for group in pending:
                    alert = self._settle(group)
                    placed |= {finding.member: alert for finding in group.findings}
            except Conflict:
                metrics.STAGE_RETRIES.labels("alert").inc()
                events.yield_to_others(attempt)
        raise StoreUnavailable(f"{len(findings)} findings: their alerts keep changing under {ROUNDS} attempts to write; try again")

    def keep_revision(self, post: Post, verdict: Verdict, alert: str) -> None:
        """Keep evidence of a harmless revision of a post that is in `alert` for another one."""
        kept = self._captures.promote(post, verdict, alert, self._clock())
        self._store.put_evidence([kept[0]])
        added = item(post)
        self._record(alert, lambda chain: None if added in events.named(chain) else ("revised", {"added": [added]}))
        self._tell_missing([kept])
        self._chase(alert)

    def _now_at(self, homes: Mapping[str, str]) -> dict[str, str]:
        """`homes` with merged alerts followed to where their posts are now."""
        now: dict[str, str] = {}
        for home in set(homes.values()):
            try:
                now[home] = decisions.resolve(self._store, home).value.id
            except NotFound:
                continue
        return {post: now[home] for post, home in homes.items() if home in now}

    def _candidates(self, findings: Sequence[Finding], homes: Mapping[str, str]) -> list[Versioned[Alert]]:
        """Stored alerts that may be linked with `findings`, or hold them already."""
        keys = sorted({key for finding in findings for key in finding.keys})
        found: dict[str, Versioned[Alert]] = {}
        for start in range(0, len(keys), _KEYS_AT_A_TIME):
            found |= {one.value.id: one for one in self._by_keys(keys[start : start + _KEYS_AT_A_TIME])}
        for home in set(self._now_at(homes).values()) - set(found):
            if (alert := self._store.alert(home)) and alert.value.status is not Status.MERGED:
                found[home] = alert
        return [one for one in found.values() if one.value.kind == "content"]

    def _by_keys(self, keys: Sequence[str]) -> list[Versioned[Alert]]:
        """All alerts with one of `keys`, however many: a full answer is asked for again in halves."""
        found = self._store.alerts_by_keys(keys, limit=_ALERTS_AT_A_TIME)
        if len(found) < _ALERTS_AT_A_TIME or len(keys) == 1:
            return found
        middle = len(keys) // 2
        return self._by_keys(keys[:middle]) + self._by_keys(keys[middle:])

    def _settled(self, group: Group, placed: Mapping[str, str]) -> bool:
        """Whether the store shows all of `group` as one alert, and we have put its evidence there."""
        if len(group.alerts) != 1 or any(placed.get(one.member) != group.alerts[0].value.id for one in group.findings):
            return False
        return self._whole(group) == group.alerts[0].value

    def _whole(self, group: Group) -> Alert:
        now = self._clock()
        return joined(
            [*(one.value for one in group.alerts), *(single(one, self._policies, now) for one in group.findings)], self._policies
        )

    def _settle(self, group: Group) -> str:
        """Make one alert of `group`, which this returns; raises Conflict when another writer was faster."""
        whole = self._whole(group)
        kept = [self._captures.promote(one.post, one.verdict, whole.id, self._clock()) for one in group.findings]
        self._store.put_evidence([evidence for evidence, _ in kept])
        current = next((one for one in group.alerts if one.value.id == whole.id), None) or self._store.alert(whole.id)
        heir = self._write(whole, current)
        if current is not None:
            self._tell_grade(heir)
        self._tell(heir, [item(one.post) for one in group.findings])
        self._tell_missing(kept)
        if current is None:
            metrics.ALERTS_RAISED.labels(heir.kind, heir.grade).inc()
        others = [one for one in group.alerts if one.value.id != heir.id]
        if heir.duty:
            deadlines.call_duty(self._store, self._roster, heir, [one.value.id for one in others], self._clock())
        for other in sorted(others, key=lambda one: (one.value.decided_at or _NEVER, one.value.id)):
            self._absorb(other, heir)
        return heir.id

    def _write(self, whole: Alert, current: Versioned[Alert] | None) -> Alert:
        """Write what was derived, keeping what people did to the alert that has this id."""
        if current is None or current.value.status is Status.MERGED:  # new, or its earliest post leads again
            heir = whole.model_copy(update={"status": Status.OPEN, "merged_into": "", "decided_by": "", "decided_at": None})
        else:
            past = current.value
            kept = {"status": past.status, "decided_by": past.decided_by, "decided_at": past.decided_at}
            heir = whole.model_copy(update=kept)
        if current is None or heir != current.value:
            self._store.put_alert(heir, current.version if current else None)
        return heir

    def _tell(self, alert: Alert, items: Sequence[str]) -> None:
        """Write what happened into the alert's chain, as far as it isn't there."""

        def news(chain: list[Event]) -> events.Entry | None:
            known = events.named(chain)
            added = [one for one in items if one not in known]
            if not added:
                return None
            kind = "joined" if any(event.kind == "raised" for event in chain) else "raised"
            return kind, {"added": added, "grade": alert.grade.value, "policy": alert.policy}

        self._record(alert.id, news)

    def _tell_grade(self, alert: Alert) -> None:
        """Write into the chain that the alert has become more urgent than it last said."""

        def regraded(chain: list[Event]) -> events.Entry | None:
            before = events.last_grade(chain)
            if before is None or before.rank <= alert.grade.rank:
                return None
            return "regraded", {"before": before.value, "grade": alert.grade.value, "policy": alert.policy}

        self._record(alert.id, regraded)

    def _absorb(self, other: Versioned[Alert], heir: Alert) -> None:
        """Turn `other` into a signpost to `heir`: its posts, evidence and decision go there, it stays under its id, hidden."""
        items = [item_of(member) for member in other.value.members]

        def taken(chain: list[Event]) -> events.Entry | None:
            told = any(event.kind == "merged" and event.data.get("from") == other.value.id for event in chain)
            missing = sorted(set(items) - events.named(chain))
            return None if told and not missing else ("merged", {"from": other.value.id, "added": missing})

        def given(chain: list[Event]) -> events.Entry | None:
            last = next((event for event in reversed(chain) if event.kind == "merged" and "into" in event.data), None)
            return None if last and last.data["into"] == heir.id else ("merged", {"into": heir.id})

        self._move(other.value, heir.id)
        self._record(heir.id, taken)
        self._record(other.value.id, given)
        decisions.hand_over(self._store, other.value, heir.id, self._clock())
        regrades.hand_over(self._store, other.value.id, heir.id, self._clock())
        signpost = other.value.model_copy(
            update={"status": Status.MERGED, "merged_into": heir.id, "keys": [], "shapes": [], "ties": {}}
        )
        self._store.put_alert(signpost, other.version)
        self._move(other.value, heir.id)  # posts that were stored in between

    def _chase(self, id: str) -> None:
        """Move on what we put to an alert that another writer merged away meanwhile."""
        while (found := self._store.alert(id)) is not None and found.value.status is Status.MERGED:
            self._carry(found.value, found.value.merged_into)
            id = found.value.merged_into

    def _move(self, source: Alert, heir: str) -> None:
        """Bring what is at `source` to `heir`; at once on from there if another writer merged `heir` away meanwhile.

        What we read may have been moved by that writer already, so that we brought it back: nobody else would look for it there.
        """
        self._carry(source, heir)
        self._chase(heir)

    def _carry(self, source: Alert, heir: str) -> None:
        if evidence := self._store.evidence(source.id):
            self._store.put_evidence(moved(evidence, heir))
        ids = post_ids(source)
        for start in range(0, len(ids), _POSTS_AT_A_TIME):
            posts = self._store.posts(ids[start : start + _POSTS_AT_A_TIME]).values()
            if stale := [post.model_copy(update={"alert": heir}) for post in posts if post.alert == source.id]:
                self._store.put_posts(stale)

    def _tell_missing(self, kept: Iterable[tuple[Evidence, str]]) -> None:
        """Say in the chain which WARC records could not be copied, and why."""
        for evidence, reason in kept:
            if reason:
                file = evidence.capture.file if evidence.capture else ""
                self._record(evidence.alert, partial(_missing, {"post": item(evidence.post), "reason": reason, "file": file}))

    def _record(self, alert: str, choose: Callable[[list[Event]], events.Entry | None]) -> None:
        events.append_if(self._store, alert, events.SYSTEM, self._clock(), choose)


def _missing(data: dict[str, str], chain: list[Event]) -> events.Entry | None:
    told = any(event.kind == "evidence_missing" and event.data.get("post") == data["post"] for event in chain)
    return None if told else ("evidence_missing", data)
