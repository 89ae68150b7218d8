"""Checking an evidence package without a store, a network or us: everything it claims is computed anew."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from alerting.captures import captured
from alerting.evidence import package
from alerting.evidence.container import unpack
from alerting.evidence.signing import fingerprint, signed_by
from humiao.alert import Alert
from humiao.capture_order import CaptureResult
from humiao.errors import BadInput
from humiao.event import Event, broken_links, canonical_json, canonical_sha256
from humiao.evidence import Evidence
from humiao.post import parse

Payloads = dict[str, tuple[str, str]]
"""SHA-256 of each page as it is stored -> its record id and the SHA-256 of its payload."""
BESIDE: Final = frozenset({"request", "metadata"})
"""Kinds of records that stand beside a response."""
ALL: Final = {*package.RESOURCES, package.MANIFEST, package.DIGEST}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was exported."""

    part: str
    """Member of the package, or the record within it."""
    reason: str

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found."""

    problems: list[Problem]
    """Empty: the package is as it was exported by who holds the key."""
    signer: str
    """Fingerprint of the public key in the package; who it belongs to must be known from elsewhere."""
    alert: str
    """Id of the alert."""
    posts: int
    """Revisions of posts that it proves."""


def verify(content: bytes) -> Result:
    """Check a package.

    Raises:
        BadInput: it is no WACZ file at all, or not one of ours.
    """
    members, found = unpack(content)
    if not {package.MANIFEST, package.DIGEST} & set(members):
        raise BadInput(f"is no evidence package: has neither {package.MANIFEST} nor {package.DIGEST}")
    problems = [Problem(part, reason) for part, reason in found]
    problems += [Problem(name, "is missing") for name in sorted(ALL - set(members))]
    problems += _check_signature(members)
    problems += _check_manifest(members)
    alert, evidence, chain = _content(members, problems)
    ordered = _ordered(chain, problems)
    pictures = package.pictures(alert, evidence, ordered) if alert else {}
    strange = set(members) - ALL - set(pictures)
    problems += [Problem(name, "does not belong to the package") for name in sorted(strange)]
    problems += _check_pictures(members, pictures)
    if alert is not None:
        payloads = _payloads(members.get(package.ARCHIVE, b""))
        if payloads is None:
            problems.append(Problem(package.ARCHIVE, "is not a whole WARC file"))
        problems += _check_evidence(alert, evidence, payloads)
        problems += _check_ordered(ordered, payloads)
        problems += _check_events(alert, chain)
    return Result(problems, fingerprint(_public_key(members)), alert.id if alert else "", len(evidence))


def _check_signature(members: Mapping[str, bytes]) -> Iterator[Problem]:
    raw = members.get(package.DIGEST)
    if raw is None:
        return
    try:
        signed = dict(json.loads(raw)["signedData"])
        signature = str(signed.pop("signature"))
        key, claimed = str(signed["publicKey"]), str(signed["hash"])
        as_written = package.digest_file(signed, signature)
    except (ValueError, KeyError, TypeError):
        yield Problem(package.DIGEST, "is not the JSON that was written")
        return
    if raw != as_written:
        yield Problem(package.DIGEST, "is not written as we write it")
    if not signed_by(key, signature, canonical_json(signed)):
        yield Problem(package.DIGEST, "the signature is not that of the public key")
    if claimed != f"sha256:{sha256(members.get(package.MANIFEST, b'')).hexdigest()}":
        yield Problem(package.MANIFEST, "has another hash than was signed")


def _check_manifest(members: Mapping[str, bytes]) -> Iterator[Problem]:
    try:
        listed = {str(one["path"]): one for one in json.loads(members.get(package.MANIFEST, b"{}"))["resources"]}
    except (ValueError, KeyError, TypeError):
        yield Problem(package.MANIFEST, "is not the JSON that was written")
        return
    extra = sorted(name for name in members if name.startswith(package.PICTURES))
    for name in (*package.RESOURCES, *extra):
        content = members.get(name)
        if name not in listed:
            yield Problem(package.MANIFEST, f"does not list {name}")
        elif content is not None and (listed[name].get("hash"), listed[name].get("bytes")) != (
            f"sha256:{sha256(content).hexdigest()}",
            len(content),
        ):
            yield Problem(name, "has another hash than datapackage.json says")


def _content(members: Mapping[str, bytes], problems: list[Problem]) -> tuple[Alert | None, list[Evidence], list[Event]]:
    def read(name: str, model: Any) -> list[Any]:
        try:
            return [parse(model, line) for line in members.get(name, b"").splitlines()]
        except (BadInput, UnicodeDecodeError) as error:
            problems.append(Problem(name, f"can't be read: {error}"))
            return []

    alerts = read(package.ALERT, Alert)
    return (alerts[0] if len(alerts) == 1 else None), read(package.EVIDENCE, Evidence), read(package.EVENTS, Event)


def _ordered(chain: list[Event], problems: list[Problem]) -> list[CaptureResult]:
    """What ordered captures brought, as the events tell."""
    try:
        return [result for _, result in captured(chain)]
    except BadInput as error:
        problems.append(Problem(package.EVENTS, f"a captured event can't be read: {error}"))
        return []


def _check_pictures(members: Mapping[str, bytes], pictures: Mapping[str, str]) -> Iterator[Problem]:
    for name, digest in pictures.items():
        if name not in members:
            yield Problem(name, "is missing")
        elif sha256(members[name]).hexdigest() != digest:
            yield Problem(name, "has another hash than its name says")


def _check_ordered(ordered: list[CaptureResult], payloads: Payloads | None) -> Iterator[Problem]:
    if payloads is None:
        return
    for result in ordered:
        for capture in result.records:
            if payloads.get(capture.sha256) != (capture.record_id, capture.payload_sha256):
                yield Problem(package.EVENTS, f"the captured page {capture.record_id} is not in {package.ARCHIVE}")


def _check_evidence(alert: Alert, evidence: list[Evidence], payloads: Payloads | None) -> Iterator[Problem]:
    for one in evidence:
        part = f"{package.EVIDENCE}: {one.id}"
        if one.alert != alert.id:
            yield Problem(part, f"belongs to alert {one.alert}")
        if canonical_sha256(one.post.model_dump(mode="json")) != one.post_sha256:
            yield Problem(part, "the post has another hash than when it was kept")
        if not one.blob or payloads is None:
            continue
        record = payloads.get(one.blob)
        if record is None:
            yield Problem(part, f"its record is not in {package.ARCHIVE}")
        elif one.capture is None or (one.capture.record_id, one.capture.payload_sha256) != record:
            yield Problem(part, "its record shows another page than was captured")
    covered = {one.post.id for one in evidence}
    for member in alert.members:
        if (post := member.split(" ")[1]) not in covered:
            yield Problem(package.EVIDENCE, f"has nothing on post {post} of the alert")


def _payloads(archive: bytes) -> Payloads | None:
    """The pages of the archive; None for a broken file.

    A page is kept as its response record, or as that with the records beside it (request, circumstances) in one piece.
    """
    found: Payloads = {}
    begins, told = 0, ("", "")
    try:
        iterator = ArchiveIterator(io.BytesIO(archive))
        for record in iterator:
            payload = sha256(record.raw_stream.read()).hexdigest()
            offset, length = iterator.get_record_offset(), iterator.get_record_length()
            if record.rec_type not in BESIDE:
                id = str(record.rec_headers.get_header("WARC-Record-ID") or "").strip("<>")
                begins, told = offset, (id, payload)
            found[sha256(archive[begins : offset + length]).hexdigest()] = told
    except (ArchiveLoadFailed, EOFError, OSError, ValueError):
        return None
    return found


def _check_events(alert: Alert, chain: list[Event]) -> Iterator[Problem]:
    chains: dict[str, list[Event]] = {}
    for event in chain:
        chains.setdefault(event.alert, []).append(event)
    if alert.id not in chains:
        yield Problem(package.EVENTS, "has no event of the alert")
    for id, events in chains.items():
        for seq in broken_links(events):
            yield Problem(f"{package.EVENTS}: {id}", f"the chain of events is broken at {seq}")


def _public_key(members: Mapping[str, bytes]) -> str:
    try:
        return str(json.loads(members.get(package.DIGEST, b"{}"))["signedData"]["publicKey"])
    except (ValueError, KeyError, TypeError):
        return ""
