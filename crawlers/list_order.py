"""Whether a list stands in the order of last activity: then everything below the first thread at rest is at rest too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PINNED: Final = 10
"""Threads at the top of the first page that may be pinned, and so stand in any order."""


@dataclass
class ListOrder:
    """Follows one list from page to page. Pinned threads may stand at the top of the first page without being marked as such."""

    broken: bool = False
    """Something new stood below something at rest: each page of this list has to be looked at."""
    resting: bool = False
    """Everything from here on should be at rest."""

    def follow(self, news: Sequence[bool], *, first_page: bool) -> bool:
        """Whether the next page may have something new; `news`: for each thread of the page that is not sticky, whether it has."""
        moved = not first_page
        for place, new in enumerate(news):
            if new and self.resting:
                self.broken = True
            moved = moved or new
            self.resting = self.resting or (moved and not new and (place >= PINNED or not first_page))
        if news and not news[-1]:
            self.resting = True
        return self.broken or not self.resting
