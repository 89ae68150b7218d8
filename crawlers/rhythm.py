"""When a thread that seems at rest is looked at again: as its own past suggests, and never at the cost of what is new."""

from datetime import datetime, timedelta
from typing import Final

SHARE: Final = 0.2
"""Looking for edits and deletions takes at most this part of the requests that new posts take."""
GROWTH: Final = 3
"""How much longer each rest is than the one before."""
LARGEST: Final = 50.0
"""Requests of that kind that can be saved up."""


def look_again(now: datetime, changed: datetime, recheck: float, watch_days: float) -> datetime | None:
    """When a thread read whole at `now`, last changed at `changed`, is read whole again; None = no more.

    It rests three times as long as it has rested already (an edit comes soon after a post or hardly ever), at least `recheck`
    seconds (0: every visit looks at it); after `watch_days` without any change it is left alone until its list shows new activity.
    """
    rested = now - changed
    if rested > timedelta(days=watch_days):
        return None
    return now + max(timedelta(seconds=recheck), GROWTH * rested) if recheck else now


class Allowance:
    """How many requests may still be spent on looking again."""

    def __init__(self, saved: float) -> None:
        self.saved = saved

    def earn(self, requests: int = 1) -> None:
        """So many requests were made for new posts."""
        self.saved = min(LARGEST, self.saved + SHARE * requests)

    def spend(self, requests: int) -> None:
        """So many were made to look again; the debt of a long thread is paid off later."""
        self.saved -= requests

    @property
    def left(self) -> bool:
        """Whether one more thread may be looked at."""
        return self.saved >= 1
