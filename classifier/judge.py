"""Posts in, verdicts out: normalise, batch by length, run the network, calibrate, explain."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Final

import torch
from torch import Tensor

from classifier.characters import CLS, PAD, SEP, Characters
from classifier.model import HARMS, SENTIMENTS, STANCES
from classifier.normalise import Normalised, normalise
from classifier.weights import Checkpoint
from humiao.labels import Harm
from humiao.post import Post
from humiao.verdict import Span, Verdict

WINDOW: Final = 254
"""Characters that the encoder sees at once."""
STRIDE: Final = 190
"""Distance between two windows of a long post."""
MOST_WINDOWS: Final = 64
"""Windows judged of a very long post, spread evenly over it."""
BATCH_TOKENS: Final = 8192
"""Most characters in one run of the network."""
DIGITS: Final = 4
"""Decimals of a probability. The same post in another batch differs by about 1e-7; rounding keeps that out of alerts."""
MOST_SPANS: Final = 3
PIECE: Final = 12
"""Longest stretch, in characters, that is left out as one to see what it is worth."""
REMEMBERED: Final = 8192
"""Verdicts kept: the same wording again (a repost, a flood) costs no second look."""
REMEMBERED_TEXT: Final = 2000
"""Longest text, in characters, whose verdict is kept."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """One post's calibrated outputs."""

    harm: tuple[float, ...]
    stance: tuple[float, ...]
    sentiment: tuple[float, ...]


