"""What is known around a mention: board, the source's hint, title, the post answered, and what else the text names for certain."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from alerting.places.gazetteer import ELSEWHERE, Gazetteer
from alerting.places.occurrences import Occurrence, occurrences


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The texts around a post's own text. All may be empty."""

    board: str = ""
    hint: str = ""
    """Place hint of the source."""
    title: str = ""
    parent: str = ""
    """Beginning of the post that is answered."""


@dataclass(slots=True)
class Named:
    """A place that a text names for certain."""

    first: Occurrence
    times: int = 0
    ends: set[int] = field(default_factory=set)
    """Where its names end."""


Known = dict[str, Named]
"""By id: the places that a text names for certain."""


def certain(found: Iterable[Occurrence], gazetteer: Gazetteer) -> Known:
    """The occurrences whose name means one place alone."""
    known: Known = {}
    for one in found:
        ids = gazetteer.names.get(one.name, {})
        if len(ids) == 1:
            named = known.setdefault(next(iter(ids)), Named(one))
            named.times += 1
            named.ends.add(one.end)
    return known


def known_of(text: str, gazetteer: Gazetteer) -> Known:
    """What `text` (folded) names for certain."""
    return certain(occurrences(text, gazetteer), gazetteer) if text else {}


@lru_cache(maxsize=4096)
def often_said(text: str, gazetteer: Gazetteer) -> Known:
    """`known_of` a board or a hint: few texts, met again with every post. Not to be changed."""
    return known_of(text, gazetteer)


def speaks_of_elsewhere(*texts: str) -> bool:
    """Whether board or hint (folded) name another city, so that a short form is not surely ours."""
    return any(word in text for text in texts if text for word in ELSEWHERE)
