"""How far a thread has been read in a visit, and what was found in it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawlers.reading import ReadPost


@dataclass
class Progress:
    """How far a thread has been read in this pass."""

    thread: str
    activity: str
    whole: bool
    """From its first page to its last; otherwise from where it ended last time."""
    looking: bool = False
    """Nothing seemed new: only a look for edits and deletions."""
    suspects: frozenset[str] | None = None
    """Set at the second reading: posts that the first one missed."""
    seen: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    ahead: deque[str] = field(default_factory=deque)
    met_known: bool = False
    found_new: bool = False
    unsure: bool = False
    """A post without an id was met, or not every page is read: nothing can be said about what is missing."""
    tail: str = ""

    def note(self, posts: Sequence[ReadPost], ids: Sequence[str], new: int) -> None:
        """A page was read: its posts, their ids, and how many of them the log did not have."""
        self.found_new = self.found_new or bool(new)
        self.met_known = self.met_known or new < len(ids)
        self.seen.update(id for id, one in zip(ids, posts, strict=True) if not one.withheld)
        self.unsure = self.unsure or not all(one.native_id for one in posts)

    @property
    def purpose(self) -> str:
        """What its requests are for."""
        if self.suspects is not None:
            return "second look"
        if self.looking:
            return "look again"
        return "whole thread" if self.whole else "end of thread"
