"""The outer part of a check: signature, manifest, order of members, time stamps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.x509 import Certificate

from alerting.evidence import layout, stamps
from alerting.evidence.digests import sha256, sm3
from alerting.evidence.findings import Problem
from alerting.evidence.signing import signed_by
from alerting.evidence.stamps import Stamp, Stamped
from humiao.errors import BadInput
from humiao.event import canonical_json
from humiao.post import parse


@dataclass(slots=True)
class Seal:
    """What manifest and digest say, as far as they can be read."""

    format: int = 1
    redacted: bool = False
    public_key: str = ""
    stamps: list[Stamped] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def resources(self) -> tuple[str, ...]:
        """Members that the package must have beside manifest, digest and pictures."""
        if self.format == 1:
            return layout.FIRST_RESOURCES
        return layout.REDACTED_RESOURCES if self.redacted else layout.RESOURCES


def check_seal(members: Mapping[str, bytes], pinned: Sequence[Certificate]) -> Seal:
    """Check everything that can be checked without reading what the members say; `pinned`: roots that stamps must end at.

    Raises:
        BadInput: it is signed, but of a format that came later.
    """
    seal = Seal()
    manifest = _json(members.get(layout.MANIFEST, b""))
    ours = manifest.get("humiao")
    if isinstance(ours, dict):
        seal.format, seal.redacted = layout.FORMAT, ours.get("redacted") is True
    seal.problems += _check_digest(members, seal, pinned)
    if not seal.problems and isinstance(ours, dict) and ours.get("format") != layout.FORMAT:
        raise BadInput(f"has format {ours.get('format')}, which this version does not know; use a newer one")
    seal.problems += _check_manifest(members, manifest, seal)
    return seal


def _check_digest(members: Mapping[str, bytes], seal: Seal, pinned: Sequence[Certificate]) -> Iterator[Problem]:
    raw = members.get(layout.DIGEST)
    if raw is None:
        return
    try:
        signed = dict(_json(raw)["signedData"])
        signature = str(signed.pop("signature"))
        seal.public_key, claimed = str(signed["publicKey"]), str(signed["hash"])
        as_written = layout.digest_file(signed, signature)
    except (ValueError, KeyError, TypeError):
        yield Problem(layout.DIGEST, "is not the JSON that was written")
        return
    if raw != as_written:
        yield Problem(layout.DIGEST, "is not written as we write it")
    if not signed_by(seal.public_key, signature, canonical_json(signed)):
        yield Problem(layout.DIGEST, "the signature is not that of the public key")
    manifest = members.get(layout.MANIFEST, b"")
    if claimed != f"sha256:{sha256(manifest)}":
        yield Problem(layout.MANIFEST, "has another hash than was signed")
    if seal.format > 1:
        if signed.get("sm3") != sm3(manifest):
            yield Problem(layout.MANIFEST, "has another SM3 hash than was signed")
        yield from _check_stamps(signed, sha256(manifest), seal, pinned)


def _check_stamps(signed: Mapping[str, Any], digest: str, seal: Seal, pinned: Sequence[Certificate]) -> Iterator[Problem]:
    granted, pending = signed.get("timestamps"), signed.get("timestampsPending")
    if not isinstance(granted, list) or not isinstance(pending, list):
        yield Problem(layout.DIGEST, "does not say which time stamps there are")
        return
    seal.pending = [str(url) for url in pending]
    for place, one in enumerate(granted, start=1):
        try:
            stamp = parse(Stamp, canonical_json(one))
            seal.stamps.append(stamps.check(stamp, digest, pinned))
        except BadInput as error:
            yield Problem(f"{layout.DIGEST}: time stamp {place}", str(error))


def _check_manifest(members: Mapping[str, bytes], manifest: Mapping[str, Any], seal: Seal) -> Iterator[Problem]:
    try:
        listed = {str(one["path"]): dict(one) for one in manifest["resources"]}
    except (ValueError, KeyError, TypeError):
        yield Problem(layout.MANIFEST, "is not the JSON that was written")
        return
    needed = [*seal.resources, *sorted(name for name in members if name.startswith(layout.PICTURES))]
    for name in needed:
        if name not in listed:
            yield Problem(layout.MANIFEST, f"does not list {name}")
        elif name in members and not _as_listed(members[name], listed[name], seal.format):
            yield Problem(name, "has another hash than datapackage.json says")
    for name in listed:
        if name not in members and name not in seal.resources:
            yield Problem(name, "is missing")
    order = [*listed, layout.MANIFEST, layout.DIGEST]
    if list(members) != order and sorted(members) == sorted(order):
        yield Problem(_first_moved(list(members), order), "does not stand where it was written: the order of members was changed")


def _as_listed(content: bytes, listed: Mapping[str, Any], format: int) -> bool:
    whole = listed.get("hash") == f"sha256:{sha256(content)}" and listed.get("bytes") == len(content)
    return whole and (format == 1 or listed.get("sm3") == sm3(content))


def _first_moved(found: Sequence[str], order: Sequence[str]) -> str:
    return next(name for name, other in zip(found, order, strict=True) if name != other)


def _json(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`; empty if there is none."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
