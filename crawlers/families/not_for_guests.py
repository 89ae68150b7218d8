"""Pages that guests may not read, on a site that they may: one thread or board among others, not a wall before the site."""

from scrapy.http import TextResponse

from crawlers.reading import Reading
from crawlers.source import Source
from crawlers.states import State, Wall


def refused(page: TextResponse, wall: Wall, source: Source) -> Reading:
    """What a notice means: before a start page it is a wall; a login elsewhere closes this one page alone."""
    if wall.state == State.LOGIN_WALL and _asked(page) not in source.start:
        return Reading(no_thread=True, closed=wall)
    return Reading(wall=wall)


def _asked(page: TextResponse) -> str:
    """The address that was asked for; a private site redirects everything to its login page."""
    if page.request is None:
        return page.url
    redirected: list[str] = page.request.meta.get("redirect_urls", [])
    return redirected[0] if redirected else page.request.url
