"""What a batch of scored posts leads to: alerts for flagged posts, and every post filed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from alerting import decisions, shadow
from alerting.author_history import AuthorHistory
from alerting.campaigns import Campaigns
from alerting.duty import Roster
from alerting.evidence.capture import Captures
from alerting.filing import filed, rank, same
from alerting.incident import Finding
from alerting.places.gazetteer import Gazetteer
from alerting.places.placing import placed
from alerting.policies import Policies, Policy
from alerting.pseudonyms import Pseudonyms
from alerting.reopening import Reopening
from humiao import metrics
from humiao.alert import Status, StoredPost
from humiao.log import Message
from humiao.store import Store
from humiao.verdict import Scored


@dataclass(slots=True)
class _Case:
    """One post of a batch: its revisions that arrived, and what is stored of it."""

    id: str
    stored: StoredPost | None
    flagged: list[Finding] = field(default_factory=list)
    harmless: list[Scored] = field(default_factory=list)
    shadows: list[Policy] = field(default_factory=list)
    """Shadow policies that one of its revisions would have raised an alert for."""
    home: str = ""
    """The alert that it is in."""

    @property
    def revisions(self) -> list[Scored]:
        return [Scored(post=one.post, verdict=one.verdict) for one in self.flagged] + self.harmless

    @property
    def news(self) -> bool:
        """Whether anything but what is stored already arrived."""
        if self.stored is None or (self.flagged and self.stored.outcome == "cleared"):
            return True
        older = self.stored.outcome == "cleared"  # an older harmless revision of a cleared post says nothing new
        return any(not same(one, self.stored) and not (older and rank(one) <= rank(self.stored)) for one in self.revisions)


class Handler:
    """Gives a batch of scored posts its lasting effect; calling it again with the same posts changes nothing."""

    def __init__(
        self,
        store: Store,
        data: Path,
        policies: Policies,
        clock: Callable[[], datetime],
        roster: Roster | None = None,
        gazetteer: Gazetteer | None = None,
    ) -> None:
        """Make a worker.

        `data` holds ``keys/``, ``warc/`` and ``blobs/``; `clock` gives the time in UTC; without `roster` nobody is on duty;
        without `gazetteer` a post is where its source says.
        """
        self._gazetteer = gazetteer or Gazetteer([])
        self._store, self._policies, self._clock = store, policies, clock
        self._pseudonyms = Pseudonyms.open(data)
        self._authors = AuthorHistory(store, self._pseudonyms)
        self._campaigns = Campaigns(store, policies, Captures(data), clock, roster)
        self._reopening = Reopening(store, clock, self._pseudonyms.of)

    def __call__(self, messages: Sequence[Message]) -> None:
        """Handle `messages`.

        Raises:
            BadInput: one of them is no scored post; nothing was done.
            StoreUnavailable: the store doesn't answer; do it again.
        """
        self.handle([Scored.from_json(message.value) for message in messages])

    def handle(self, batch: Sequence[Scored]) -> None:
        """Raise alerts for flagged posts, then file all of them."""
        cases = self._cases(batch)
        news = [case for case in cases if case.news]
        findings = [finding for case in news for finding in case.flagged]
        homes = {case.id: case.home for case in news if case.home and case.flagged}
        admitted = self._campaigns.admit(findings, homes) if findings else {}
        came: dict[str, list[Finding]] = {}
        for finding in findings:
            came.setdefault(admitted[finding.post.id], []).append(finding)
        if came:
            self._reopening.after(came)
        shadow.keep(self._store, [(case.id, policy) for case in news for policy in case.shadows], self._clock())
        for case in news:
            case.home = admitted.get(case.id, case.home)
        if filings := [filing for case in news if (filing := self._filing(case)) is not None]:
            self._store.put_posts(filings)
        self._follow_merges({case.id: case.home for case in cases if case.home})
        self._count(cases, news)

    def _cases(self, batch: Iterable[Scored]) -> list[_Case]:
        """The posts of a batch, each once, with the policies' judgement on every distinct revision."""
        arrived: dict[str, list[Scored]] = {}
        for scored in batch:
            revisions = arrived.setdefault(scored.post.id, [])
            if scored not in revisions:
                revisions.append(scored)
        stored = self._store.posts(arrived)
        cases: dict[str, _Case] = {}
        for scored, reasons in (placed(scored, self._gazetteer) for revisions in arrived.values() for scored in revisions):
            post, verdict = scored.post, scored.verdict
            known = stored.get(post.id)
            case = cases.setdefault(post.id, _Case(post.id, known, home=known.alert if known else ""))
            judgement = self._policies.judge(post, verdict, self._authors.counts)
            case.shadows += judgement.shadows
            if judgement.policy is None:
                case.harmless.append(scored)
            else:
                case.flagged.append(Finding(post, verdict, judgement.policy, judgement.steps, reasons))
        return list(cases.values())

    def _filing(self, case: _Case) -> StoredPost | None:
        named = {finding.post.author for finding in case.flagged}
        if case.home and (case.harmless or case.stored):
            case.home = decisions.resolve(self._store, case.home).value.id
            named |= self._flagged_authors(case)
            self._keep_harmless(case, named)
        return filed(case.revisions, case.stored, case.home, named, self._pseudonyms, self._clock())

    def _flagged_authors(self, case: _Case) -> set[str]:
        """Authors of the post's flagged revisions that arrived before."""
        kept = (one for one in self._store.evidence(case.home) if one.post.id == case.id)
        return {one.post.author for one in kept if self._policies.judge(one.post, one.verdict).policy is not None}

    def _keep_harmless(self, case: _Case, named: set[str]) -> None:
        """Keep evidence of harmless revisions of an alerted post, also of one that was cleared before."""
        for scored in case.harmless:
            if case.stored is None or case.stored.outcome == "cleared" or not same(scored, case.stored):
                self._campaigns.keep_revision(scored.post, scored.verdict, case.home)
        if case.stored is not None and case.stored.outcome == "cleared":
            post = self._pseudonyms.undone(case.stored.post, named)
            self._campaigns.keep_revision(post, case.stored.verdict, case.home)

    def _follow_merges(self, homes: Mapping[str, str]) -> None:
        """Correct posts whose alert was merged into another one while they were being filed."""
        while homes:
            gone: dict[str, str] = {}
            for home in set(homes.values()):
                found = self._store.alert(home)
                if found is not None and found.value.status is Status.MERGED:
                    gone[home] = decisions.resolve(self._store, home).value.id
            homes = {id: home for id, home in homes.items() if home in gone}
            stale = [post for post in self._store.posts(homes).values() if post.alert in gone]
            if stale:
                self._store.put_posts([post.model_copy(update={"alert": gone[post.alert]}) for post in stale])
            homes = {id: gone[home] for id, home in homes.items()}

    def _count(self, cases: Sequence[_Case], news: Sequence[_Case]) -> None:
        alerted = sum(bool(case.home) for case in cases)
        metrics.POSTS_HANDLED.labels("alerted").inc(alerted)
        metrics.POSTS_HANDLED.labels("cleared").inc(len(cases) - alerted)
        now = self._clock()
        for finding in (finding for case in news for finding in case.flagged):
            if finding.post.fetched_at is not None:
                metrics.ALERT_LATENCY.observe(max(0.0, (now - finding.post.fetched_at).total_seconds()))
