"""What the network reads of a post: windows of pieces, the post that it answers behind them, and the window's characters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from classifier import characters
from classifier.characters import Characters
from classifier.pieces import Pieces

WINDOW: Final = 126
"""Pieces that the encoder sees at once, those of the context included."""
STRIDE: Final = 94
"""Distance between two windows of a long post."""
MOST_WINDOWS: Final = 64
"""Windows judged of a very long post, spread evenly over it."""
CONTEXT: Final = 30
"""Most pieces that are read of the post which this one answers: its beginning."""
CONTEXT_CHARACTERS: Final = 120
LONGEST: Final = 1200
"""Characters that the n-grams of one window may span (a piece can be longer than it looks: an endless URL, spaces)."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a normalised text, ready for the network."""

    ids: list[int]
    """CLS, pieces, SEP and, with a context, its pieces and another SEP."""
    context: int
    """How many of the last ids are context."""
    letters: list[int]
    """Character ids of the window's text, for the n-grams."""
    start: int
    """Where the window begins in the text, in characters."""
    end: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows as rectangles of int64."""

    ids: Tensor
    mask: Tensor
    """1 where there is a piece, 0 where there is padding."""
    types: Tensor
    """1 for context, 0 for the post itself."""
    letters: Tensor
    own: Tensor
    """The ids without those of the context, for the n-grams."""


class Reader:
    """Cuts texts into windows. The text comes first, so that what a post says itself never falls out for its context."""

    def __init__(self, pieces: Pieces, letters: Characters) -> None:
        self.pieces = pieces
        self.letters = letters

    def windows(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> list[list[Window]]:
        """The windows of each normalised text; `contexts`: normalised beginnings of the posts answered, empty where none."""
        behind = self.pieces.ids([context[:CONTEXT_CHARACTERS] for context in contexts]) if contexts else [[] for _ in texts]
        found = []
        for text, ids, context in zip(texts, self.pieces.ids(texts), behind, strict=True):
            tail = [*context[:CONTEXT], self.pieces.sep] if context else []
            room = WINDOW - len(tail)
            if len(ids) <= room and len(text) <= LONGEST:
                found.append(
                    [Window([self.pieces.cls, *ids, self.pieces.sep, *tail], len(tail), self._letters(text), 0, len(text))]
                )
            else:
                found.append(self._several(text, tail, room))
        return found

    def first(self, text: str, context: str = "") -> Window:
        """The first window of a normalised text."""
        return self.windows([text], [context])[0][0]

    def _several(self, text: str, tail: list[int], room: int) -> list[Window]:
        ids, ranges = self.pieces.cut(text)
        starts = starts_of(len(ids), room, STRIDE - len(tail))
        windows = []
        for start in starts:
            part, places = ids[start : start + room], ranges[start : start + room]
            low, high = (places[0][0], places[-1][1]) if places else (0, 0)
            windows.append(
                Window([self.pieces.cls, *part, self.pieces.sep, *tail], len(tail), self._letters(text[low:high]), low, high)
            )
        return windows

    def _letters(self, text: str) -> list[int]:
        return [characters.CLS, *self.letters.ids(text[:LONGEST]), characters.SEP]


def starts_of(length: int, room: int, stride: int) -> list[int]:
    """Where windows of `room` begin in `length` pieces; together they cover them, up to MOST_WINDOWS."""
    if length <= room:
        return [0]
    starts = [*range(0, length - room, stride), length - room]
    if len(starts) <= MOST_WINDOWS:
        return starts
    return [starts[round(number * (len(starts) - 1) / (MOST_WINDOWS - 1))] for number in range(MOST_WINDOWS)]


def batch_of(windows: Sequence[Window], pad: int, device: str = "cpu") -> Batch:
    """The windows as rectangles; `pad`: id of the padding piece."""
    width = max(len(window.ids) for window in windows)
    ids = [window.ids + [pad] * (width - len(window.ids)) for window in windows]
    mask = [[1] * len(window.ids) + [0] * (width - len(window.ids)) for window in windows]
    types = [_types(window, width) for window in windows]
    first, second, third = (torch.tensor(table, device=device) for table in (ids, mask, types))
    return Batch(first, second, third, *(table.to(device) for table in counted_of(windows)))


def counted_of(windows: Sequence[Window]) -> tuple[Tensor, Tensor]:
    """What the n-grams are counted in: the windows' characters and their own pieces as rectangles, padded with 0."""
    return _padded([window.letters for window in windows]), _padded([_own(window) for window in windows])


def _own(window: Window) -> list[int]:
    return window.ids[: len(window.ids) - window.context] if window.context else window.ids


def _padded(rows: Sequence[list[int]]) -> Tensor:
    most = max(map(len, rows))
    return torch.tensor([row + [characters.PAD] * (most - len(row)) for row in rows])


def _types(window: Window, width: int) -> list[int]:
    own = len(window.ids) - window.context
    return [0] * own + [1] * window.context + [0] * (width - len(window.ids))
