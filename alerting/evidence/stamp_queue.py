"""Time stamps that could not be had at once: notes of the store, and a round of the alert stage that asks again."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from pydantic import Field

from alerting import events
from alerting.decisions import resolve
from alerting.evidence import stamps
from alerting.evidence.digests import sha256
from alerting.evidence.layout import Stamping
from alerting.evidence.stamps import Stamp
from humiao import metrics
from humiao.blobs import Blobs
from humiao.errors import BadInput, Conflict, NotFound, SettingsError, Unavailable
from humiao.event import Event
from humiao.post import Frozen, Time, parse
from humiao.settings import EvidenceSettings, TimestampAuthority
from humiao.store import Store, Versioned

WANTED: Final = "timestamp"
"""Kind of the notes."""
KIND: Final = "stamped"
"""Kind of the event that holds a time stamp."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)

_lines = structlog.get_logger()


class Wanted(Frozen):
    """A time stamp that an authority has not given yet."""

    alert: str = Field(pattern="^[0-9a-f]{32}$")
    manifest: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the manifest, which is in the blob store."""
    authority: str
    attempts: int = Field(default=1, ge=0)
    due: Time
    """When to ask again (UTC)."""


def utc_now() -> datetime:
    """The time (UTC): what a time stamp is compared with is this machine's own clock, nothing else."""
    return datetime.now(UTC)


def ask_all(settings: EvidenceSettings, manifest: bytes) -> Stamping:
    """Ask every authority for a stamp over `manifest`.

    Raises:
        SettingsError: the root certificates of one can't be read.
    """
    granted: list[Stamp] = []
    pending: list[str] = []
    for authority in settings.authorities:
        try:
            granted.append(stamps.ask(authority, manifest, settings.timestamp_seconds, utc_now))
        except Unavailable as error:
            _lines.warning("no time stamp", reason=str(error))
            pending.append(authority.url)
    return Stamping(tuple(granted), tuple(pending))


def keep(store: Store, blobs: Blobs, alert: str, manifest: bytes, stamping: Stamping, now: datetime) -> None:
    """Write the stamps of an export into the alert's chain, and queue those that are still wanted."""
    for stamp in stamping.granted:
        record(store, alert, sha256(manifest), stamp, now)
    if stamping.pending:
        digest = blobs.put(manifest)
        wanted = [Wanted(alert=alert, manifest=digest, authority=url, due=now + FIRST_PAUSE) for url in stamping.pending]
        store.put_notes(WANTED, {_key(one): one.model_dump_json() for one in wanted})


def record(store: Store, alert: str, manifest: str, stamp: Stamp, now: datetime) -> None:
    """Write a stamp into the chain of the alert that `alert` leads to, unless it says so already."""

    def unless_told(chain: list[Event]) -> events.Entry | None:
        told = any(
            event.kind == KIND and event.data.get("manifest") == manifest and event.data["stamp"]["authority"] == stamp.authority
            for event in chain
        )
        return None if told else (KIND, {"manifest": manifest, "stamp": stamp.model_dump(mode="json")})

    events.append_if(store, resolve(store, alert).value.id, events.SYSTEM, now, unless_told)


class Retry:
    """Asks again for stamps that are wanted, one at a time, beside the stage's own work: no authority can hold that up."""

    def __init__(self, store: Store, blobs: Blobs, settings: EvidenceSettings) -> None:
        self._store, self._blobs, self._settings = store, blobs, settings
        self._asking: threading.Thread | None = None
        self._wanted: Versioned[Wanted] | None = None
        self._answer: Stamp | None = None

    def __call__(self, now: datetime) -> None:
        """Take an answer that has come, and ask for what is due.

        Raises:
            Unavailable: the store doesn't answer; what was due still is.
        """
        if self._asking and self._asking.is_alive():
            return
        if self._asking and self._wanted:
            self._take(self._wanted.value, now)
            self._asking = self._wanted = self._answer = None
        waiting = self._waiting()
        metrics.TIMESTAMPS_WAITING.set(len(waiting))
        authorities = {authority.url: authority for authority in self._settings.authorities}
        for note in sorted(waiting, key=lambda note: note.value.due):
            if note.value.due <= now and (authority := authorities.get(note.value.authority)) and self._claimed(note, now):
                self._ask(authority, note)
                return

    def wait(self) -> None:
        """Until the authority that is being asked has answered or its time is over."""
        if self._asking:
            self._asking.join()

    def _waiting(self) -> list[Versioned[Wanted]]:
        found = []
        for key, note in self._store.notes(WANTED).items():
            try:
                found.append(Versioned(parse(Wanted, note.value.encode()), note.version))
            except BadInput as error:
                _lines.warning("wanted time stamp refused", key=key, reason=str(error))
                self._store.drop_notes(WANTED, [key])
                metrics.TIMESTAMPS.labels("given_up").inc()
        return found

    def _claimed(self, note: Versioned[Wanted], now: datetime) -> bool:
        """Move the note on to its next time before asking: of several workers one asks, and a killed one costs a pause."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(note.value.attempts, 20))
        moved = note.value.model_copy(update={"attempts": note.value.attempts + 1, "due": now + pause})
        try:
            self._store.put_note(WANTED, _key(note.value), moved.model_dump_json(), note.version)
        except Conflict:
            return False
        return True

    def _ask(self, authority: TimestampAuthority, note: Versioned[Wanted]) -> None:
        try:
            manifest = self._blobs.get(note.value.manifest)
        except NotFound as error:
            _lines.warning("manifest without time stamp is gone", reason=str(error))
            self._store.drop_notes(WANTED, [_key(note.value)])
            metrics.TIMESTAMPS.labels("given_up").inc()
            return

        def ask() -> None:
            try:
                self._answer = stamps.ask(authority, manifest, self._settings.timestamp_seconds, utc_now)
            except (Unavailable, SettingsError) as error:
                _lines.warning("no time stamp", alert=note.value.alert, attempts=note.value.attempts, reason=str(error))

        self._wanted = note
        self._asking = threading.Thread(target=ask, name="timestamp", daemon=True)
        self._asking.start()

    def _take(self, wanted: Wanted, now: datetime) -> None:
        if self._answer is None:
            metrics.TIMESTAMPS.labels("failed").inc()
            return
        record(self._store, wanted.alert, wanted.manifest, self._answer, now)
        self._store.drop_notes(WANTED, [_key(wanted)])
        metrics.TIMESTAMPS.labels("granted").inc()


def _key(wanted: Wanted) -> str:
    return sha256(f"{wanted.manifest}\x1f{wanted.authority}".encode())[:32]
