"""Walls that stand where content should be; the states of a source stand in `humiao.source_status`, which the console reads too."""

from dataclasses import dataclass

from humiao.source_status import ADVICE, State

__all__ = ["ADVICE", "State", "Wall"]


@dataclass(frozen=True)
class Wall:
    """A page that stands where content should be: never content itself."""

    state: State
    """One of blocked, login_wall, captcha, throttled, unreachable."""
    evidence: str
    """What the page says, at most 200 characters."""
