"""Downloader middleware that ends the endless: calendars, boards within boards, pages that always have a next one."""

from typing import Final, Self

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawlers.polite.ending import end_visit, refuse, visiting
from crawlers.polite.robots import ROBOTS

LISTS: Final = 5
"""One request in so many may be for lists."""
FEWEST_LISTS: Final = 50
SPENT: Final = "requests_spent"
"""Why Scrapy ends a visit that has spent them."""


class RequestBudget:
    """At most ``visit_requests`` of the source file in a visit. Lists take a fifth: a trap there leaves the threads their share."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._all = self._lists = 0
        self._told = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Count it, or refuse it."""
        if ROBOTS in request.meta:
            return
        most = visiting(self._crawler).source.visit_requests
        if "progress" not in request.cb_kwargs:  # what is of no thread is of a list
            self._lists += 1
            if self._lists > max(FEWEST_LISTS, most // LISTS):
                self._tell("the visit has read as many list pages as it may", max(FEWEST_LISTS, most // LISTS))
                refuse(self._crawler, "budget", "no more list pages in this visit")
        self._all += 1
        if self._all > most:
            self._tell("the visit has made as many requests as it may", most)
            end_visit(self._crawler, SPENT)
            refuse(self._crawler, "budget", "no more requests in this visit")

    def _tell(self, event: str, most: int) -> None:
        if not self._told:
            visiting(self._crawler).trouble(event, most=most)
            self._told = True
