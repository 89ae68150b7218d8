"""The evidence of an alert as one signed file: a WACZ (Web Archive Collection Zipped, version 1.1.1), readable with any replayer.

Members: ``archive/data.warc.gz`` (the kept WARC records as they were written), ``indexes/index.cdxj``, ``pages/pages.jsonl``,
``humiao/alert.json``, ``humiao/evidence.jsonl`` (posts as classified, verdicts), ``humiao/events.jsonl`` (who saw and did what),
``humiao/network.jsonl``, screenshots and attached pictures below ``humiao/pictures/`` under their SHA-256, ``datapackage.json``
with SHA-256 and SM3 of every member, and ``datapackage-digest.json`` with time stamps over that, signed.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from alerting import events
from alerting.captures import captured, is_sealed
from alerting.decisions import resolve
from alerting.evidence import archive, clock, network, redaction, stamp_queue
from alerting.evidence.capture import Captures
from alerting.evidence.container import pack
from alerting.evidence.layout import (
    ALERT,
    ARCHIVE,
    DIGEST,
    EVENTS,
    EVIDENCE,
    INDEX,
    MANIFEST,
    NETWORK,
    ORIGINALS,
    PAGES,
    PICTURES,
    RESOURCES,
    Stamping,
    digest_file,
    lines,
    sealed,
)
from alerting.evidence.signing import Signer
from humiao.alert import Alert
from humiao.capture_order import CaptureResult
from humiao.event import Event, canonical_json
from humiao.evidence import Evidence
from humiao.post import Capture, utc_text
from humiao.settings import EvidenceSettings
from humiao.store import Store

__all__ = [
    "ALERT", "ARCHIVE", "DIGEST", "EVENTS", "EVIDENCE", "INDEX", "MANIFEST", "NETWORK", "PAGES", "PICTURES", "RESOURCES",
    "digest_file", "export", "pictures", "sealed",
]  # fmt: skip
CRAWLER: Final = "system:crawl"
"""Operator of what the spiders fetched by themselves."""


def export(
    store: Store,
    data: Path,
    alert_id: str,
    actor: str,
    now: datetime,
    settings: EvidenceSettings | None = None,
    *,
    redacted: bool = False,
) -> bytes:
    """The signed package of the alert that `alert_id` leads to; the export is an event of the alert and in the package.

    Args:
        store: where the alert is.
        data: folder with ``blobs/`` and ``keys/``.
        alert_id: the alert, or one merged into it.
        actor: account name of who exports.
        now: time of the export (UTC).
        settings: time stamp authorities; those that give none now are asked again by the alert stage.
        redacted: mask what identifies a child, leave pages and pictures out, and give the hashes of the originals.

    Raises:
        NotFound: there is no such alert, or a kept record is gone or altered.
        SettingsError: the signing key or an authority's certificate can't be used.
    """
    settings = settings or EvidenceSettings()
    alert = resolve(store, alert_id).value
    signer = Signer.open(data)
    captures = Captures(data)
    evidence = store.evidence(alert.id)
    ordered = [result for _, result in captured(events.histories(store, alert.id))]
    whole, records = archive.gathered(kept(evidence, ordered), captures)
    shown = {name: captures.blob(sha256) for name, sha256 in pictures(alert, evidence, ordered).items()}
    facts = {"public_key": signer.public_key, "evidence": len(evidence), "redacted": redacted}
    events.append(store, alert.id, "exported", actor, facts, now)
    chain = events.histories(store, alert.id)
    pages = {record.capture.record_id: whole[record.offset : record.offset + record.length] for record in records}
    if redacted:
        hidden = () if shown else _all_pictures(evidence, ordered)
        members = _redacted(alert, evidence, chain, redaction.originals(evidence, pages, shown, hidden))
    else:
        told = [network.facts(pages[record.capture.record_id], record.capture, record.operator) for record in records]
        members = {
            ARCHIVE: whole,
            INDEX: lines(list(archive.index(records, ARCHIVE.rsplit("/", 1)[1]))),
            PAGES: lines(list(archive.pages(alert.id, records))),
            ALERT: canonical_json(alert.model_dump(mode="json")) + b"\n",
            EVIDENCE: lines([one.model_dump_json() for one in evidence]),
            EVENTS: lines([event.model_dump_json() for event in chain]),
            NETWORK: lines([canonical_json(row).decode() for row in told]),
        } | shown
    about = {"exported_by": actor, "exported_at": utc_text(now), "organisation": settings.organisation, "clock": clock.state()}
    stampings: list[tuple[bytes, Stamping]] = []

    def stamp(manifest: bytes) -> Stamping:
        stampings.append((manifest, stamp_queue.ask_all(settings, manifest)))
        return stampings[-1][1]

    content = pack(
        sealed(members, redaction.hiding(evidence)[0](alert.summary) if redacted else alert.summary, signer, now, about, stamp)
    )
    for manifest, stamping in stampings:
        stamp_queue.keep(store, captures.blobs, alert.id, manifest, stamping, now)
    return content


def kept(evidence: Sequence[Evidence], ordered: Sequence[CaptureResult]) -> list[tuple[Capture, str, str]]:
    """Captures whose records the package holds, each with a title and who had it made."""
    crawled = [(one.capture, one.post.title or one.post.board, CRAWLER) for one in evidence if one.capture and one.blob]
    return crawled + [(capture, result.order.url, result.order.asked_by) for result in ordered for capture in result.records]


def pictures(alert: Alert, evidence: Sequence[Evidence], ordered: Sequence[CaptureResult]) -> dict[str, str]:
    """SHA-256 by member of the pictures that belong to the package; none for an alert whose pictures nobody may hold.

    Of those the package names the hashes all the same, in evidence and events.
    """
    return {} if is_sealed(alert) else {PICTURES + sha256: sha256 for sha256 in _all_pictures(evidence, ordered)}


def _all_pictures(evidence: Sequence[Evidence], ordered: Sequence[CaptureResult]) -> list[str]:
    shots = [result.screenshot.sha256 for result in ordered if result.screenshot]
    brought = [sha256 for one in evidence for sha256 in one.post.attachments]
    return list(dict.fromkeys([*shots, *brought]))


def _redacted(alert: Alert, evidence: Sequence[Evidence], chain: Sequence[Event], originals: Sequence[str]) -> dict[str, bytes]:
    return {
        ARCHIVE: b"",
        INDEX: b"",
        PAGES: lines(list(archive.pages(alert.id, []))),
        ALERT: redaction.redacted_alert(alert, redaction.hiding(evidence)[0]),
        EVIDENCE: lines([one.model_dump_json() for one in redaction.redacted_evidence(evidence)]),
        EVENTS: lines([event.model_dump_json() for event in redaction.redacted_events(chain)]),
        ORIGINALS: lines(originals),
    }
