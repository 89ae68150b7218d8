"""Names as they stand in a text: the longest wins, none inside of another, none inside of other words."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerting.places.boundaries import from_elsewhere, stands
from alerting.places.gazetteer import Gazetteer
from alerting.places.generic import means_ours


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name or generic word in a text."""

    start: int
    end: int
    name: str
    """Folded."""


def occurrences(text: str, gazetteer: Gazetteer) -> list[Occurrence]:
    """What stands in `text` (folded), by place in it."""
    found = sorted(gazetteer.automaton.occurrences(text), key=lambda span: (span[0] - span[1], span[0]))
    if not found:
        return []
    taken = bytearray(len(text))
    return sorted(_kept(text, found, taken, gazetteer), key=lambda one: one.start)


def _kept(text: str, found: list[tuple[int, int]], taken: bytearray, gazetteer: Gazetteer) -> Iterator[Occurrence]:
    for start, end in found:
        if any(taken[start:end]):
            continue
        name = text[start:end]
        if name in gazetteer.names:
            if not stands(text, start, end, gazetteer):
                continue
            kept = not from_elsewhere(text, start, gazetteer)
        elif name in gazetteer.generic:
            if not (kept := means_ours(text, start, end)):
                continue
        else:
            kept = False
        taken[start:end] = b"\1" * (end - start)
        if kept:
            yield Occurrence(start, end, name)
