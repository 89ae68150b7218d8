"""A simulated fortnight through the real alert stage, with the shipped classifier's verdicts, and what each part of it is worth.

    python benchmarks/fortnight.py [--quick] [--work DIR] [--posts N] [--only NAME ...]

Everyday posts, look-alikes and planted incidents (`fortnight_plan`) go through the handler in two-minute batches under a simulated
clock. Bad mood is looked for every simulated hour. Four hours after an alert was raised a simulated person decides on it: confirmed
if it holds a planted post, else dismissed. An incident is found when an alert holds one of its posts, the bad mood when a spike
alert holds one. An alert is worth a look when it holds a planted post. Its delay runs from the incident's first post.

With a part switched off, the alerts that grouping makes of all findings at once are counted: what the stage ends with in any order
of posts (``tests/alerting/test_same_result.py``), without store and person. Compare with the row "content at once". Verdicts are
made once and kept in ``--work``. Prints a table, what was missed, what was raised for nothing, then one JSON object.
``--quick``: two days. ``--at-once``: leaves out the run through the stage.
"""

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from fortnight_plan import BEGIN, PLACES, SPIKE, Plan, Planted, plan
from fortnight_verdicts import scored
from rich.console import Console
from rich.table import Table

from alerting import desk, grouping, moods, ties
from alerting.handler import Handler
from alerting.incident import Finding, post_of
from alerting.places.gazetteer import Gazetteer
from alerting.places.placing import placed
from alerting.policies import Policies
from classifier import public
from humiao.alert import Alert, Status
from humiao.errors import Conflict
from humiao.settings import Settings
from humiao.store import AlertFilter, Store, open_store
from humiao.verdict import Scored

TOGETHER = timedelta(minutes=2)
DECIDED_AFTER = timedelta(hours=4)
PERSON = "patrol"


@dataclass
class Seen:
    """What the desk saw of a run."""

    first: dict[str, datetime] = field(default_factory=dict)
    """Post -> when an alert held it."""
    alerts: list[Alert] = field(default_factory=list)
    spikes: dict[str, datetime] = field(default_factory=dict)
    """Spike alert -> when it was raised."""
    reopened: int = 0
    silent: int = 0
    """Posts that joined a decided alert without opening it again: repeats of what the person saw, if reopening is on."""
    seconds: float = 0.0


class Desk:
    """The stage and a person behind it, under one simulated clock."""

    def __init__(self, store: Store, data: Path, policies: Policies, gazetteer: Gazetteer, planted: set[str]) -> None:
        self.now, self.store, self.planted, self.seen = BEGIN, store, planted, Seen()
        self._handler = Handler(store, data, policies, lambda: self.now, gazetteer=gazetteer)
        self._due: dict[str, datetime] = {}

    def work(self, posts: Sequence[Scored]) -> Seen:
        """Handle `posts` and return what was seen."""
        began, hour = time.perf_counter(), BEGIN
        for batch in _batches(posts):
            while batch[-1].post.fetched_at >= hour + timedelta(hours=1):
                self.now = hour = hour + timedelta(hours=1)
                moods.update(self.store, self.now)
                self._note_spikes()
            self.now = batch[-1].post.fetched_at + timedelta(seconds=5)
            self._handler.handle(batch)
            self._note([one.post.id for one in batch])
            self._decide()
        self.seen.seconds = time.perf_counter() - began
        self.seen.alerts = list(_alerts(self.store))
        for alert in self.seen.alerts:
            chain = self.store.events(alert.id)
            self.seen.reopened += sum(event.kind == "reopened" for event in chain)
            if alert.decided_at and alert.status is not Status.OPEN:
                late = [post_of(member) for member in alert.members]
                self.seen.silent += sum(self.seen.first.get(post, alert.decided_at) > alert.decided_at for post in late)
        return self.seen

    def _note(self, ids: Sequence[str]) -> None:
        for id, stored in self.store.posts(ids).items():
            if stored.alert and id not in self.seen.first:
                self.seen.first[id] = self.now
                self._due.setdefault(stored.alert, self.now + DECIDED_AFTER)

    def _note_spikes(self) -> None:
        after = None
        while True:
            page = self.store.alerts(AlertFilter(kind="spike"), limit=200, after=after)
            for alert in page.items:
                self.seen.spikes.setdefault(alert.id, self.now)
            if (after := page.after) is None:
                return

    def _decide(self) -> None:
        for id in [id for id, due in self._due.items() if due <= self.now]:
            del self._due[id]
            found = self.store.alert(id)
            if found is None or found.value.status is not Status.OPEN:
                continue
            worth = any(post_of(member) in self.planted for member in found.value.members)
            try:
                desk.decide(self.store, id, PERSON, "confirm" if worth else "dismiss", "looked at", self.now)
            except Conflict:
                continue


