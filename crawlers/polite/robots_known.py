"""The robots.txt files that this process has read, so that a site is not asked for its own at every visit."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crawlers.polite.robots_rules import Rules

LIFE: Final = 86_400.0
"""Seconds for which a file counts after it was read (RFC 9309, 2.4)."""


@dataclass
class Origin:
    """What is known of one scheme, host and port."""

    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while its file is fetched: of several visits one does it."""
    rules: Rules | None = None
    read_at: float = 0.0


class KnownRobots:
    """By origin, for as long as files count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._origins: dict[str, Origin] = {}

    def of(self, origin: str) -> Origin:
        """What is known of `origin`, such as ``https://host:443``."""
        one = self._origins.setdefault(origin, Origin())
        if one.rules is not None and self._clock() - one.read_at > LIFE:
            one.rules = None
        return one

    def keep(self, origin: str, rules: Rules) -> None:
        """`rules` were read now."""
        one = self._origins.setdefault(origin, Origin())
        one.rules, one.read_at = rules, self._clock()
