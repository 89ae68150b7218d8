"""Any sequence of acts by two people, posts and passing time, against a model of a few lines; the same on both stores."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from alerting import claims, desk, life, second, windows
from alerting.handler import Handler
from alerting.incident import item
from alerting.pseudonyms import Pseudonyms
from alerting.reopening import Reopening
from humiao.alert import Status
from humiao.errors import Conflict
from humiao.event import broken_links
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.alerting.stream import scored, shipped
from tests.builders import at

PEOPLE = st.sampled_from(["patrol1", "patrol2"])
HOUR = timedelta(hours=1)
EXTRA = [Harm.VIOLENCE, Harm.GAMBLING, Harm.DOXXING, Harm.BULLYING, Harm.DANGEROUS_ACTS, Harm.ILLEGAL_VENUES]
_numbers = itertools.count(1)


class Life(RuleBasedStateMachine):
    """One incident: model on the left, store on the right."""

    store: Store
    data: Path

    @initialize()
    def raised(self) -> None:
        self.now = at(days=9)
        self.run = next(_numbers)
        self.pseudonyms = Pseudonyms.open(self.data)
        self.handler = Handler(self.store, self.data, shipped(), self.clock)
        self.reopening = Reopening(self.store, self.clock, self.pseudonyms.of)
        dice = random.Random(self.run)
        self.text = "".join(chr(0x4E00 + dice.randrange(15_000)) for _ in range(60))  # like no other run's
        self.posts = 0
        self.alert = ""
        self.seen: set[Harm] = {Harm.FRAUD}
        self.unseen: list[str] = []
        self.reposts = 0
        self.holder, self.until, self.wisher = "", self.now, ""
        self.state = "open"
        self.hidden_until: datetime | None = None
        self.window, self.grade_then = "", 0
        self.post({Harm.FRAUD})
        self.alert = self.store.posts([self.last.post.id])[self.last.post.id].alert

    def teardown(self) -> None:
        self.store.drop_notes(windows.LIVE, [one.id for one in windows.live(self.store)])

    def clock(self) -> datetime:
        return self.now

    def post(self, harm: set[Harm]) -> None:
        self.posts += 1
        n = 10_000 * self.run + self.posts
        self.last = scored(n, self.text, dict.fromkeys(harm, 0.9), ts=at(minutes=self.posts), fetched_at=at(minutes=self.posts + 1))
        self.handler.handle([self.last])
        self.handler.handle([self.last])  # delivered twice

    def tried(self, act: Callable[[], Any], allowed: bool) -> bool:
        """Do it; a conflict must come exactly when the model says so."""
        before = len(self.store.events(self.alert))
        try:
            act()
        except Conflict:
            assert not allowed
            assert len(self.store.events(self.alert)) == before
            return False
        assert allowed
        return True

    def free_for(self, who: str) -> bool:
        return self.holder in {"", who} or self.now >= self.until

    @rule(who=PEOPLE, take=st.booleans())
    def claim(self, who: str, take: bool) -> None:
        allowed = self.state in {"open", "hidden"} and (take or self.free_for(who))
        mine = self.holder == who and self.now < self.until and self.until - self.now > HOUR / 2

        def act() -> None:
            claims.claim(self.store, self.alert, who, self.now, lease=HOUR, take_over=take, reason="换班")

        if self.tried(act, allowed) and not mine:
            self.holder, self.until = who, self.now + HOUR

    @rule(who=PEOPLE)
    def release(self, who: str) -> None:
        if self.tried(lambda: claims.release(self.store, self.alert, who, self.now), self.holder == who and self.now < self.until):
            self.holder = ""

    @rule(who=PEOPLE)
    def want_second_view(self, who: str) -> None:
        allowed = self.state in {"open", "hidden"} and not self.wisher and self.free_for(who)
        if self.tried(lambda: second.ask(self.store, self.alert, who, "拿不准", self.now), allowed):
            self.wisher, self.holder = who, ""

    @rule(who=PEOPLE, decision=st.sampled_from(["confirm", "dismiss", "transfer"]))
    def decide(self, who: str, decision: desk.Decision) -> None:
        allowed = self.state in {"open", "hidden"} and self.wisher != who and self.free_for(who)
        to = "公安" if decision == "transfer" else ""

        def act() -> None:
            desk.decide(self.store, self.alert, who, decision, "理由", self.now, department=to)

        if self.tried(act, allowed):
            self.state = "dismissed" if decision == "dismiss" else "confirmed"
            self.holder, self.wisher, self.unseen, self.reposts = "", "", [], 0
            self.seen = set(self.store.alert(self.alert).value.harm)

    @rule(who=PEOPLE)
    def reopen(self, who: str) -> None:
        closed = self.state in {"confirmed", "dismissed", "hidden"}
        if self.tried(lambda: desk.reopen(self.store, self.alert, who, "再看", self.now), closed):
            self.state, self.hidden_until = "open", None

    @rule(harm=st.sampled_from([None, *EXTRA]))
    def more(self, harm: Harm | None) -> None:
        said = {Harm.FRAUD} | ({harm} if harm else set())
        self.post(said)
        if self.state in {"confirmed", "dismissed"}:
            if said <= self.seen and any(said <= one for one in self.wordings()):
                self.reposts += 1
            else:
                self.state = "open"
                self.unseen.append(item(self.last.post))
        else:
            self.unseen.append(item(self.last.post))
            if self.state == "hidden" and self.grade_now() < self.grade_then:
                self.state = "open"  # no window hides what has become more urgent

    def grade_now(self) -> int:
        return self.store.alert(self.alert).value.grade.rank

    def wordings(self) -> list[set[Harm]]:
        """The harms of each post that the last decider saw."""
        chain = self.store.events(self.alert)
        since = life.since_closed(chain)
        seen = set(life.brought(chain[: since.closed.seq])) if since else set()
        kept = self.store.evidence(self.alert)
        return [set(one.verdict.flags) for one in kept if item(one.post) in seen]

    @precondition(lambda self: self.state == "open" and not self.window)
    @rule(hours=st.integers(1, 48))
    def mute(self, hours: int) -> None:
        until, self.grade_then = self.now + hours * HOUR, self.grade_now()
        self.window = self.reopening.open_window(self.pseudonyms, self.alert, "super1", "incident", "刷屏", until).id
        self.state, self.hidden_until = "hidden", until

    @precondition(lambda self: self.window)
    @rule()
    def unmute(self) -> None:
        live = {one.id: one for one in windows.live(self.store)}
        open_now = self.window in live and self.now < live[self.window].until
        try:
            self.reopening.end_window(self.window, "super1", "看一眼")
        except Conflict:
            assert not open_now
            return
        assert open_now
        self.window = ""
        if self.state == "hidden":
            self.state = "open"

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.reopening.give_back()
        self.reopening.give_back()
        if self.state == "hidden" and self.hidden_until is not None and self.now >= self.hidden_until:
            self.state = "open"
        if self.window and self.window not in {one.id for one in windows.live(self.store)}:
            self.window = ""

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        if not self.alert:
            return
        alert, chain = self.store.alert(self.alert).value, self.store.events(self.alert)
        assert broken_links(chain) == []
        shown = {"open": Status.OPEN, "hidden": Status.DISMISSED, "confirmed": Status.CONFIRMED, "dismissed": Status.DISMISSED}
        assert alert.status is shown[self.state]
        assert (alert.decided_at is None) == (self.state == "open")
        held = life.in_force(chain, self.now)
        assert (held.actor if held else "") == (self.holder if self.now < self.until else "")
        since = life.since_closed(chain)
        if since is not None:
            assert (list(since.new), since.reposts) == (self.unseen, self.reposts)
        assert len(life.brought(chain)) == self.posts


def run(store: Store, data: Path, examples: int) -> None:
    machine = type("Stored", (Life,), {"store": store, "data": data})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a life is short enough to read as it is
        ),
    )


def test_any_life_is_the_models_on_sqlite(store: Store, data: Path) -> None:
    run(store, data, 30)


@pytest.fixture
def indexed(data: Path, elasticsearch: str) -> Iterator[Store]:
    with open_store(Settings(data=data, store=elasticsearch, prefix=f"life{uuid4().hex[:8]}-")) as opened:
        yield opened


@pytest.mark.servers
def test_any_life_is_the_models_on_elasticsearch(indexed: Store, data: Path) -> None:
    run(indexed, data, 4)