def _batches(posts: Sequence[Scored]) -> Iterator[list[Scored]]:
    batch: list[Scored] = []
    for one in posts:
        if batch and (len(batch) >= 256 or one.post.fetched_at - batch[0].post.fetched_at > TOGETHER):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _alerts(store: Store) -> Iterator[Alert]:
    shown, after = AlertFilter(statuses=frozenset(Status) - {Status.MERGED}), None
    while True:
        page = store.alerts(shown, limit=200, after=after)
        yield from page.items
        if (after := page.after) is None:
            return


@dataclass(frozen=True)
class Way:
    """The stage with one part switched off."""

    name: str
    places: bool = True
    quiet: bool = True
    patches: tuple[tuple[object, str, Callable[..., Any]], ...] = ()


def _nothing(*_: object, **__: object) -> tuple[()]:
    return ()


LINKS = ("contacts", "thread", "person", "author")
_WORDING = (grouping, "_unite_alike", _nothing)
_TIES = tuple((ties, f"_{kind}", _nothing) for kind in LINKS)
WAYS = (
    Way("content at once"),
    Way("without places", places=False),
    Way("without links by wording", patches=(_WORDING,)),
    *(Way(f"without links by {kind}", patches=(tie,)) for kind, tie in zip(LINKS, _TIES, strict=True)),
    Way("without any grouping", patches=(_WORDING, *_TIES)),
    Way("without quiet policies", quiet=False),
)


def at_once(way: Way, posts: Sequence[Scored], made: Plan, days: int) -> dict[str, Any]:
    """Figures of what grouping makes of all findings of `posts`."""
    policies = Policies.load()
    if not way.quiet:
        policies = Policies([one for one in policies.all if not one.quiet], policies.laws, policies.calendar)
    gazetteer = Gazetteer(PLACES if way.places else ())
    owner = {post: one.name for one in made.incidents for post in one.posts}
    with ExitStack() as stack:
        for target, name, other in way.patches:
            stack.enter_context(patch.object(target, name, other))
        findings = []
        for one, reasons in (placed(one, gazetteer) for one in posts):
            judged = policies.judge(one.post, one.verdict)
            if judged.policy:
                findings.append(Finding(one.post, one.verdict, judged.policy, judged.steps, reasons))
        found = grouping.groups(findings, [], {})
    holds = [{owner[one.post.id] for one in group.findings if one.post.id in owner} for group in found]
    incidents = [one.name for one in made.incidents if one.kind != SPIKE]
    pieces = Counter(name for names in holds for name in names)
    return {
        "incidents": len(incidents),
        "recall": round(sum(name in pieces for name in incidents) / len(incidents), 3),
        "alerts": len(found),
        "alerts_per_day": round(len(found) / days, 1),
        "worth_a_look": round(sum(map(bool, holds)) / len(found), 3),
        "alerts_per_found_incident": round(statistics.mean(pieces[name] for name in incidents if name in pieces), 2),
        "alerts_of_several_incidents": sum(len(names) > 1 for names in holds),
        "placed_alerts": sum(any(one.post.place for one in group.findings) for group in found),
        "missed": [name for name in incidents if name not in pieces],
    }


def whole(posts: Sequence[Scored], planted: set[str]) -> Seen:
    """The run through the stage, into a store of its own."""
    with tempfile.TemporaryDirectory() as folder, open_store(Settings(data=Path(folder))) as store:
        return Desk(store, Path(folder), Policies.load(), Gazetteer(PLACES), planted).work(posts)


def measured(seen: Seen, made: Plan, days: int) -> dict[str, Any]:
    """The figures of a run."""
    owner = {post: one.name for one in made.incidents for post in one.posts}
    delays, missed, pieces = [], [], []
    content = [alert for alert in seen.alerts if alert.kind == "content"]
    for one in made.incidents:
        found = _found(one, seen)
        if found is None:
            missed.append(one.name)
            continue
        delays.append((found - one.begin).total_seconds() / 60)
        pieces.append(sum(any(post_of(member) in one.posts for member in alert.members) for alert in content) or 1)
    holds = [{owner[post] for member in alert.members if (post := post_of(member)) in owner} for alert in content]
    raised = [seen.alerts[place] for place in range(len(seen.alerts)) if seen.alerts[place].kind == "spike"]
    worth = sum(map(bool, holds)) + sum(any(_matches(one, alert) for one in made.incidents) for alert in raised)
    total = len(content) + len(raised)
    looked = len(delays) + len(missed)
    return {
        "incidents": looked,
        "recall": round(len(delays) / looked, 3),
        "alerts": total,
        "alerts_per_day": round(total / days, 1),
        "worth_a_look": round(worth / total, 3) if total else None,
        "median_delay_min": round(statistics.median(delays), 1) if delays else None,
        "longest_delay_min": round(max(delays), 1) if delays else None,
        "alerts_per_found_incident": round(statistics.mean(pieces), 2) if pieces else None,
        "alerts_of_several_incidents": sum(len(names) > 1 for names in holds),
        "placed_alerts": sum(bool(alert.place) for alert in content),
        "spike_alerts": len(raised),
        "reopened": seen.reopened,
        "joined_silently": seen.silent,
        "missed": missed,
    }


