"""The inner part of a check of a redacted package: its parts must fit the hashes of the originals."""

from collections.abc import Mapping, Sequence

from alerting.evidence import layout
from alerting.evidence.content_checks import read
from alerting.evidence.findings import Problem
from alerting.evidence.redaction import Original, RedactedEvent, RedactedEvidence
from humiao.event import GENESIS


def check_redacted(members: Mapping[str, bytes], alert: str, problems: list[Problem]) -> list[RedactedEvidence]:
    """Check what a redacted package of `alert` says, adding to `problems`; returns its evidence."""
    evidence = read(members, layout.EVIDENCE, RedactedEvidence, problems)
    originals = read(members, layout.ORIGINALS, Original, problems)
    posts = {one.id: one.sha256 for one in originals if one.kind == "post"}
    problems += [
        Problem(f"{layout.EVIDENCE}: {one.id}", f"its original has another hash in {layout.ORIGINALS}")
        for one in evidence
        if posts.get(one.id) != one.original_sha256
    ]
    if lacking := sorted(set(posts) - {one.id for one in evidence}):
        problems.append(Problem(layout.EVIDENCE, f"has nothing on {lacking[0]}, which {layout.ORIGINALS} lists"))
    _check_links(read(members, layout.EVENTS, RedactedEvent, problems), alert, problems)
    return evidence


def _check_links(chain: Sequence[RedactedEvent], alert: str, problems: list[Problem]) -> None:
    """Without their data the events can't be hashed again, but each must follow the one before."""
    last: dict[str, tuple[int, str]] = {}
    for event in chain:
        seq, prev = last.get(event.alert, (0, GENESIS))
        if (event.seq, event.prev) != (seq + 1, prev):
            problems.append(Problem(f"{layout.EVENTS}: {event.alert}", f"the chain of events is broken at {event.seq}"))
        last[event.alert] = (event.seq, event.hash)
    if alert not in last or not any(event.alert == alert and event.kind == "exported" for event in chain):
        problems.append(Problem(layout.EVENTS, "does not tell of this export: events are missing at its end"))
