"""The places that a post mentions, and the one that it is about."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from alerting.places.boundaries import is_short
from alerting.places.candidates import SAID, Candidate, candidates, settled
from alerting.places.folding import fold
from alerting.places.gazetteer import Gazetteer
from alerting.places.occurrences import Occurrence, occurrences
from alerting.places.place import Kind
from alerting.places.surroundings import Known, Surroundings, certain, known_of, often_said, speaks_of_elsewhere

_TITLE_COUNTS: Final = 2
"""A mention in the title counts as so many in the text."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a post."""

    field: str
    """``title`` or ``text``."""
    start: int
    end: int
    text: str
    """As it stands there."""
    candidates: tuple[Candidate, ...]
    """The best first."""
    place: str | None
    """Id of the place; None = it is not certain which of the candidates is meant."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a post says of where."""

    mentions: tuple[Mention, ...]
    place: str | None
    """Id of the place of the post; None = none is certain."""
    reason: str
    """Why it is that one, or why it is none; empty if nothing is named."""


def find(text: str, around: Surroundings, gazetteer: Gazetteer) -> Whereabouts:
    """The places that a post with `text` mentions, and the one that it is about. Never a guess: what is unsure has no place."""
    fields = {"title": around.title, "text": text}
    folded = {name: fold(content) for name, content in fields.items()}
    found = {name: occurrences(content, gazetteer) for name, content in folded.items()}
    said = {name: fold(getattr(around, name)) for name in ("hint", "board", "parent")}
    known = {name: certain(found[name], gazetteer) for name in fields}
    known |= {name: often_said(said[name], gazetteer) for name in ("hint", "board")}
    known["parent"] = known_of(said["parent"], gazetteer) if any(found.values()) else {}
    away = any(found.values()) and speaks_of_elsewhere(said["hint"], said["board"])
    seen = {"text": known, "title": known | {"text": known["title"], "title": {}}}
    mentions = [
        Mention(name, one.start, one.end, content[one.start : one.end], tuple(options), place)
        for name, content in fields.items()
        for one in found[name]
        for options, place in [_meant(one, folded[name], seen[name], gazetteer, away=away)]
        if options
    ]
    return _whereabouts(mentions, known, gazetteer)


def _meant(
    one: Occurrence, text: str, known: dict[str, Known], gazetteer: Gazetteer, *, away: bool
) -> tuple[list[Candidate], str | None]:
    """What a name in `text` (folded) may mean, and which of it for certain. `away`: board or hint are of another city."""
    if one.name in gazetteer.names:
        options = candidates(one, text, known, gazetteer)
        return options, None if away and is_short(one.name) else settled(options)
    options = _spoken_of(gazetteer.generic[one.name], known, gazetteer)
    return options, options[0].id if len(options) == 1 else None


def _spoken_of(kind: Kind, known: dict[str, Known], gazetteer: Gazetteer) -> list[Candidate]:
    """What a generic word can mean: a place of its kind that the hint names, or else the board."""
    for where in ("hint", "board"):
        ids = sorted(id for id in known[where] if gazetteer.places[id].kind is kind)
        if ids:
            return [Candidate(id, 1.0, (f"{SAID[where][2]}是{gazetteer.places[id].name}",)) for id in ids]
    return []


def _whereabouts(mentions: list[Mention], known: dict[str, Known], gazetteer: Gazetteer) -> Whereabouts:
    """The place named most often counts, titles double, of equals the first; a place before an area, a part before the whole."""
    counts: Counter[str] = Counter()
    for mention in mentions:
        if mention.place:
            counts[mention.place] += _TITLE_COUNTS if mention.field == "title" else 1
    spots = {id: count for id, count in counts.items() if gazetteer.places[id].kind is not Kind.AREA}
    if spots:
        best = max(spots, key=spots.__getitem__)
        return Whereabouts(tuple(mentions), best, _why(best, mentions, gazetteer))
    from_hint, where = _of_hint(known, gazetteer)
    if counts:
        areas = [id for id in counts if not any(id in gazetteer.areas(other) for other in counts)]
        best = max(areas or counts, key=counts.__getitem__)
        if from_hint is None or (from_hint != best and best not in gazetteer.areas(from_hint)):
            return Whereabouts(tuple(mentions), best, _why(best, mentions, gazetteer))
    if from_hint is not None:
        return Whereabouts(tuple(mentions), from_hint, f"{where}是{gazetteer.places[from_hint].name}")
    return Whereabouts(tuple(mentions), None, "")


def _of_hint(known: dict[str, Known], gazetteer: Gazetteer) -> tuple[str | None, str]:
    """The smallest place that the hint, or else the board, names, if it is one alone; and which of the two."""
    for where in ("hint", "board"):
        ids = known[where].keys()
        smallest = [id for id in ids if not any(id in gazetteer.areas(other) for other in ids)]
        if len(smallest) == 1:
            return smallest[0], SAID[where][2]
    return None, ""


def _why(id: str, mentions: list[Mention], gazetteer: Gazetteer) -> str:
    mention = next(one for one in mentions if one.place == id)
    reasons = next(candidate.reasons for candidate in mention.candidates if candidate.id == id)
    where = "标题" if mention.field == "title" else "正文"
    return f"{where}“{mention.text}”即{gazetteer.places[id].name}：{'，'.join(reasons)}"
