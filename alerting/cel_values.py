"""What a condition is made of while it is compiled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alerting.facts import Kind

Run = Callable[[Mapping[str, Any]], Any]
"""Facts -> value."""


class ConditionError(ValueError):
    """A condition that can't be: the message says why, `line` and `column` (from 1) where in its text."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class Failed(Exception):
    """A value that does not exist on these facts: an index beyond the end, a division by zero, a text that is no number."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A part of a condition: its type, and how to get its value."""

    kind: Kind
    run: Run
    name: str = ""
    """The fact that it is or comes from."""
    values: frozenset[str] = frozenset()
    """The texts that it can be; empty = any."""
    literal: Any = None
    texts: tuple[str, ...] = ()
    """The texts that are written in it, alone or as entries of a list."""
