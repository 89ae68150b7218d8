"""Sentences with their places marked: ``[坂小](bantian-primary)门口``, ``[一中](?x,y)`` where x or y can't be told apart."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from alerting.places import keeping, reading
from alerting.places.gazetteer import Gazetteer
from alerting.places.mentions import Whereabouts, find
from alerting.places.surroundings import Surroundings

HERE = Path(__file__).parent
_MARK = re.compile(r"\[([^\]]*)\]\((\??)([^)]*)\)")

Span = tuple[str, int, int]


@dataclass(frozen=True)
class Sentence:
    """A post's text with what is true of it."""

    text: str
    around: Surroundings
    places: dict[Span, str] = field(default_factory=dict)
    ambiguous: dict[Span, frozenset[str]] = field(default_factory=dict)


def parse(row: dict[str, str]) -> Sentence:
    """A sentence of a file."""
    places, ambiguous, plain = {}, {}, {"text": "", "title": ""}
    for name in ("text", "title"):
        at = 0
        for mark in _MARK.finditer(marked := row.get(name, "")):
            plain[name] += marked[at : mark.start()]
            span = (name, len(plain[name]), len(plain[name]) + len(mark[1]))
            plain[name] += mark[1]
            at = mark.end()
            if mark[2]:
                ambiguous[span] = frozenset(mark[3].split(","))
            else:
                places[span] = mark[3]
        plain[name] += marked[at:]
    around = Surroundings(board=row.get("board", ""), hint=row.get("place", ""), title=plain["title"], parent=row.get("parent", ""))
    return Sentence(plain["text"], around, places, ambiguous)


def sentences(name: str) -> Iterator[Sentence]:
    """Those of a file beside this one."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        yield parse(json.loads(line))


@cache
def district() -> Gazetteer:
    """The shipped sample and invented places of the tests."""
    sample = keeping.load(keeping.SHIPPED)
    more = reading.read(HERE / "district.csv", sample)
    assert more.problems == []
    return Gazetteer([*sample.places.values(), *more.places])


@dataclass
class Score:
    """Mentions over all sentences."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    ambiguous: int = 0
    ambiguous_right: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def add(self, sentence: Sentence, found: Whereabouts) -> None:
        """Count one sentence. A place given for an ambiguous name is wrong, no place for a certain one is missed."""
        got = {(one.field, one.start, one.end): one for one in found.mentions}
        for span, one in got.items():
            if one.place is not None and sentence.places.get(span) != one.place:
                self.wrong += 1
                self.notes.append(f"wrong: {one.text} is {one.place}, not {sentence.places.get(span)}: {sentence.text}")
        for span, place in sentence.places.items():
            if span in got and got[span].place == place:
                self.right += 1
            else:
                self.missed += 1
                self.notes.append(f"missed: {place} at {span}, got {got.get(span)}: {sentence.text}")
        for span, ids in sentence.ambiguous.items():
            self.ambiguous += 1
            one = got.get(span)
            if one is not None and one.place is None and ids <= {candidate.id for candidate in one.candidates}:
                self.ambiguous_right += 1
            else:
                self.notes.append(f"ambiguous: {sorted(ids)}, got {one}: {sentence.text}")


def score(name: str) -> Score:
    """All sentences of a file against the matcher."""
    total = Score()
    for sentence in sentences(name):
        total.add(sentence, find(sentence.text, sentence.around, district()))
    return total
