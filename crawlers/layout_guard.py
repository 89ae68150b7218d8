"""Holds back pages that do not look like their site's pages; the second one in a row ends the visit."""

from collections.abc import Callable
from typing import Any

from scrapy.exceptions import CloseSpider

from crawlers.layout import LIST, PAGE, TIMELINE, FillRates
from crawlers.reading import Reading
from crawlers.states import State


class LayoutGuard:
    """Of one visit; what it learns goes on to the next one in `to_note`."""

    def __init__(self, note: str, version: str, trouble: Callable[..., Any]) -> None:
        """`note` and `version`: see `FillRates`; `trouble` is told of each page that is held back."""
        self._rates, self._trouble = FillRates(note, version), trouble
        self.changed = ""
        """Why the layout seems to have changed; empty = it does not."""

    def to_note(self) -> str:
        """Everything known, as text."""
        return self._rates.to_note()

    def holds_back(self, reading: Reading, url: str, of: str = PAGE) -> bool:
        """Whether the posts of a page are not to be published; raises CloseSpider at the second such page in a row."""
        found = self._rates.strange(reading.posts, of=of)
        if found:
            self._strange(found, url, of)
        else:
            self._rates.learn(reading.posts, of=of)
        return bool(found)

    def holds_back_list(self, reading: Reading, url: str, *, first_page: bool) -> bool:
        """The same for a page of a list."""
        if reading.posts and self.holds_back(reading, url, TIMELINE):
            return True
        found = self._rates.strange_list(reading.threads, reading.boards) if first_page else ""
        if found:
            self._strange(found, url, LIST)
        elif first_page:
            self._rates.learn_list(reading.threads, reading.boards)
        return bool(found)

    def is_hollow(self, thread: str, url: str, *, alone: bool) -> bool:
        """Whether a thread's page without posts is one of a site whose pages have some.

        Args:
            thread: address of the thread.
            url: of the page.
            alone: no page with posts was read in this visit.

        Raises:
            CloseSpider: it is the second thread of that kind, and nothing had posts in between.
        """
        usual = self._rates.strange(())
        if usual and self._rates.hollow(thread) and alone:
            self._end(usual, "no page has posts any more", url)
        return bool(usual)

    def _strange(self, found: str, url: str, of: str) -> None:
        if self._rates.again(of):
            self._end(found, "page does not look like this site's pages; it is not published", url)
        self._trouble("page does not look like this site's pages; it is not published", url=url, reason=found)

    def _end(self, found: str, event: str, url: str) -> None:
        self.changed = found
        self._trouble(event, url=url, reason=found)
        raise CloseSpider(State.LAYOUT_CHANGED)
