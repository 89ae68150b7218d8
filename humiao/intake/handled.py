"""Waiting until the stages have handled what went to the log."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from humiao.intake.ledger import Ledger
from humiao.log import DEAD_SUFFIX, POSTS, SCORED, Log
from humiao.store import Store

BATCH: Final = 500
_PAUSE: Final = 0.5
_SKEW: Final = timedelta(minutes=5)
"""How far the log's clock may be behind ours."""


def wait_until_handled(log: Log, store: Store, pending: Ledger, since: datetime, waiting: Callable[[int], None]) -> int:
    """Return when alerting has handled every post of `pending` or it lies in the dead letters; returns how many are dead.

    `pending` is empty afterwards. Dead letters from before `since` are another time's.
    `waiting` is told about twice a second how many are still on their way.
    """
    dead, buried_before = 0, -1
    while True:
        for batch in pending.batches(BATCH):
            stored = store.posts(list(batch))
            pending.strike([id for id, one in stored.items() if one.post.revision == batch[id]])
        buried = sum(log.size(topic + DEAD_SUFFIX) for topic in (POSTS, SCORED))
        if pending and buried != buried_before:
            dead += _strike_dead(log, pending, since - _SKEW)
            buried_before = buried
        if not pending:
            return dead
        waiting(len(pending))
        time.sleep(_PAUSE)


def _strike_dead(log: Log, pending: Ledger, since: datetime) -> int:
    keys: set[str] = set()
    for topic in (POSTS, SCORED):
        dead_letters = log.read(topic + DEAD_SUFFIX)
        keys |= {message.key for message in dead_letters if message.written_at >= since and _is_id(message.key)}
    dead = list(pending.revisions(keys))
    pending.strike(dead)
    return len(dead)


def _is_id(key: str) -> bool:
    return len(key) == 32 and set(key) <= set("0123456789abcdef")  # noqa: PLR2004 (as Post.id)
