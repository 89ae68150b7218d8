"""The outbox in the store: for each channel items that wait to be packed, parcels that wait to be taken, and dead letters.

All of it are notes, written before what they follow from is deleted: a kill repeats work under the same ids, and loses none.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from alerting.notify.items import Item
from humiao import metrics
from humiao.alert import Grade
from humiao.errors import BadInput
from humiao.post import Frozen, Time, parse
from humiao.store import Store

_PARCEL: Final = "parcel/"
_LATER: Final = "later/"
_DEAD: Final = "notify/dead"
_AT_A_TIME: Final = 500
_lines = structlog.get_logger()


class Parcel(Frozen):
    """One message, ready to be sent."""

    id: str
    """Stable: the receiver sees the same id when it gets a message twice."""
    channel: str
    grade: Grade
    """The most urgent of its items."""
    title: str
    text: str
    items: list[str]
    """Keys of the items that it tells of."""
    since: Time
    """Packed at, or put back from the dead letters at."""
    next_at: Time
    """Not to be sent before."""
    attempts: int = 0
    problem: str = ""
    """Why the last attempt failed."""

    @property
    def key(self) -> str:
        """Key of its note."""
        return f"{_PARCEL}{self.id}"


@dataclass(frozen=True, slots=True)
class Box:
    """What waits for a channel."""

    items: list[Item]
    """By due time."""
    parcels: list[Parcel]

    def due(self, now: datetime) -> list[Item]:
        """Items that may be packed."""
        return [one for one in self.items if one.due <= now]


def read(store: Store, channel: str) -> Box:
    """Parcels and items that `channel` may send at once."""
    waiting = _readable(store, _kind(channel))
    return Box([one for one in waiting if isinstance(one, Item)], [one for one in waiting if isinstance(one, Parcel)])


def later(store: Store, channel: str) -> list[Item]:
    """Items of `channel` that had to wait for a digest or for the end of quiet hours: many, perhaps."""
    return [one for one in _readable(store, _kind(channel, _LATER)) if isinstance(one, Item)]


def settled(store: Store, channel: str, box: Box) -> Box:
    """`box` without items that one of its parcels holds already, as after a kill while packing; they are taken out of the store."""
    packed = {key for parcel in box.parcels for key in parcel.items}
    _drop(store, channel, [one.key for one in box.items if one.key in packed])
    return Box(sorted((one for one in box.items if one.key not in packed), key=lambda one: one.key), box.parcels)


def add(store: Store, channel: str, items: Iterable[Item]) -> None:
    """Put items in; one that is there already is written again."""
    kinds: dict[str, dict[str, str]] = defaultdict(dict)
    for one in items:
        kinds[_kind(channel, one.key)][one.key] = one.model_dump_json()
    for kind, notes in kinds.items():
        store.put_notes(kind, notes)


def pack(store: Store, parcels: Sequence[Parcel]) -> None:
    """Put parcels in, and take out the items that they hold."""
    for parcel in parcels:
        keep(store, parcel)
        _drop(store, parcel.channel, parcel.items)


def keep(store: Store, parcel: Parcel) -> None:
    """Write a parcel as it is now."""
    store.put_notes(_kind(parcel.channel), {parcel.key: parcel.model_dump_json()})


def sent(store: Store, parcel: Parcel) -> None:
    """Take out a parcel that was taken."""
    store.drop_notes(_kind(parcel.channel), [parcel.key])


def bury(store: Store, parcel: Parcel) -> None:
    """Make a parcel a dead letter."""
    store.put_notes(_DEAD, {f"{parcel.channel}/{parcel.id}": parcel.model_dump_json()})
    store.drop_notes(_kind(parcel.channel), [parcel.key])


def dead(store: Store) -> list[Parcel]:
    """The dead letters, oldest first."""
    found = [parse(Parcel, note.value.encode()) for note in store.notes(_DEAD).values()]
    return sorted(found, key=lambda one: (one.since, one.id))


def revive(store: Store, parcels: Iterable[Parcel], now: datetime, to: str = "") -> int:
    """Put dead letters back, to be tried from `now` on as if new, by the channel `to` (empty = their own); returns how many."""
    count = 0
    for parcel in parcels:
        channel = to or parcel.channel
        keep(store, parcel.model_copy(update={"channel": channel, "since": now, "next_at": now, "attempts": 0}))
        store.drop_notes(_DEAD, [f"{parcel.channel}/{parcel.id}"])
        count += 1
    return count


def _kind(channel: str, key: str = "") -> str:
    return f"notify/{'later' if key.startswith(_LATER) else 'to'}/{channel}"


def _drop(store: Store, channel: str, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _AT_A_TIME):
        by_kind: dict[str, list[str]] = defaultdict(list)
        for key in keys[start : start + _AT_A_TIME]:
            by_kind[_kind(channel, key)].append(key)
        for kind, some in by_kind.items():
            store.drop_notes(kind, some)


def _readable(store: Store, kind: str) -> list[Item | Parcel]:
    """What the notes of `kind` hold; one that can't be read is counted and taken out."""
    found: list[Item | Parcel] = []
    for key, note in store.notes(kind).items():
        try:
            raw = note.value.encode()
            found.append(parse(Parcel, raw) if key.startswith(_PARCEL) else parse(Item, raw))
        except BadInput as error:
            _lines.warning("note of the outbox refused", kind=kind, key=key, reason=str(error))
            metrics.NOTIFICATIONS_LEFT_OUT.labels("unreadable").inc()
            store.drop_notes(kind, [key])
    return found
