"""From items to parcels: few urgent ones each for itself, all others together. A flood makes a digest, not a flood of messages."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from alerting.notify.items import Item
from alerting.notify.outbox import Parcel
from alerting.notify.wording import Words

SINGLES: Final = 5
"""So many urgent items at a time get a message each; more are told of in one."""


def pack(channel: str, items: Sequence[Item], words: Words, now: datetime) -> list[Parcel]:
    """The parcels of `items`, all of which are due, for `channel`; `now` in UTC."""
    urgent = [one for one in items if not one.digested]
    alone = urgent if len(urgent) <= SINGLES else []
    together = [one for one in items if one.digested or not alone]
    parcels = [_parcel(channel, [one], words, now) for one in alone]
    return parcels + ([_parcel(channel, together, words, now)] if together else [])


def _parcel(channel: str, items: Sequence[Item], words: Words, now: datetime) -> Parcel:
    id = items[0].id if len(items) == 1 else hashlib.sha256("\x1f".join(sorted(one.id for one in items)).encode()).hexdigest()[:16]
    title, text = words.single(items[0], id, now) if len(items) == 1 else words.digest(items, id, now)
    return Parcel(
        id=id,
        channel=channel,
        grade=min((one.grade for one in items), key=lambda grade: grade.rank),
        title=title,
        text=text,
        items=[one.key for one in items],
        since=now,
        next_at=now,
    )
