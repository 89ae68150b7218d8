"""One worker at a time: who serves a channel, until when, and when the channel may be used again."""

from datetime import datetime, timedelta

from humiao.errors import Conflict
from humiao.post import Frozen, Time, parse
from humiao.store import Store

KIND = "notify/leases"


def held(store: Store) -> list[str]:
    """Names that anybody ever had a lease on."""
    return list(store.notes(KIND))


class _Term(Frozen):
    holder: str
    until: Time
    free_at: Time
    """The channel's own pace: not before this, whoever holds it."""


class Lease:
    """A worker's hold on a name in the store. It ends by itself when the worker falls silent."""

    def __init__(self, store: Store, name: str, holder: str, lasts: timedelta) -> None:
        """`holder` is unique to this worker, `lasts` longer than anything it does between two calls of `take`."""
        self._store, self._name, self._holder, self._lasts = store, name, holder, lasts

    def take(self, now: datetime) -> datetime | None:
        """Take or renew it; returns when the channel may be used, or None if somebody else has it."""
        found = self._store.note(KIND, self._name)
        term = parse(_Term, found.value.encode()) if found else _Term(holder="", until=now, free_at=now)
        if term.holder not in {"", self._holder} and term.until > now:
            return None
        if term.holder == self._holder and term.until - now > self._lasts / 2:
            return term.free_at
        return term.free_at if self._write(now, term.free_at, found.version if found else None) else None

    def use(self, now: datetime, free_at: datetime) -> bool:
        """Renew it and note when the channel may be used next; False if it was lost meanwhile: then do nothing."""
        found = self._store.note(KIND, self._name)
        if found is None or parse(_Term, found.value.encode()).holder != self._holder:
            return False
        return self._write(now, free_at, found.version)

    def release(self, now: datetime) -> None:
        """Let others have it at once."""
        found = self._store.note(KIND, self._name)
        if found and (term := parse(_Term, found.value.encode())).holder == self._holder:
            self._put(_Term(holder="", until=now, free_at=term.free_at), found.version)

    def _write(self, now: datetime, free_at: datetime, version: str | None) -> bool:
        return self._put(_Term(holder=self._holder, until=now + self._lasts, free_at=free_at), version)

    def _put(self, term: _Term, version: str | None) -> bool:
        try:
            self._store.put_note(KIND, self._name, term.model_dump_json(), version)
        except Conflict:
            return False
        return True
