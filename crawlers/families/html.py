"""Any site, read by the selectors of its source file."""

from datetime import datetime

from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.gone_pages import says_gone
from crawlers.html_pages import next_page, page_title, read_boards, read_posts, read_threads
from crawlers.reading import Reading
from crawlers.source import Selectors, Source
from crawlers.states import State, Wall


class Html(Family):
    """Knows nothing of its own: the source file says where everything stands."""

    name = "html"

    def recognises(self, page: TextResponse) -> bool:  # noqa: ARG002 (the base's signature)
        """Never: it has no marks."""
        return False

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:
        """See `Family.read_list`."""
        by = _selectors(source)
        if wall := _wall(page, by):
            return Reading(wall=wall)
        if by.list is None:
            further = next_page(page.selector, page.url, by.thread.next)
            posts = read_posts(page.selector, page.url, source, by.thread, first_page=False, now=now)
            return Reading(posts=tuple(posts), more=(further,) if further else ())
        further = next_page(page.selector, page.url, by.list.next)
        return Reading(
            boards=tuple(read_boards(page.selector, page.url, by.list)),
            threads=tuple(read_threads(page.selector, page.url, by.list)),
            more=(further,) if further else (),
        )

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """See `Family.read_thread`."""
        by = _selectors(source)
        if wall := _wall(page, by):
            return Reading(wall=wall)
        posts = tuple(read_posts(page.selector, page.url, source, by.thread, first_page=first, now=now))
        if not posts and ((by.gone and page.css(by.gone)) or says_gone(page)):
            return Reading(gone=True)
        further = next_page(page.selector, page.url, by.thread.next)
        return Reading(
            posts=posts,
            more=(further,) if further else (),
            title=page_title(page.selector, by.thread),
        )


def _selectors(source: Source) -> Selectors:
    assert source.selectors  # a source of this family has them (crawlers.source.Source)
    return source.selectors


def _wall(page: TextResponse, by: Selectors) -> Wall | None:
    if by.wall and (found := page.css(by.wall)):
        said = " ".join(" ".join(found[0].css("::text").getall()).split())
        return Wall(State.LOGIN_WALL, said[:200] or by.wall)
    return None
