"""What a list shows from visit to visit: how far it must be read, in which order it stands, and which threads it no longer has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

PINNED: Final = 10
"""Threads at the top of the first page that may be pinned, and so stand in any order."""
ENOUGH: Final = 5
"""Threads with new posts after which a list's order can be judged."""
DISORDER: Final = 0.3
"""Part of them below threads at rest from which on a list is not by activity; a thread moved in from elsewhere stands there too."""


@dataclass
class ListOrder:
    """Follows one list from page to page. Pinned threads may stand at the top of the first page without being marked as such."""

    url: str = ""
    """The list's first page."""
    rows: list[str] = field(default_factory=list)
    """Threads in its order, those marked as sticky left out."""
    still: set[str] = field(default_factory=set)
    """Of them, those of which the list shows nothing new: they keep their order."""
    below: set[str] = field(default_factory=set)
    """With something new, and below something at rest."""
    resting: bool = False
    """Everything from here on should be at rest."""

    def follow(self, rows: Sequence[tuple[str, bool]], *, first_page: bool) -> bool:
        """Whether the next page may have something new.

        Args:
            rows: the page's threads that are not sticky: address, and whether the list shows something new of it.
            first_page: the page is the list's first.
        """
        moved = not first_page
        for place, (thread, new) in enumerate(rows):
            self.rows.append(thread)
            if not new:
                self.still.add(thread)
            elif self.resting:
                self.below.add(thread)
            moved = moved or new
            self.resting = self.resting or (moved and not new and (place >= PINNED or not first_page))
        if rows and not rows[-1][1]:
            self.resting = True
        return not self.resting

    def missing(self, before: Sequence[str]) -> list[str]:
        """Threads of `before`, the list as it was, that are gone from it, moved, or sunk with their last post.

        Threads at rest keep their order. So what stood above one that is still there must be there too, in its place or higher.
        """
        there = set(self.rows)
        last = max((place for place, thread in enumerate(before) if thread in self.still), default=0)
        return [thread for thread in before[:last] if thread not in there]


def by_activity(orders: Sequence[ListOrder], grown: Collection[str]) -> bool | None:
    """Whether lists that were walked through stand in the order of last activity; None = too little was new to say.

    Args:
        orders: the lists.
        grown: threads in which new posts were found. A change without one (a deletion, an edit) moves nothing up.
    """
    news = [thread for order in orders for thread in order.rows if thread in grown]
    below = [thread for order in orders for thread in order.below if thread in grown]
    return len(below) < DISORDER * len(news) if len(news) >= ENOUGH else None
