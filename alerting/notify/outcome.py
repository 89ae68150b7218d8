"""What came of handing a message to a receiver."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from humiao.alert import Grade


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt."""

    problem: str = ""
    """Why it failed; empty = the receiver took the message."""
    wait: timedelta | None = None
    """How long the receiver wants to be left alone."""


Deliver = Callable[[str, str, str, Grade], Outcome]
"""Hands over (id, title, text, grade); never raises for what a receiver does."""
