"""The inner part of a check: posts, records, pictures, network facts and events must prove one another."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from alerting.captures import captured
from alerting.evidence import layout, network, package, stamp_queue, stamps
from alerting.evidence.digests import sha256
from alerting.evidence.findings import Problem
from alerting.evidence.stamps import Stamp
from humiao.alert import Alert
from humiao.capture_order import CaptureResult
from humiao.errors import BadInput
from humiao.event import Event, broken_links, canonical_json, canonical_sha256
from humiao.evidence import Evidence
from humiao.post import parse

BESIDE: Final = frozenset({"request", "metadata"})
"""Kinds of records that stand beside a response."""
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is kept: its response record, or that with the records beside it (request, circumstances) in one piece."""

    record_id: str
    payload_sha256: str
    content: bytes


Pages = dict[str, Page]
"""By SHA-256 of what is kept."""


def read(members: Mapping[str, bytes], name: str, model: type[M], problems: list[Problem]) -> list[M]:
    """The JSON lines of a member; none, and a problem, if it can't be read."""
    try:
        return [parse(model, line) for line in members.get(name, b"").splitlines()]
    except (BadInput, UnicodeDecodeError) as error:
        problems.append(Problem(name, f"can't be read: {error}"))
        return []


def check_content(
    members: Mapping[str, bytes], format: int, public_key: str, problems: list[Problem]
) -> tuple[Alert | None, list[Evidence], set[str]]:
    """Check a package that is not redacted, adding to `problems`; returns alert, evidence and the pictures that belong to it."""
    alerts = read(members, layout.ALERT, Alert, problems)
    alert = alerts[0] if len(alerts) == 1 else None
    evidence = read(members, layout.EVIDENCE, Evidence, problems)
    chain = read(members, layout.EVENTS, Event, problems)
    try:
        ordered = [result for _, result in captured(chain)]
    except BadInput as error:
        problems.append(Problem(layout.EVENTS, f"a captured event can't be read: {error}"))
        ordered = []
    pictures = package.pictures(alert, evidence, ordered) if alert else {}
    problems += _check_pictures(members, pictures)
    if alert is None:
        return None, evidence, set(pictures)
    pages = pages_of(members.get(layout.ARCHIVE, b""))
    if pages is None:
        problems.append(Problem(layout.ARCHIVE, "is not a whole WARC file"))
    else:
        problems += _check_records(evidence, pages)
        problems += _check_ordered(ordered, pages)
        if format > 1:
            problems += _check_network(members.get(layout.NETWORK, b""), evidence, ordered, pages)
    problems += _check_evidence(alert, evidence)
    problems += _check_events(alert, chain)
    problems += check_exporter(alert.id, chain, public_key)
    problems += _check_stamped(chain)
    return alert, evidence, set(pictures)


def check_exporter(alert: str, chain: Sequence[Event], public_key: str) -> Iterator[Problem]:
    """The export is an event of the alert, and that names the key that the package is signed with."""
    exports = [event for event in chain if event.alert == alert and event.kind == "exported"]
    if not exports:
        yield Problem(layout.EVENTS, "does not tell of this export: events are missing at its end")
    elif exports[-1].data.get("public_key") != public_key:
        yield Problem(layout.DIGEST, f"is signed by another key than the export in {layout.EVENTS} names")


def pages_of(archive: bytes) -> Pages | None:
    """The pages of the archive; None for a broken file."""
    found: Pages = {}
    begins, id, payload = 0, "", ""
    try:
        iterator = ArchiveIterator(io.BytesIO(archive))
        for record in iterator:
            digest = sha256(record.raw_stream.read())
            offset, length = iterator.get_record_offset(), iterator.get_record_length()
            if record.rec_type not in BESIDE:
                id = str(record.rec_headers.get_header("WARC-Record-ID") or "").strip("<>")
                begins, payload = offset, digest
            content = archive[begins : offset + length]
            found[sha256(content)] = Page(id, payload, content)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError):
        return None
    return found


def _check_pictures(members: Mapping[str, bytes], pictures: Mapping[str, str]) -> Iterator[Problem]:
    for name, digest in pictures.items():
        if name not in members:
            yield Problem(name, "is missing")
        elif sha256(members[name]) != digest:
            yield Problem(name, "has another hash than its name says")


def _check_ordered(ordered: Sequence[CaptureResult], pages: Pages) -> Iterator[Problem]:
    for result in ordered:
        for capture in result.records:
            page = pages.get(capture.sha256)
            if page is None or (page.record_id, page.payload_sha256) != (capture.record_id, capture.payload_sha256):
                yield Problem(layout.EVENTS, f"the captured page {capture.record_id} is not in {layout.ARCHIVE}")


def _check_records(evidence: Sequence[Evidence], pages: Pages) -> Iterator[Problem]:
    for one in evidence:
        if not one.blob:
            continue
        page = pages.get(one.blob)
        if page is None:
            yield Problem(f"{layout.EVIDENCE}: {one.id}", f"its record is not in {layout.ARCHIVE}")
        elif one.capture is None or (one.capture.record_id, one.capture.payload_sha256) != (page.record_id, page.payload_sha256):
            yield Problem(f"{layout.EVIDENCE}: {one.id}", "its record shows another page than was captured")


def _check_evidence(alert: Alert, evidence: Sequence[Evidence]) -> Iterator[Problem]:
    for one in evidence:
        part = f"{layout.EVIDENCE}: {one.id}"
        if one.alert != alert.id:
            yield Problem(part, f"belongs to alert {one.alert}")
        if canonical_sha256(one.post.model_dump(mode="json")) != one.post_sha256:
            yield Problem(part, "the post has another hash than when it was kept")
    covered = {one.post.id for one in evidence}
    for member in alert.members:
        if (post := member.split(" ")[1]) not in covered:
            yield Problem(layout.EVIDENCE, f"has nothing on post {post} of the alert")


def _check_network(rows: bytes, evidence: Sequence[Evidence], ordered: Sequence[CaptureResult], pages: Pages) -> Iterator[Problem]:
    """Each fact must follow from the records."""
    expected: dict[str, Any] = {}
    for capture, _, operator in package.kept(evidence, ordered):
        if capture.sha256 in pages and capture.sha256 not in expected:
            expected[capture.sha256] = network.facts(pages[capture.sha256].content, capture, operator)
    if rows != layout.lines([canonical_json(row).decode() for row in expected.values()]):
        yield Problem(layout.NETWORK, f"does not follow from the records in {layout.ARCHIVE}")


def _check_events(alert: Alert, chain: Sequence[Event]) -> Iterator[Problem]:
    chains: dict[str, list[Event]] = {}
    for event in chain:
        chains.setdefault(event.alert, []).append(event)
    if alert.id not in chains:
        yield Problem(layout.EVENTS, "has no event of the alert")
    for id, events in chains.items():
        for seq in broken_links(events):
            yield Problem(f"{layout.EVENTS}: {id}", f"the chain of events is broken at {seq}")


def _check_stamped(chain: Sequence[Event]) -> Iterator[Problem]:
    """Time stamps of earlier exports still are over what they say."""
    for event in chain:
        if event.kind == stamp_queue.KIND:
            try:
                stamps.check(parse(Stamp, canonical_json(event.data.get("stamp", {}))), str(event.data.get("manifest")))
            except BadInput as error:
                yield Problem(f"{layout.EVENTS}: {event.alert} event {event.seq}", str(error))
