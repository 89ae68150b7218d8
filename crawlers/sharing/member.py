"""One process among those that crawl: how long it may act, which hosts are its own, and who else is there.

The protocol, on notes that are written conditionally:

- A member renews a note of its own (`crawler`, key = its id). It may act until two thirds of a lease after the *beginning* of the
  last renewal that succeeded, by its own clock.
- Another member that has seen this note unchanged for a whole lease, by its own clock, declares it dead by writing `ended` over
  the version that it saw. The dead one's next renewal conflicts: it has nothing any more and goes on under a new id. A process of
  the same machine that the operating system knows to be gone is declared dead at once.
- A host belongs to the member whose id stands in its note (`lease`, key = the host), if that member has not ended. Whoever takes it
  over writes over the version that it saw.

So whoever takes a host over does it at least a third of a lease after the last moment in which its former holder may act, whatever
anybody's time of day says and however late a write arrives.
"""

import json
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from crawlers.clock import utc_now
from humiao.errors import Conflict, Unavailable
from humiao.log import liveness
from humiao.source_status import CRAWLER_NOTES, LEASE_NOTES, CrawlerNote
from humiao.store import Versioned

ACTS: Final = 2 / 3
"""Part of a lease, after the beginning of a renewal, for which its member may act."""
FORGOTTEN: Final = 20
"""Leases after which the note of a member that ended is dropped."""


class Notes(Protocol):
    """The part of the store that sharing needs; what it may assume stands in `humiao.store.port`."""

    def note(self, kind: str, key: str) -> Versioned[str] | None:
        """One note."""

    def notes(self, kind: str) -> dict[str, Versioned[str]]:
        """All of a kind."""

    def put_note(self, kind: str, key: str, text: str, version: str | None) -> str:
        """Write over a version; raises Conflict."""

    def drop_notes(self, kind: str, keys: Collection[str]) -> None:
        """Delete."""


@dataclass(frozen=True)
class Myself:
    """What a member says of itself."""

    name: str
    scope: str
    """The same for members with the same sources; empty = it takes part in no fair split."""
    lease: float
    """Seconds."""


@dataclass(frozen=True)
class Seen:
    """What a look at the notes showed."""

    leases: Mapping[str, Versioned[str]] = field(default_factory=dict)
    """By host."""
    living: Mapping[str, CrawlerNote] = field(default_factory=dict)
    """Members that have not ended, by id."""

    def holder(self, host: str) -> str:
        """Id of the living member that the host belongs to; empty = nobody."""
        lease = self.leases.get(host)
        id = str(json.loads(lease.value)["holder"]) if lease else ""
        return id if id in self.living else ""


class Member:
    """Not thread-safe, except for `may_act` and `id`. Every method that writes may raise StoreUnavailable; do it again later."""

    def __init__(
        self, notes: Notes, myself: Myself, clock: Callable[[], float], wall: Callable[[], datetime] = utc_now,
        gone: Callable[[str], bool] = liveness.is_gone,
    ) -> None:  # fmt: skip
        """`clock`: seconds that only grow, also while the machine sleeps; `wall`: the time of day, for people to see only."""
        self._notes, self._me, self._clock, self._wall, self._gone = notes, myself, clock, wall, gone
        self._mark = liveness.mark()
        self.sources = 0
        """How many sources it crawls, for people to see."""
        self._begin()

    def _begin(self) -> None:
        self.id = secrets.token_hex(8)
        self._since = self._wall()
        self._version: str | None = None
        self._beat = 0
        self._renewed: float | None = None
        self._first_seen: dict[str, tuple[str, float]] = {}
        """By member: the version last seen of its note, and when it was first seen."""

    @property
    def may_act(self) -> bool:
        """Whether requests may be made for the hosts that it holds."""
        renewed = self._renewed
        return renewed is not None and self._clock() - renewed < ACTS * self._me.lease

    def renew(self) -> bool:
        """Renew the own note; False: it was declared dead, holds nothing any more, and has begun anew under another id."""
        for _ in range(2):
            began = self._clock()
            self._beat += 1
            try:
                self._version = self._notes.put_note(CRAWLER_NOTES, self.id, self._text(), self._version)
            except Conflict:
                found = self._notes.note(CRAWLER_NOTES, self.id)
                if found is None or CrawlerNote.model_validate_json(found.value).ended:
                    self._begin()
                    return False
                self._version = found.version  # an earlier write of our own, whose answer was lost
            else:
                self._renewed = began
                return True
        return True

    def look(self) -> Seen:
        """Who holds what; declares dead whoever has been silent for a lease, and forgets those long ended."""
        leases = self._notes.notes(LEASE_NOTES)  # before the members: a holder that is not among them afterwards has ended
        found = self._notes.notes(CRAWLER_NOTES)
        now = self._clock()
        self._first_seen = {id: known for id, known in self._first_seen.items() if id in found}
        living, over = {}, []
        for id, note in found.items():
            told = CrawlerNote.model_validate_json(note.value)
            version, since = self._first_seen.get(id, ("", now))
            if version != note.version:
                self._first_seen[id] = (note.version, now)
                since = now
            if told.ended:
                if now - since > FORGOTTEN * told.lease:
                    over.append(id)
            elif not self._declared_dead(id, note, told, now - since):
                living[id] = told
        if over:
            self._notes.drop_notes(CRAWLER_NOTES, over)
        return Seen(leases, living)

    def _declared_dead(self, id: str, note: Versioned[str], told: CrawlerNote, silent: float) -> bool:
        if id == self.id or (silent < max(told.lease, self._me.lease) and not self._gone(told.mark)):
            return False
        try:
            self._notes.put_note(CRAWLER_NOTES, id, told.model_copy(update={"ended": True}).model_dump_json(), note.version)
        except Conflict:
            return False  # it lives after all, or another was faster: the next look tells
        return True

    def take(self, hosts: Collection[str], seen: Seen) -> bool:
        """Make free `hosts` one's own, all or none, as far as `seen` is still true."""
        if not self.may_act or any(seen.holder(host) not in {"", self.id} for host in hosts):
            return False
        taken: dict[str, str] = {}
        try:
            for host in sorted(hosts):
                lease = seen.leases.get(host)
                taken[host] = self._notes.put_note(LEASE_NOTES, host, _held_by(self.id), lease.version if lease else None)
        except (Conflict, Unavailable) as error:
            for host, version in taken.items():
                self._let_go(host, version)
            if isinstance(error, Unavailable):
                raise
            return False
        return True

    def give_back(self, hosts: Collection[str], seen: Seen) -> None:
        """Make hosts of one's own free again. Nothing may be asked of them from before this is called."""
        for host in hosts:
            if seen.holder(host) == self.id:
                self._let_go(host, seen.leases[host].version)

    def _let_go(self, host: str, version: str) -> None:
        try:
            self._notes.put_note(LEASE_NOTES, host, _held_by(""), version)
        except Conflict:
            return  # it is somebody else's already

    def leave(self) -> None:
        """End: everything held is free at once. Nothing may be asked from before this is called."""
        self._renewed = None
        if self._version is not None:
            self._notes.drop_notes(CRAWLER_NOTES, [self.id])
        self._begin()

    def _text(self) -> str:
        return CrawlerNote(
            name=self._me.name, mark=self._mark, beat=self._beat, scope=self._me.scope, lease=self._me.lease, since=self._since,
            at=self._wall(), sources=self.sources,
        ).model_dump_json()  # fmt: skip


def _held_by(id: str) -> str:
    return json.dumps({"holder": id})
