"""Forum software whose pages can be read by selectors that are known beforehand."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.not_for_guests import refused
from crawlers.html_pages import next_page, page_title, read_boards, read_posts, read_threads
from crawlers.reading import Reading
from crawlers.source import Selectors, Source
from crawlers.states import Wall


class Preset(Family):
    """A family says its selectors, how a thread's address is made canonical, and what its walls look like."""

    by: ClassVar[Selectors]

    def address(self, url: str) -> str:
        """The page's lasting address: what does not name the thread or the page left out."""
        return url

    def first_page(self, url: str) -> str:
        """The thread's first page, whichever page a list leads to."""
        return self.address(url)

    def wall(self, page: TextResponse) -> Wall | None:  # noqa: ARG002 (families override it)
        """The wall that `page` is; None = it is none."""
        return None

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """See `Family.read_list`."""
        if wall := self.wall(page):
            return refused(page, wall, source)
        by = self._by(source).list
        assert by  # a family states it
        threads = [replace(one, url=self.first_page(one.url)) for one in read_threads(page.selector, page.url, by)]
        further = next_page(page.selector, page.url, by.next)
        boards = () if threads else tuple(read_boards(page.selector, page.url, by))
        return Reading(boards=boards, threads=tuple(threads), more=(self.address(further),) if further else ())

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """See `Family.read_thread`."""
        if wall := self.wall(page):
            return refused(page, wall, source)
        by = self._by(source).thread
        posts = read_posts(page.selector, page.url, source, by, first_page=first, now=now)
        if not posts and (gone := self._by(source).gone) and page.css(gone):
            return Reading(gone=True)
        further = next_page(page.selector, page.url, by.next)
        return Reading(posts=tuple(posts), more=(self.address(further),) if further else (), title=page_title(page.selector, by))

    def _by(self, source: Source) -> Selectors:
        return source.overrides.applied(self.by) if source.overrides else self.by
