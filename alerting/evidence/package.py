"""The evidence of an alert as one signed file: a WACZ (Web Archive Collection Zipped, version 1.1.1), readable with any replayer.

Members: ``archive/data.warc.gz`` (the kept WARC records as they were written), ``indexes/index.cdxj``, ``pages/pages.jsonl``,
``humiao/alert.json``, ``humiao/evidence.jsonl``, ``humiao/events.jsonl``, screenshots and attached pictures below
``humiao/pictures/`` under their SHA-256, ``datapackage.json`` with the SHA-256 of every member, and ``datapackage-digest.json``
with the SHA-256 of that, signed. The same store content and time give the same bytes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

import humiao
from alerting import events
from alerting.captures import captured, is_sealed
from alerting.decisions import resolve
from alerting.evidence.capture import Captures
from alerting.evidence.container import pack
from alerting.evidence.signing import Signer
from humiao.alert import Alert
from humiao.capture_order import CaptureResult
from humiao.event import canonical_json
from humiao.evidence import Evidence
from humiao.post import Capture, utc_text
from humiao.store import Store

WACZ_VERSION: Final = "1.1.1"
ARCHIVE: Final = "archive/data.warc.gz"
INDEX: Final = "indexes/index.cdxj"
PAGES: Final = "pages/pages.jsonl"
ALERT: Final = "humiao/alert.json"
EVIDENCE: Final = "humiao/evidence.jsonl"
EVENTS: Final = "humiao/events.jsonl"
MANIFEST: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
PICTURES: Final = "humiao/pictures/"
"""Before the SHA-256 of each."""
RESOURCES: Final = (ARCHIVE, INDEX, PAGES, ALERT, EVIDENCE, EVENTS)


@dataclass(frozen=True, slots=True)
class Record:
    """A WARC record of the package."""

    capture: Capture
    title: str
    """Of the first post that it proves, or of the page that was ordered."""
    offset: int
    length: int
    answer: dict[str, Any]
    """Status and media type that the server answered with, as the index names them."""


def export(store: Store, data: Path, alert_id: str, actor: str, now: datetime) -> bytes:
    """The signed package of the alert that `alert_id` leads to; the export is an event of the alert and in the package.

    Args:
        store: where the alert is.
        data: folder with ``blobs/`` and ``keys/``.
        alert_id: the alert, or one merged into it.
        actor: account name of who exports.
        now: time of the export (UTC).

    Raises:
        NotFound: there is no such alert, or a kept record is gone or altered.
        SettingsError: the signing key can't be used.
    """
    alert = resolve(store, alert_id).value
    signer = Signer.open(data)
    captures = Captures(data)
    evidence = store.evidence(alert.id)
    ordered = [result for _, result in captured(events.histories(store, alert.id))]
    kept = [(one.capture, one.post.title or one.post.board) for one in evidence if one.capture and one.blob]
    kept += [(capture, result.order.url) for result in ordered for capture in result.records]
    archive, records = _archive(kept, captures)
    shown = {name: captures.blob(sha256) for name, sha256 in pictures(alert, evidence, ordered).items()}
    events.append(store, alert.id, "exported", actor, {"public_key": signer.public_key, "evidence": len(evidence)}, now)
    members = {
        ARCHIVE: archive,
        INDEX: _lines(_index(records)),
        PAGES: _lines(_pages(alert.id, records)),
        ALERT: canonical_json(alert.model_dump(mode="json")) + b"\n",
        EVIDENCE: _lines(one.model_dump_json() for one in evidence),
        EVENTS: _lines(event.model_dump_json() for event in events.histories(store, alert.id)),
    } | shown
    return pack(sealed(members, alert.summary, signer, now))


def pictures(alert: Alert, evidence: Sequence[Evidence], ordered: Sequence[CaptureResult]) -> dict[str, str]:
    """SHA-256 by member of the pictures that belong to the package; none for an alert whose pictures nobody may hold.

    Of those the package names the hashes all the same, in evidence and events.
    """
    if is_sealed(alert):
        return {}
    shots = [result.screenshot.sha256 for result in ordered if result.screenshot]
    brought = [sha256 for one in evidence for sha256 in one.post.attachments]
    return {PICTURES + sha256: sha256 for sha256 in dict.fromkeys([*shots, *brought])}


def sealed(members: dict[str, bytes], title: str, signer: Signer, now: datetime) -> dict[str, bytes]:
    """`members` with manifest and signed digest."""
    manifest = {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": title,
        "software": f"humiao {humiao.__version__}",
        "created": utc_text(now),
        "resources": [
            {"name": name.rsplit("/", 1)[1], "path": name, "hash": f"sha256:{sha256(content).hexdigest()}", "bytes": len(content)}
            for name, content in members.items()
        ],
    }
    described = members | {MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1).encode()}
    signed = {
        "hash": f"sha256:{sha256(described[MANIFEST]).hexdigest()}",
        "created": utc_text(now),
        "software": f"humiao {humiao.__version__}",
        "algorithm": "ed25519",
        "publicKey": signer.public_key,
    }
    return described | {DIGEST: digest_file(signed, signer.sign(canonical_json(signed)))}


def digest_file(signed: dict[str, Any], signature: str) -> bytes:
    """The file that carries the signature; the signature is over the canonical JSON of `signed`."""
    content = {"path": MANIFEST, "hash": signed["hash"], "signedData": signed | {"signature": signature}}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _archive(kept: Iterable[tuple[Capture, str]], captures: Captures) -> tuple[bytes, list[Record]]:
    """All kept records after one another, each once: a page shows many posts."""
    whole = bytearray()
    records: dict[str, Record] = {}
    for capture, title in kept:
        if capture.sha256 not in records:
            content = captures.blob(capture.sha256)
            records[capture.sha256] = Record(capture, title, len(whole), len(content), _answer(content))
            whole += content
    return bytes(whole), list(records.values())


def _answer(page: bytes) -> dict[str, Any]:
    """What the index says of the response, which is the first record of what was kept of a page."""
    try:
        records = ArchiveIterator(BytesIO(page))
        head = next(iter(records)).http_headers
        status, kind = str(head.get_statuscode()), str(head.get_header("Content-Type") or "")
        length = records.get_record_length()
    except (ArchiveLoadFailed, StopIteration, AttributeError, EOFError, OSError, ValueError):
        return {"mime": "unk", "status": "-"}  # kept all the same: its hash is what was captured
    digest = f"sha256:{sha256(page[:length]).hexdigest()}"
    return {"mime": kind.split(";", maxsplit=1)[0].strip() or "unk", "status": status, "recordDigest": digest, "length": length}


def _index(records: Sequence[Record]) -> Iterator[str]:
    rows = []
    for record in records:
        capture = record.capture
        stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
        fields = {
            "url": capture.url,
            "digest": f"sha256:{capture.payload_sha256}",
            "recordDigest": f"sha256:{capture.sha256}",
            "offset": record.offset,
            "length": record.length,
            "filename": ARCHIVE.rsplit("/", 1)[1],
        } | record.answer
        rows.append(f"{_surt(capture.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}")
    yield from sorted(rows)


def _surt(url: str) -> str:
    """Sort-friendly form of a URL: ``org,example,bbs)/t/1``."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port and (parts.scheme, parts.port) not in {("http", 80), ("https", 443)} else ""
    return f"{host}{port}){parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def _pages(alert: str, records: Sequence[Record]) -> Iterator[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": f"alert {alert}"})
    for record in records:
        capture = record.capture
        page = {
            "id": capture.sha256[:16],
            "url": capture.url,
            "ts": utc_text(capture.captured_at),
            "title": record.title,
        }
        yield json.dumps(page, ensure_ascii=False)


def _lines(rows: Iterator[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()
