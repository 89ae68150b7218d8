"""``Idempotency-Key``: a request that is sent again with its key is taken once, also by another console on the same store.

The store keeps for a day which body came with which key, nothing else: the answer to a body follows from the body.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from humiao.errors import BadInput, Conflict, HumiaoError
from humiao.store import Store

KEEP: Final = timedelta(hours=24)
MOST_KEYS: Final = 10_000
"""Keys of one partner within KEEP."""
SWEEP: Final = timedelta(minutes=10)
"""How often keys are counted and old ones dropped, by each console."""
LONGEST: Final = 255
_ATTEMPTS: Final = 5


class KeyReused(BadInput):
    """The key came with another body before."""


class TooManyKeys(HumiaoError):
    """The partner used up its keys of a day."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request's right to its key."""

    partner: str
    key: str
    body: str
    at: datetime
    version: str
    done: bool
    """The same request was taken before: there is nothing left to do."""


class Repeats:
    """Keys of all partners; shared by the threads of one console."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[datetime, int]] = {}

    def claim(self, store: Store, partner: str, key: str, body: bytes, now: datetime) -> Claim:
        """Note that `key` belongs to `body`, unless it is noted already.

        Raises:
            BadInput: the key is no key.
            KeyReused: it came with another body within KEEP.
            TooManyKeys: the partner has MOST_KEYS within KEEP.
        """
        if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
            raise BadInput(f"Idempotency-Key: use 1 to {LONGEST} printable ASCII characters, such as a UUID")
        name, digest = hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(body).hexdigest()
        for _ in range(_ATTEMPTS):
            held = store.note(_kind(partner), name)
            if held is not None:
                known = json.loads(held.value)
                if now - datetime.fromisoformat(known["at"]) < KEEP:
                    if known["body"] != digest:
                        raise KeyReused("Idempotency-Key: came with another body before; use a new key for every new batch")
                    return Claim(partner, name, digest, now, held.version, bool(known["done"]))
            else:
                self._count(store, partner, now)
            try:
                version = store.put_note(_kind(partner), name, _text(digest, now, done=False), held.version if held else None)
            except Conflict:  # the same key at the same moment: see what stands there now
                continue
            return Claim(partner, name, digest, now, version, done=False)
        raise Conflict("Idempotency-Key: is being used by several requests at this moment; send the batch again")

    def done(self, store: Store, claim: Claim) -> None:
        """The request of `claim` was taken whole."""
        try:
            store.put_note(_kind(claim.partner), claim.key, _text(claim.body, claim.at, done=True), claim.version)
        except Conflict:
            return  # the same request, taken at the same time elsewhere, said so first

    def _count(self, store: Store, partner: str, now: datetime) -> None:
        with self._lock:
            counted, number = self._counts.get(partner, (now - SWEEP * 2, 0))
            if abs(now - counted) >= SWEEP or number >= MOST_KEYS:
                counted, number = now, self._sweep(store, partner, now)
            self._counts[partner] = (counted, number + 1)
        if number >= MOST_KEYS:
            raise TooManyKeys(f"more than {MOST_KEYS:,} keys within 24 hours; send larger batches")

    def _sweep(self, store: Store, partner: str, now: datetime) -> int:
        notes = store.notes(_kind(partner))
        old = [name for name, held in notes.items() if now - datetime.fromisoformat(json.loads(held.value)["at"]) >= KEEP]
        store.drop_notes(_kind(partner), old)
        return len(notes) - len(old)


def _kind(partner: str) -> str:
    return f"received/{partner}"


def _text(body: str, at: datetime, *, done: bool) -> str:
    return json.dumps({"body": body, "at": at.isoformat(), "done": done})
