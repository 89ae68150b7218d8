"""Whether a list stands in the order of last activity: then everything below the first thread at rest is at rest too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PINNED: Final = 10
"""Threads at the top of the first page that may be pinned, and so stand in any order."""


ENOUGH: Final = 5
"""Threads with something new after which a list's order can be judged."""
DISORDER: Final = 0.3
"""Part of them below threads at rest from which on a list is not by activity; a deletion moves one there now and then."""


@dataclass
class ListOrder:
    """Follows one list from page to page. Pinned threads may stand at the top of the first page without being marked as such."""

    news: int = 0
    below: int = 0
    """Of them, how many stood below something at rest."""
    resting: bool = False
    """Everything from here on should be at rest."""

    def follow(self, news: Sequence[bool], *, first_page: bool) -> bool:
        """Whether the next page may have something new; `news`: for each thread of the page that is not sticky, whether it has."""
        moved = not first_page
        for place, new in enumerate(news):
            self.news += new
            self.below += new and self.resting
            moved = moved or new
            self.resting = self.resting or (moved and not new and (place >= PINNED or not first_page))
        if news and not news[-1]:
            self.resting = True
        return not self.resting


def by_activity(orders: Sequence[ListOrder]) -> bool | None:
    """Whether lists that were walked through stand in that order; None = too little was new to say."""
    news, below = sum(order.news for order in orders), sum(order.below for order in orders)
    return below < DISORDER * news if news >= ENOUGH else None
