"""What the readers of this package hand on: rows of a sheet, and posts with where they stood."""

from dataclasses import dataclass

from humiao.post import Post


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet that has something in it."""

    number: int
    """Line of the file (CSV) or row of the sheet (XLSX), from 1."""
    cells: tuple[str, ...]
    problem: str = ""
    """Why it can't be read; empty if it can."""
    hidden: bool = False
    """The workbook does not show it (a filter, most often)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line or row of a file: a post, or why it is none."""

    where: str
    """``FILE:LINE``."""
    post: Post | None
    reason: str = ""
    remarks: tuple[str, ...] = ()
    """What went wrong without costing the post."""
    hidden: bool = False
