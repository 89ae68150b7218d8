"""What a look at a site leads to."""

from dataclasses import dataclass, field
from typing import Any

from crawlers.proposal.look import Looked
from crawlers.proposal.thread_search import Note
from crawlers.reading import ReadPost
from crawlers.source import Selectors
from crawlers.states import Wall


@dataclass(frozen=True)
class Proposal:
    """A source file without what only a person knows."""

    family: str
    recognised: str
    """How, in Chinese and English."""
    start: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    title: str = ""
    """What the site calls itself."""
    selectors: Selectors | None = None
    encoding: str = ""
    board: str = ""
    notes: dict[str, Note] = field(default_factory=dict)
    """By field, such as ``thread.author``."""
    posts: tuple[ReadPost, ...] = ()
    """What would be collected from the pages seen."""
    partial: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Selectors that were found where they do not make a whole: ``{"list": {"row": …}}``."""
    missing: dict[str, str] = field(default_factory=dict)
    """Fields that a person must fill in, and where to look."""
    remarks: tuple[str, ...] = ()

    @property
    def missing_required(self) -> bool:
        """Whether the file can't be read as it is."""
        return self.family == "html" and self.selectors is None

    @property
    def whole(self) -> int:
        """Posts that would be collected."""
        return sum(not post.trouble and not post.withheld and post.ts is not None for post in self.posts)


@dataclass(frozen=True)
class NothingFound:
    """Why there is no proposal, and what to do instead: Chinese first, English after."""

    reason: str
    advice: str
    wall: Wall | None = None


@dataclass(frozen=True)
class Outcome:
    """One look."""

    found: Proposal | NothingFound
    looked: Looked
