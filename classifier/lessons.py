"""What the desk's decisions teach: training rows from confirmed, dismissed and re-labelled alerts, without identifying details.

A decision speaks of the harms that were flagged, not of others: *confirmed* makes them true, *dismissed* makes them false, the rest
stays unknown. Labels that a person gave (event ``labelled``) say everything. Numbers, accounts, names and classes are masked.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from classifier.rows import Row, read_examples
from humiao.alert import Alert, Status
from humiao.event import Event
from humiao.labels import Harm, Stance
from humiao.masking import mask
from humiao.store import AlertFilter, Store
from humiao.verdict import Verdict

WORDINGS: Final = 5
"""Most distinct texts that one alert teaches; a flood of reposts is one lesson."""
SECOND_VIEW: Final = 2.0
"""Weight of a decision that a second person agreed with, beside one that nobody reviewed."""
KEPT_FOR_THE_GATE: Final = 0.25
"""Share of the alerts that no training sees: the gate compares on them."""
_PAGE: Final = 200


@dataclass(frozen=True)
class Lessons:
    """Rows from decisions, and how many alerts taught nothing."""

    taught: list[Row] = field(default_factory=list)
    """For training."""
    kept: list[Row] = field(default_factory=list)
    """For the gate; never of an alert that trains."""
    disputed: int = 0
    """Alerts whose two deciders disagree, without labels that settle it."""


_AS_LESSON: Final = {"confirm": "confirm", "transfer": "confirm", "dismiss": "dismiss", "duplicate": ""}
"""What a decision says of the flagged harms; a duplicate says nothing, its original does."""


def read_lessons(store: Store, reviewed: Sequence[Path] = ()) -> Lessons:
    """All that the decided alerts of `store` teach, and the lines of `reviewed` (what `humiao sample` wrote, labelled since).

    Raises:
        BadInput: a line of a reviewed file is no evaluation line; the message names it.
        StoreUnavailable: the store doesn't answer.
    """
    taught: list[Row] = []
    kept: list[Row] = []
    disputed = 0
    for alert in _decided(store):
        chain = store.events(alert.id)
        if not _taught(chain):
            continue
        facts = _facts(chain)
        if facts is None:
            disputed += 1
            continue
        rows = _rows(store, alert, facts)
        (kept if for_the_gate(alert.id) else taught).extend(rows)
    for file in reviewed:
        for example in read_examples(file):
            row = example.row()
            row = row.with_text(mask(row.text), parent=mask(row.parent), origin="reviewed", weight=1.0)
            (kept if for_the_gate(row.text) else taught).append(row)
    return Lessons(taught, kept, disputed)


def for_the_gate(name: str) -> bool:
    """Whether the alert (or text) `name` is one of those that training never sees; the same answer every time."""
    return zlib.crc32(name.encode()) < KEPT_FOR_THE_GATE * 2**32


@dataclass(frozen=True)
class _Facts:
    confirmed: bool
    weight: float
    harm: list[Harm] | None
    stance: Stance | None


def _decided(store: Store) -> Iterator[Alert]:
    narrow = AlertFilter(statuses=frozenset({Status.CONFIRMED, Status.DISMISSED}), kind="content")
    after: str | None = None
    while True:
        page = store.alerts(narrow, limit=_PAGE, after=after)
        yield from page.items
        after = page.after
        if after is None:
            return


def _taught(chain: Sequence[Event]) -> bool:
    """Whether a decision stands that speaks of the harms; an alert that a suppression window hides has none."""
    last = next((event for event in reversed(chain) if event.kind in {"decided", "reopened"}), None)
    return last is not None and last.kind == "decided" and _AS_LESSON[str(last.data["decision"])] != ""


def _facts(chain: Sequence[Event]) -> _Facts | None:
    """What people said of an alert in the end; None if two of them disagree, or nothing stands."""
    decision = ""
    reviews: list[bool] = []
    labels: Event | None = None
    for event in chain:
        if event.kind == "decided":
            decision, reviews = _AS_LESSON[str(event.data["decision"])], []
        elif event.kind == "reopened":
            decision, reviews = "", []
        elif event.kind == "reviewed":
            reviews.append(event.data["decision"] == decision)
        elif event.kind == "labelled":
            labels = event
    if not decision or (not all(reviews) and labels is None):
        return None
    return _Facts(
        confirmed=decision == "confirm",
        weight=SECOND_VIEW if reviews else 1.0,
        harm=[Harm(one) for one in labels.data["harm"]] if labels else None,
        stance=Stance(labels.data["stance"]) if labels else None,
    )


def _rows(store: Store, alert: Alert, facts: _Facts) -> list[Row]:
    rows: dict[str, Row] = {}
    for evidence in store.evidence(alert.id):
        post, verdict = evidence.post, evidence.verdict
        if not verdict.flags:  # a harmless revision of a post that was changed; nobody decided on it
            continue
        text = mask(f"{post.title}\n{post.text}" if post.title else post.text)
        row = Row(
            text,
            _harm(facts, verdict),
            facts.stance,
            weight=facts.weight,
            origin="desk",
            unit=f"desk/{alert.id}",
            parent=mask(post.parent),
        )
        rows.setdefault(text, row)
        if len(rows) == WORDINGS:
            break
    return list(rows.values())


def _harm(facts: _Facts, verdict: Verdict) -> dict[Harm, float]:
    if facts.harm is not None:
        return {harm: float(harm in facts.harm) for harm in Harm}
    return dict.fromkeys(verdict.flags, float(facts.confirmed))
