"""Download handler that asks a site only as long as the visit has the authority to."""

from scrapy.http import Request, Response

from crawlers.polite.ending import visiting
from crawlers.polite.handler import PoliteHandler
from crawlers.polite.hosts import Turn


class LeasedHandler(PoliteHandler):
    """The check comes after the wait for the host's turn, right before the request leaves."""

    async def _ask(self, request: Request, turn: Turn) -> Response:
        """Raises NotNow where the visit may not ask."""
        return await visiting(self._crawler).visit.authority.ask(lambda: super(LeasedHandler, self)._ask(request, turn))
