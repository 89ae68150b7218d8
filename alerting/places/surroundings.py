"""What is known around a mention: board, the source's hint, title, the post answered, and what else the text names for certain."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from alerting.places.boundaries import is_short
from alerting.places.folding import fold
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


@dataclass(frozen=True)
class Known:
    """Places that one of the texts names for certain, with where each stands."""

    spans: dict[str, list[Occurrence]] = field(default_factory=dict)

    def ids(self) -> set[str]:
        """The places."""
        return set(self.spans)


def certain(found: Iterable[Occurrence], gazetteer: Gazetteer) -> Known:
    """The occurrences whose name means one place alone."""
    spans: dict[str, list[Occurrence]] = {}
    for one in found:
        ids = gazetteer.names.get(one.name, {})
        if len(ids) == 1:
            spans.setdefault(next(iter(ids)), []).append(one)
    return Known(spans)


def known_of(text: str, gazetteer: Gazetteer) -> Known:
    """What `text` names for certain."""
    return certain(occurrences(text, gazetteer), gazetteer) if text else Known()


def speaks_of_elsewhere(around: Surroundings) -> bool:
    """Whether board or hint name another city, so that a short form is not surely ours."""
    folded = fold(around.board), fold(around.hint)
    return any(word in text for word in ELSEWHERE for text in folded if text)


def unsure_elsewhere(name: str) -> bool:
    """Whether a name is too short to be ours on another city's board."""
    return is_short(name)
