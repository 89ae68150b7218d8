"""Names of a package's members and the shape of what is signed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import humiao
from alerting.evidence.digests import sha256, sm3
from alerting.evidence.signing import Signer
from alerting.evidence.stamps import Stamp
from humiao.event import canonical_json
from humiao.post import utc_text

WACZ_VERSION: Final = "1.1.1"
FORMAT: Final = 2
"""Of what we put into a WACZ. 1 (until 2026-11) had no SM3, network facts or time stamps; `verify` still reads it."""
ARCHIVE: Final = "archive/data.warc.gz"
INDEX: Final = "indexes/index.cdxj"
PAGES: Final = "pages/pages.jsonl"
ALERT: Final = "humiao/alert.json"
EVIDENCE: Final = "humiao/evidence.jsonl"
EVENTS: Final = "humiao/events.jsonl"
NETWORK: Final = "humiao/network.jsonl"
ORIGINALS: Final = "humiao/originals.jsonl"
"""In a redacted package: hashes of everything that it leaves out or masks."""
MANIFEST: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
PICTURES: Final = "humiao/pictures/"
"""Before the SHA-256 of each."""
FIRST_RESOURCES: Final = (ARCHIVE, INDEX, PAGES, ALERT, EVIDENCE, EVENTS)
"""Members of format 1, pictures apart."""
RESOURCES: Final = (*FIRST_RESOURCES, NETWORK)
REDACTED_RESOURCES: Final = (*FIRST_RESOURCES, ORIGINALS)


@dataclass(frozen=True, slots=True)
class Stamping:
    """What came of asking for time stamps."""

    granted: tuple[Stamp, ...] = ()
    pending: tuple[str, ...] = field(default=())
    """Addresses of authorities that gave none yet."""


Stamper = Callable[[bytes], Stamping]
"""Asks for time stamps over the bytes of a manifest."""


def lines(rows: Sequence[str]) -> bytes:
    """JSON lines."""
    return "".join(f"{row}\n" for row in rows).encode()


def sealed(
    members: Mapping[str, bytes],
    title: str,
    signer: Signer,
    now: datetime,
    about: Mapping[str, Any] | None = None,
    stamper: Stamper = lambda _manifest: Stamping(),
) -> dict[str, bytes]:
    """`members` with the manifest of their hashes and the signed digest, which also holds the time stamps.

    First the manifest is stamped, then hash and stamps are signed: without the key no stamp can be exchanged or taken away.
    """
    manifest = {
        "profile": "data-package",
        "wacz_version": WACZ_VERSION,
        "title": title,
        "software": f"humiao {humiao.__version__}",
        "created": utc_text(now),
        "humiao": {"format": FORMAT, "redacted": ORIGINALS in members} | dict(about or {}),
        "resources": [
            {
                "name": name.rsplit("/", 1)[1],
                "path": name,
                "hash": f"sha256:{sha256(content)}",
                "sm3": sm3(content),
                "bytes": len(content),
            }
            for name, content in members.items()
        ],
    }
    written = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    stamping = stamper(written)
    signed = {
        "hash": f"sha256:{sha256(written)}",
        "sm3": sm3(written),
        "created": utc_text(now),
        "software": f"humiao {humiao.__version__}",
        "algorithm": "ed25519",
        "publicKey": signer.public_key,
        "timestamps": [stamp.model_dump(mode="json") for stamp in stamping.granted],
        "timestampsPending": list(stamping.pending),
    }
    return {**members, MANIFEST: written, DIGEST: digest_file(signed, signer.sign(canonical_json(signed)))}


def digest_file(signed: Mapping[str, Any], signature: str) -> bytes:
    """The file that carries the signature; the signature is over the canonical JSON of `signed`."""
    content = {"path": MANIFEST, "hash": signed["hash"], "signedData": {**signed, "signature": signature}}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