class Judge:
    """A loaded checkpoint, ready to judge. Not thread-safe."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        self._checkpoint = checkpoint
        self._device = device
        self._model = checkpoint.model.to(device)
        self._known: OrderedDict[tuple[str, str, bool], Verdict] = OrderedDict()
        self.version = checkpoint.version

    def judge_texts(self, texts: Sequence[str]) -> list[Verdict]:
        """Verdicts of bare texts, without spans."""
        never = datetime.fromtimestamp(0, UTC)
        posts = [Post(platform="text", native_id=str(number), text=text, ts=never) for number, text in enumerate(texts)]
        return self.verdicts(posts, explain=False)

    def verdicts(self, posts: Sequence[Post], *, explain: bool = True) -> list[Verdict]:
        """One verdict a post, in the same order; `explain` adds spans to flagged posts.

        Posts of the same title and text are judged once.
        """
        wordings = [(post.title, post.text, explain) for post in posts]
        fresh = {wording: post for wording, post in zip(wordings, posts, strict=True) if wording not in self._known}
        found = dict(zip(fresh, self._judge(list(fresh.values()), explain=explain), strict=True))
        verdicts = []
        for post, wording in zip(posts, wordings, strict=True):
            verdict = found.get(wording) or self._known[wording]
            verdicts.append(verdict.model_copy(update={"id": post.id}))
            self._remember(wording, verdict)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return verdicts

    def _remember(self, wording: tuple[str, str, bool], verdict: Verdict) -> None:
        if len(wording[0]) + len(wording[1]) <= REMEMBERED_TEXT:
            self._known[wording] = verdict
            self._known.move_to_end(wording)

    def _judge(self, posts: Sequence[Post], *, explain: bool) -> list[Verdict]:
        folded = [normalise(_readable(post)) for post in posts]
        judged = self.probabilities([text.text for text in folded])
        flags = [self._flags(outcome) for outcome in judged]
        spans: list[list[Span]] = [[] for _ in posts]
        if explain:
            flagged = [number for number, found in enumerate(flags) if found]
            for number in flagged:
                spans[number] = self._spans(posts[number], folded[number], flags[number][0])
        return [
            Verdict(
                id=post.id,
                harm=dict(zip(HARMS, outcome.harm, strict=True)),
                flags=found,
                stance=dict(zip(STANCES, outcome.stance, strict=True)),
                sentiment=dict(zip(SENTIMENTS, outcome.sentiment, strict=True)),
                normalised=text.text,
                spans=where,
                changes=list(text.changes[:200]),
                thresholds={harm: self._checkpoint.thresholds[harm] for harm in found},
                model=self.version,
            )
            for post, text, outcome, found, where in zip(posts, folded, judged, flags, spans, strict=True)
        ]

    def probabilities(self, texts: Sequence[str]) -> list[Probabilities]:
        """Calibrated probabilities for normalised `texts`; a long one gets the most harmful of its windows."""
        windows = [(owner, ids) for owner, text in enumerate(texts) for ids in windows_of(self._checkpoint.characters, text)]
        order = sorted(range(len(windows)), key=lambda number: len(windows[number][1]))
        found: list[list[Probabilities]] = [[] for _ in texts]
        for batch in _batches(order, [len(ids) for _, ids in windows]):
            outcome = self._run([windows[number][1] for number in batch])
            for number, probabilities in zip(batch, outcome, strict=True):
                found[windows[number][0]].append(probabilities)
        return [_worst(several) for several in found]

    def _run(self, rows: list[list[int]]) -> list[Probabilities]:
        width = max(len(row) for row in rows)
        ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows], device=self._device)
        warmth = self._checkpoint.temperatures
        with torch.inference_mode():
            logits = self._model(ids)
            harm = torch.sigmoid(logits.harm / warmth["harm"]).tolist()
            stance = torch.softmax(logits.stance / warmth["stance"], 1).tolist()
            sentiment = torch.softmax(logits.sentiment / warmth["sentiment"], 1).tolist()
        return [Probabilities(*map(_rounded, heads)) for heads in zip(harm, stance, sentiment, strict=True)]

    def _flags(self, outcome: Probabilities) -> list[Harm]:
        over = [
            (value, harm) for harm, value in zip(HARMS, outcome.harm, strict=True) if value >= self._checkpoint.thresholds[harm]
        ]
        return [harm for _, harm in sorted(over, key=lambda pair: (-pair[0], HARMS.index(pair[1])))]

    def _spans(self, post: Post, text: Normalised, harm: Harm) -> list[Span]:
        """Where the evidence for `harm` lies: the stretches whose absence lowers its probability most (occlusion).

        Of a post longer than a window only the window with the highest probability is looked into.
        """
        place = HARMS.index(harm)
        starts = window_starts(len(text.text))
        windows = [text.text[start : start + WINDOW] for start in starts]
        whole = [outcome.harm[place] for outcome in self.probabilities(windows)]
        leading = whole.index(max(whole))
        window, first = windows[leading], starts[leading]
        pieces = _pieces(window)
        without = self.probabilities([window[:start] + window[end:] for start, end in pieces])
        drops = [whole[leading] - left.harm[place] for left in without]
        total = sum(drop for drop in drops if drop > 0)
        best = sorted(zip(drops, pieces, strict=True), key=lambda pair: (-pair[0], pair[1]))[:MOST_SPANS]
        title = len(post.title) + 1 if post.title else 0
        spans = []
        for drop, (start, end) in best:
            low, high = text.span(first + start, first + end)
            low, high = max(0, low - title), min(len(post.text), high - title)
            if drop > 0 and high > low:
                spans.append(Span(start=low, end=high, harm=harm, weight=round(drop / total, 4)))
        return sorted(spans, key=lambda span: span.start)


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, DIGITS) for value in values)


def _readable(post: Post) -> str:
    return f"{post.title}\n{post.text}" if post.title else post.text


def windows_of(characters: Characters, text: str) -> list[list[int]]:
    """Ids of the overlapping windows of a normalised text, each with CLS and SEP."""
    ids = characters.ids(text)
    return [[CLS, *ids[start : start + WINDOW], SEP] for start in window_starts(len(ids))]


def window_starts(length: int) -> list[int]:
    """Where the windows of a text of `length` characters begin; together they cover it, up to MOST_WINDOWS."""
    if length <= WINDOW:
        return [0]
    starts = [*range(0, length - WINDOW, STRIDE), length - WINDOW]
    if len(starts) <= MOST_WINDOWS:
        return starts
    return [starts[round(number * (len(starts) - 1) / (MOST_WINDOWS - 1))] for number in range(MOST_WINDOWS)]


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Cut `order` (by length) into batches of at most BATCH_TOKENS characters after padding."""
    batches: list[list[int]] = []
    for number in order:
        if batches and (len(batches[-1]) + 1) * lengths[number] <= BATCH_TOKENS:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def _worst(several: list[Probabilities]) -> Probabilities:
    """Each harm's maximum over the windows; stance and sentiment of the window with the most harm."""
    leading = max(several, key=lambda one: max(one.harm))
    return Probabilities(
        tuple(max(values) for values in zip(*(one.harm for one in several), strict=True)), leading.stance, leading.sentiment
    )


def _pieces(text: str) -> list[tuple[int, int]]:
    """Ranges to leave out in turn: clauses, cut into stretches of at most PIECE characters."""
    marks = [("，。！？；：、,.!?;:… ".find(char) >= 0) for char in text]
    pieces = []
    position = 0
    for is_mark, run in groupby(marks):
        length = len(list(run))
        if not is_mark:
            parts = -(-length // PIECE)
            edges = [position + round(length * part / parts) for part in range(parts + 1)]
            pieces += list(pairwise(edges))
        position += length
    return pieces


def tensor(rows: list[list[int]]) -> Tensor:
    """Ids padded to a rectangle, int64."""
    width = max(len(row) for row in rows)
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
