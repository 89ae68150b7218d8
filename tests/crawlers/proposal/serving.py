"""A built site on loopback."""

from tests.crawlers.proposal.sites.built import Built
from tests.crawlers.site import Site


def serve(built: Built) -> Site:
    """The site with its pages; to be closed by its context."""
    site = Site()
    stated = "" if built.charset != "utf-8" else "; charset=utf-8"
    for path, page in built.pages.items():
        if isinstance(page, tuple):
            site.pages[path] = page
        else:
            site.pages[path] = (
                200,
                {"Content-Type": f"text/html{stated}"},
                page.encode(built.charset) if isinstance(page, str) else page,
            )
    return site
