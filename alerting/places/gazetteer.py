"""The gazetteer: places by id, and every name that may mean one or several of them."""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from importlib import resources
from typing import Final

from alerting.places.automaton import Automaton
from alerting.places.folding import fold
from alerting.places.place import Kind, Place
from alerting.places.short_forms import derived


class Naming(IntEnum):
    """How a name belongs to a place; the surer the higher."""

    DERIVED = 0
    """Made by rule from the official name."""
    ALIAS = 1
    OFFICIAL = 2


def _word_list(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in fold(line).split())


ELSEWHERE: Final = _word_list("elsewhere.txt")
"""Names of places outside of any district that this runs in, as they stand before a name."""
NOT_NAMES: Final = _word_list("not_names.txt")
"""Words that hold a short form and name no place."""
GENERIC: Final[dict[str, Kind]] = {
    "我们学校": Kind.SCHOOL, "咱们学校": Kind.SCHOOL, "咱学校": Kind.SCHOOL, "我学校": Kind.SCHOOL, "我们校": Kind.SCHOOL,
    "我校": Kind.SCHOOL, "本校": Kind.SCHOOL, "我的学校": Kind.SCHOOL, "我们的学校": Kind.SCHOOL, "学校": Kind.SCHOOL,
    "校门口": Kind.SCHOOL,
    "我们小区": Kind.ESTATE, "咱们小区": Kind.ESTATE, "咱小区": Kind.ESTATE, "本小区": Kind.ESTATE, "小区": Kind.ESTATE,
    "我们幼儿园": Kind.KINDERGARTEN, "幼儿园": Kind.KINDERGARTEN,
}  # fmt: skip
"""Words that mean whichever place of a kind is spoken of."""


class Gazetteer:
    """A district's places."""

    def __init__(self, places: Iterable[Place]) -> None:
        """Ids must differ; parents that aren't there count as none."""
        self.places: Mapping[str, Place] = {place.id: place for place in places}
        self.names: dict[str, dict[str, Naming]] = {}
        """Folded name -> ids of the places that it may mean, and how it belongs to each."""
        for place in self.places.values():
            for name, naming in names_of(place):
                known = self.names.setdefault(name, {})
                known[place.id] = max(naming, known.get(place.id, naming))
        self.generic: dict[str, Kind] = {word: kind for word, kind in GENERIC.items() if word not in self.names}

    @cached_property
    def automaton(self) -> Automaton:
        """Finds names, generic words, and words that are no names."""
        return Automaton({*self.names, *self.generic, *(NOT_NAMES - set(self.names))})

    def areas(self, id: str) -> tuple[str, ...]:
        """Ids of the areas that a place lies in, the smallest first."""
        return self._areas[id]

    @cached_property
    def _areas(self) -> dict[str, tuple[str, ...]]:
        return {id: tuple(self._above(id)) for id in self.places}

    def _above(self, id: str) -> list[str]:
        found: list[str] = []
        parent = self.places[id].parent
        while parent in self.places and parent not in found:
            found.append(parent)
            parent = self.places[parent].parent
        return found

    @cached_property
    def kinds(self) -> dict[str, frozenset[Kind]]:
        """Name -> kinds of what it may mean."""
        return {name: frozenset(self.places[id].kind for id in ids) for name, ids in self.names.items()}

    @cached_property
    def area_names(self) -> frozenset[str]:
        """Names of areas."""
        return frozenset(name for name, kinds in self.kinds.items() if Kind.AREA in kinds)

    def shared(self) -> dict[str, list[str]]:
        """Names that mean several places, with their ids."""
        return {name: sorted(ids) for name, ids in sorted(self.names.items()) if len(ids) > 1}


def names_of(place: Place) -> Iterator[tuple[str, Naming]]:
    """Every name of a place, folded."""
    yield fold(place.name), Naming.OFFICIAL
    for alias in place.aliases:
        yield fold(alias), Naming.ALIAS
    for form in derived(place):
        yield fold(form), Naming.DERIVED
