"""A text cut into pieces at the edges of its spans: joined, the pieces are the text again, whatever the spans are.

Cutting happens on code points of the raw text; escaping is the template's business and comes after, so that neither can break
the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from humiao.labels import Harm
from humiao.store.query import tokens
from humiao.verdict import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and why it is marked; not marked when both are empty."""

    text: str
    harms: tuple[Harm, ...] = ()
    """Harms whose spans cover it, strongest first."""
    weight: float = 0.0
    """Largest weight of these spans."""
    found: bool = False
    """It matches a search."""


def by_spans(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Pieces of `text`; spans may overlap, nest, be empty or reach past the end."""
    inside = [span for span in spans if span.start < min(span.end, len(text))]
    edges = sorted({0, len(text), *(span.start for span in inside), *(min(span.end, len(text)) for span in inside)})
    pieces: list[Piece] = []
    for start, end in pairwise(edges):
        covering = sorted((span for span in inside if span.start <= start and end <= span.end), key=lambda span: -span.weight)
        harms = tuple(dict.fromkeys(span.harm for span in covering))
        weight = covering[0].weight if covering else 0.0
        if pieces and pieces[-1].harms == harms:
            pieces[-1] = Piece(pieces[-1].text + text[start:end], harms, max(pieces[-1].weight, weight))
        else:
            pieces.append(Piece(text[start:end], harms, weight))
    return pieces


def by_query(text: str, phrases: Sequence[Sequence[str]], *, around: int | None = None) -> list[Piece]:
    """Pieces of `text` with the matches of a search marked (`phrases` as from `humiao.store.query.phrases`).

    `around` cuts the text to about that many characters before and three times as many after the first match.
    """
    matches = _matches(text, phrases)
    first, last = 0, len(text)
    if around is not None:
        first = max(0, matches[0][0] - around) if matches else 0
        last = min(len(text), first + 4 * around)
    pieces = [Piece("…")] if first else []
    position = first
    for start, end in matches:
        start, end = max(start, position), min(end, last)  # noqa: PLW2901 (clipped to the excerpt)
        if start >= end:
            continue
        if start > position:
            pieces.append(Piece(text[position:start]))
        pieces.append(Piece(text[start:end], found=True))
        position = end
    if position < last:
        pieces.append(Piece(text[position:last]))
    if last < len(text):
        pieces.append(Piece("…"))
    return pieces


def _matches(text: str, phrases: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Ranges of `text` that match a phrase, by start; folding may make one character several tokens."""
    rows = [(token, offset) for offset, char in enumerate(text) for token in tokens(char)]
    row = "".join(f" {token}" for token, _ in rows) + " "
    starts: list[int] = []
    at = 0
    for token, _ in rows:
        starts.append(at)
        at += len(token) + 1
    index = {start: number for number, start in enumerate(starts)}
    found = set()
    for phrase in phrases:
        wanted = "".join(f" {token}" for token in phrase) + " "
        at = row.find(wanted)
        while at >= 0:
            number = index[at]
            found.add((rows[number][1], rows[number + len(phrase) - 1][1] + 1))
            at = row.find(wanted, at + 1)
    return sorted(found)
