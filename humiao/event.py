"""Events on an alert: append-only, hash-chained."""

import hashlib
import json
from typing import Any, Final

from pydantic import Field

from humiao.post import Frozen, Time, utc_text

GENESIS: Final = "0" * 64


class Event(Frozen):
    """Something that happened to an alert. Append-only; each carries the hash of the one before."""

    alert: str = Field(pattern="^[0-9a-f]{32}$")
    seq: int = Field(ge=1)
    """1, 2, 3 … within the alert."""
    kind: str = Field(pattern="^[a-z_]{1,40}$")
    """``raised``, ``joined``, ``merged``, ``regraded``, ``decided``, ``exported``, ``viewed`` …"""
    actor: str = Field(min_length=1, max_length=200)
    """``system:STAGE`` or an account name."""
    at: Time
    data: dict[str, Any] = Field(default_factory=dict)
    prev: str = Field(pattern="^[0-9a-f]{64}$")
    """Hash of event seq-1, 64 zeros for the first."""
    hash: str = Field(default="", pattern="^([0-9a-f]{64})?$")

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of everything but the hash itself."""
        return canonical_sha256(self.model_dump(mode="json", exclude={"hash"}) | {"at": utc_text(self.at)})

    def sealed(self) -> "Event":
        """The same event with its hash filled in."""
        return self.model_copy(update={"hash": self.digest()})


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8: equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def canonical_sha256(value: Any) -> str:
    """SHA-256 (hex) of `canonical_json`."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def broken_links(events: list[Event]) -> list[int]:
    """Sequence numbers at which a chain (in order) is not whole: wrong seq, wrong previous hash or wrong own hash."""
    broken, prev = [], GENESIS
    for position, event in enumerate(events, start=1):
        if event.seq != position or event.prev != prev or event.hash != event.digest():
            broken.append(position)
        prev = event.hash
    return broken
