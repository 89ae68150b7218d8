"""What a family is: the knowledge of one kind of site, as pure functions of a page."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from scrapy.http import TextResponse

from crawlers.reading import Reading
from crawlers.source import Source


class Family(ABC):
    """How one kind of forum software, API or feed is read. Asks for nothing and remembers nothing; the spider does both.

    A page comes as it was fetched, with any status: 404 and 410 too, and walls that say 200. `now` is when it was fetched (UTC):
    relative times on it count from there. Times without offset are in `source.zone`.
    """

    name: ClassVar[str]
    """As source files write it."""
    binary: ClassVar[tuple[bytes, ...]] = ()
    """First bytes of pages that are no text and are read all the same."""

    @abstractmethod
    def recognises(self, page: TextResponse) -> bool:
        """Whether the page comes from this kind of site, by its own marks and not by the address alone."""

    def starts(self, source: Source) -> tuple[str, ...]:
        """Lists to begin with; a family with an API derives its addresses from ``source.start``."""
        return source.start

    @abstractmethod
    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:
        """Boards, threads, further pages, and for timelines and feeds the posts of a list page."""

    @abstractmethod
    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """Posts and further pages of a page of a thread; `first`: it is the thread's first page, whose first post has the title.

        A family whose lists hold the posts themselves never has this called and raises NotImplementedError.
        """