def _found(one: Planted, seen: Seen) -> datetime | None:
    if one.kind != SPIKE:
        return min((seen.first[post] for post in one.posts if post in seen.first), default=None)
    return min((seen.spikes.get(alert.id, alert.created_at) for alert in seen.alerts if _matches(one, alert)), default=None)


def _matches(one: Planted, alert: Alert) -> bool:
    """Whether a spike alert is about the planted bad mood; it must hold posts of it."""
    return (
        alert.kind == "spike" and alert.status is not Status.WITHDRAWN and one.kind == SPIKE and bool(one.posts & set(alert.posts))
    )


def main() -> None:
    """Plan, judge, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "fortnight")
    parser.add_argument("--posts", type=int, default=0, help="posts in all; default 200,000, with --quick 3,000")
    parser.add_argument(
        "--public-data", type=Path, help="folder of the public sets; 4,000 ordinary posts that training never saw join in"
    )
    parser.add_argument("--at-once", action="store_true")
    given = parser.parse_args()
    days, total = (2, given.posts or 3000) if given.quick else (14, given.posts or 200_000)
    made = plan(days, total, _public(given.public_data) if given.public_data else ())
    posts = scored(made.posts, given.work)
    planted = {post for one in made.incidents for post in one.posts}
    policies = Policies.load()
    decided = [one for one in posts if policies.judge(one.post, one.verdict).policy is not None]
    kinds = dict(Counter(one.kind for one in made.incidents))
    print(f"{len(posts):,} posts, {len(decided):,} decided on by a policy; {len(planted):,} posts of {len(kinds)} kinds {kinds}")
    result: dict[str, Any] = {"posts": len(posts), "decided": len(decided), "days": days}
    if not given.at_once:
        seen = whole(posts, planted)
        result["whole stage"] = measured(seen, made, days) | {"seconds": round(seen.seconds)}
        _explain(seen, posts, made, planted)
    for way in WAYS:
        result[way.name] = at_once(way, decided, made, days)
    _show({name: row for name, row in result.items() if isinstance(row, dict)})
    print(json.dumps(result, ensure_ascii=False))


def _public(folder: Path) -> list[str]:
    """Everyday posts of the public sets that were held out of training."""
    rows = (raw for name in ("smp2020_emotion", "clue_emotion") for raw in public.read(folder, name) if public.held_out(raw))
    texts = sorted({str(raw["text"]).strip() for raw in rows} - {""}, key=lambda text: hashlib.sha256(text.encode()).digest())
    return texts[:4000]


def _explain(seen: Seen, posts: Sequence[Scored], made: Plan, planted: set[str]) -> None:
    by_id = {one.post.id: one for one in posts}
    for one in made.incidents:
        if one.kind != SPIKE and _found(one, seen) is None:
            first = by_id[min(one.posts)]
            best = max(first.verdict.harm, key=lambda harm: first.verdict.harm[harm])
            judged = first.verdict
            likeliest = f"likeliest {best} {judged.harm[best]:.2f}, {judged.top_stance}, flags {[*judged.flags]}"
            print(f"  missed: {one.name}: {first.post.text[:40]} ({likeliest})")
    nothing = [
        alert
        for alert in seen.alerts
        if alert.kind == "content" and not any(post_of(member) in planted for member in alert.members)
    ]
    for alert in nothing[:15]:
        print(f"  for nothing: {alert.policy}, {alert.post_count} posts: {alert.excerpt[:50]}")


def _show(result: dict[str, dict[str, Any]]) -> None:
    columns = (
        "recall",
        "alerts_per_day",
        "worth_a_look",
        "median_delay_min",
        "alerts_per_found_incident",
        "alerts_of_several_incidents",
        "placed_alerts",
        "reopened",
        "joined_silently",
    )
    table = Table("", *(name.replace("_", " ") for name in columns), title="a simulated fortnight")
    for name, row in result.items():
        table.add_row(name, *(str(row.get(column, "")) for column in columns))
    Console(width=170).print(table)


if __name__ == "__main__":
    main()
