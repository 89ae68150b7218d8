"""How far the lists of a source are read in a visit, and what is remembered of them until the next one."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from crawlers.list_order import ListOrder, by_activity
from crawlers.source import Source
from crawlers.state import CrawlState

WALK: Final = timedelta(hours=20)
"""A list is read to its end after so long, then twice as long, and so on; in between, only as far as something is new on it."""
LONGEST: Final = timedelta(days=7)
KEPT: Final = 200
"""Threads of a list that are remembered."""
_WALKED, _PAUSE, _ORDERED, _LIST = "walked", "walk after", "lists by activity", "list "


class ListWalks:
    """The lists of one visit."""

    def __init__(self, state: CrawlState, source: Source, began: datetime) -> None:
        self._state, self._source, self._began = state, source.name, began
        self._orders: list[ListOrder] = []
        walked = state.note(self._source, _WALKED)
        self._first = not walked
        self._pause = timedelta(seconds=float(state.note(self._source, _PAUSE) or WALK.total_seconds()))
        ordered = state.note(self._source, _ORDERED) == "yes"
        self.due = not walked or datetime.fromisoformat(walked) + self._pause <= began
        """Whether it is time to read lists to their end, to see whether something new stands there. Enough for timelines."""
        self.to_the_end = self.due or not ordered
        """Whether lists of threads are read to their end: also where something new may stand anywhere."""

    def begin(self, url: str) -> ListOrder:
        """A list whose first page is asked for."""
        self._orders.append(ListOrder(url))
        return self._orders[-1]

    def missing(self) -> list[str]:
        """Threads that stood on the lists at the visit before and should stand on what was read of them now, but do not."""
        elsewhere = {thread for order in self._orders for thread in order.rows}
        found = (thread for order in self._orders for thread in order.missing(self._before(order)))
        return [thread for thread in dict.fromkeys(found) if thread not in elsewhere]

    def end(self, grown: Collection[str], *, complete: bool) -> None:
        """Remember the lists; `grown`: threads in which new posts were found, `complete`: nothing was left out."""
        for order in self._orders:
            if order.rows:
                self._state.keep_note(self._source, _LIST + order.url, json.dumps(order.rows[:KEPT], ensure_ascii=False))
        if not (self.to_the_end and complete):
            return
        if self.due:
            self._state.keep_note(self._source, _WALKED, self._began.isoformat())
        judged = None if self._first else by_activity(self._orders, grown)
        if judged is None:
            return
        self._state.keep_note(self._source, _ORDERED, "yes" if judged else "no")
        pause = min(LONGEST, self._pause * 2) if judged else WALK
        self._state.keep_note(self._source, _PAUSE, str(pause.total_seconds()))

    def _before(self, order: ListOrder) -> list[str]:
        kept = self._state.note(self._source, _LIST + order.url)
        return [str(thread) for thread in json.loads(kept)] if kept else []
