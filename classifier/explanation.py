"""What each character of a text is worth to one output: exact for the n-grams, gradient times input for the encoder.

The encoder's part takes the step from the embedding of MASK to the piece's own as the input (one forward and one backward pass, no
gradients of weights). `benchmarks/explain.py` shows how much faster a probability falls when the text goes out in this order than
in a random one.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from classifier.encoding import Reader
from classifier.weights import Network

PIECES_AT_A_TIME: Final = 1024
"""A backward pass keeps what every layer computed, so its memory goes by the pieces that take part."""


def evidence(network: Network, reader: Reader, texts: Sequence[tuple[str, str]], outputs: Sequence[int]) -> list[list[float]]:
    """Worth of each character of each (normalised text, context), in logits of its output."""
    if not texts:
        return []
    windows = [several[0] for several in reader.windows([text for text, _ in texts], [context for _, context in texts])]
    order = sorted(range(len(windows)), key=lambda number: len(windows[number].ids))
    found: list[tuple[list[float], list[float]]] = []
    for batch in _batches(order, [len(window.ids) for window in windows]):
        found += network.evidence([windows[number] for number in batch], [outputs[number] for number in batch])
    worth: list[list[float]] = [[] for _ in texts]
    for number, (pieces, letters) in zip(order, found, strict=True):
        text, _ = texts[number]
        each = [0.0] * len(text)
        for place, value in enumerate(letters[1 : len(text) + 1]):
            each[place] += value
        _, ranges = reader.pieces.cut(text)
        for (start, end), value in zip(ranges, pieces[1:], strict=False):
            for place in range(start, end):
                each[place] += value / (end - start)
        worth[number] = each
    return worth


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """`order` cut into batches of at most PIECES_AT_A_TIME pieces, or of one window."""
    batch: list[int] = []
    pieces = 0
    for number in order:
        if batch and pieces + lengths[number] > PIECES_AT_A_TIME:
            yield batch
            batch, pieces = [], 0
        batch.append(number)
        pieces += lengths[number]
    if batch:
        yield batch
