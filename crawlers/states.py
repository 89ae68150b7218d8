"""Walls that stand where content should be; the states of a source stand in `humiao.source_status`, which the console reads too."""

from dataclasses import dataclass
from datetime import datetime

from humiao.source_status import ADVICE, State

__all__ = ["ADVICE", "Rested", "State", "Wall"]


@dataclass(frozen=True)
class Rested:
    """A host that asked to be left alone until a time (UTC), and its words; remembered over a restart."""

    host: str
    until: datetime
    reason: str


@dataclass(frozen=True)
class Wall:
    """A page that stands where content should be: never content itself."""

    state: State
    """One of blocked, login_wall, captcha, throttled, unreachable."""
    evidence: str
    """What the page says, at most 200 characters."""
    rested: Rested | None = None
    """Set where a rest that the host asked for ended the visit."""
