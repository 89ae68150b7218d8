"""What the crawl stage tells about posts that are no longer to be seen, or are again: a note for each happening.

A post with evidence is worth more when it was deleted, so the alert stage writes what it reads here into the alert's history.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from humiao.post import Frozen, Time
from humiao.store import Store

KIND: Final = "disappearance"
"""Kind of the store's notes that hold them."""


class Disappearance(Frozen):
    """That a post could no longer be seen, or could be seen again."""

    post: str = Field(pattern="^[0-9a-f]{32}$")
    source: str
    thread: str
    """Address of the thread that was read twice without finding it."""
    thread_gone: bool = False
    """The thread itself is gone."""
    back: bool = False
    """It stands there again, unchanged."""
    at: Time
    """When we saw so."""

    @property
    def key(self) -> str:
        """Key of the note: each happening has its own."""
        return f"{self.post} {self.at.isoformat()}"


def tell(store: Store, happened: Sequence[Disappearance]) -> None:
    """Note what happened; telling it again changes nothing."""
    store.put_notes(KIND, {one.key: one.model_dump_json() for one in happened})
