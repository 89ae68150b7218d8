"""Where in a post its time, author, text and id stand: every selector is tried on every post, and the one that fits best wins."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawlers.proposal.selector_making import candidates, find

LOOKED_AT: Final = 14
"""Posts whose elements are tried."""


@dataclass(frozen=True)
class Post:
    """One post's element, cut out of its page: without the posts within it, with what follows where posts are spread."""

    root: Any
    page: int
    """Which of the pages it stands on."""
    url: str
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Found:
    """A selector for one field, and why."""

    selector: str = ""
    pattern: str = ""
    score: float = 0.0
    share: float = 0.0
    """Of the posts, how many have it."""
    reason: str = ""
    values: tuple[str, ...] = ()
    """What it gives, post by post."""


NOTHING: Final = Found()


def spread(posts: Sequence[Post]) -> list[Post]:
    """Some posts from all over the pages."""
    step = max(1, len(posts) // LOOKED_AT)
    return list(posts[::step][: LOOKED_AT + 2])


def tries(posts: Sequence[Post], wanted: Callable[[Any], bool], *, most: int = 260) -> dict[str, None]:
    """Selectors of elements that are `wanted`, in some posts."""
    found: dict[str, None] = {}
    for place in (False, True):
        for post in spread(posts):
            for element in post.root.iter():
                if isinstance(element.tag, str) and wanted(element):
                    for one in candidates(element, post.root, place=place):
                        found.setdefault(one)
                        if len(found) > most * (1 + place):
                            break
    return found


def first(post: Post, selector: str) -> Any | None:
    """The first element of a post that `selector` finds."""
    found = find(post.root, selector)
    return found[0] if found else None


def best(found: Iterable[Found]) -> Found:
    """The one with the highest score."""
    return max(found, key=lambda one: one.score, default=NOTHING)
