"""A visit's authority to ask its site: it may end at any moment, and what is being asked then ends with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from scrapy.exceptions import IgnoreRequest

T = TypeVar("T")


class NotNow(IgnoreRequest):
    """The visit may ask nothing more: another process has the site, a person paused the source, or the stage stops."""


class Authority:
    """Belongs to one visit; used from its event loop."""

    def __init__(self, granted: Callable[[], bool] = lambda: True) -> None:
        """`granted` is asked right before every request."""
        self._granted = granted
        self._ended = False
        self._asking: set[asyncio.Task[object]] = set()

    @property
    def may_ask(self) -> bool:
        """Whether a request may be made now."""
        return not self._ended and self._granted()

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """Make a request.

        Raises:
            NotNow: it may not be made, or was given up.
        """
        if not self.may_ask:
            raise NotNow("this process may not ask the site now")
        asking = asyncio.ensure_future(request())
        self._asking.add(asking)
        try:
            return await asking
        except asyncio.CancelledError:
            if asking.cancelled():
                raise NotNow("given up in the middle") from None
            asking.cancel()
            raise
        finally:
            self._asking.discard(asking)

    def end(self) -> None:
        """Ask nothing more; what is being asked may still be answered."""
        self._ended = True

    def give_up(self) -> None:
        """End, and cut off what is being asked."""
        self._ended = True
        for asking in self._asking:
            asking.cancel()
