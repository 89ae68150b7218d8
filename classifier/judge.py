"""Posts in, verdicts out: normalise, batch by length, run the network, calibrate, explain."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise, zip_longest
from typing import Final

import torch

from classifier.encoding import CONTEXT_CHARACTERS, Window
from classifier.explanation import evidence
from classifier.model import HARMS, SENTIMENTS, STANCES
from classifier.normalise import Normalised, normalise
from classifier.weights import Checkpoint
from humiao.labels import Harm, Stance
from humiao.post import MAX_PARENT, Post
from humiao.verdict import Span, Verdict

POSTS_AT_A_TIME: Final = 512
"""Posts that are held in memory as normalised text and windows at the same time."""
BATCH_TOKENS: Final = 4096
"""Most pieces in one run of the network."""
DIGITS: Final = 4
"""Decimals of a probability. The same post in another batch differs by about 1e-7; rounding keeps that out of alerts."""
MOST_SPANS: Final = 3
STRETCH: Final = 12
"""Longest stretch, in characters, that is marked as one."""
REMEMBERED: Final = 8192
"""Verdicts kept: the same wording again (a repost, a flood) costs no second look."""
REMEMBERED_TEXT: Final = 2000
"""Longest text, in characters, whose verdict is kept."""


_Wording = tuple[str, str, str, bool]
"""Title, text, parent, and whether spans are wanted."""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """One post's calibrated outputs."""

    harm: tuple[float, ...]
    stance: tuple[float, ...]
    sentiment: tuple[float, ...]
    auxiliary: tuple[float, ...]
    """What public sets call offensive, an attack, sexist; no verdict shows it, only measuring reads it."""


class Judge:
    """A loaded checkpoint, ready to judge. Not thread-safe."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._known: OrderedDict[_Wording, Verdict] = OrderedDict()
        self.version = checkpoint.version
        self.thresholds = checkpoint.thresholds

    def judge_texts(self, texts: Sequence[str], parents: Sequence[str] = ()) -> list[Verdict]:
        """Verdicts of bare texts, without spans; `parents`: the texts that they answer, empty where none."""
        never = datetime.fromtimestamp(0, UTC)
        posts = [
            Post(platform="text", native_id=str(number), text=text, ts=never, parent=parent[:MAX_PARENT])
            for number, (text, parent) in enumerate(zip_longest(texts, parents[: len(texts)], fillvalue=""))
        ]
        return self.verdicts(posts, explain=False)

    def verdicts(self, posts: Sequence[Post], *, explain: bool = True) -> list[Verdict]:
        """One verdict a post, in the same order; `explain` adds spans to flagged posts.

        Posts of the same title, text and parent are judged once.
        """
        wordings = [(post.title, post.text, post.parent, explain) for post in posts]
        fresh = {wording: post for wording, post in zip(wordings, posts, strict=True) if wording not in self._known}
        left, judged = list(fresh.values()), list[Verdict]()
        for start in range(0, len(left), POSTS_AT_A_TIME):
            judged += self._judge(left[start : start + POSTS_AT_A_TIME], explain=explain)
        found = dict(zip(fresh, judged, strict=True))
        verdicts = []
        for post, wording in zip(posts, wordings, strict=True):
            verdict = found.get(wording) or self._known[wording]
            verdicts.append(verdict.model_copy(update={"id": post.id}))
            self._remember(wording, verdict)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return verdicts

    def _remember(self, wording: _Wording, verdict: Verdict) -> None:
        if len(wording[0]) + len(wording[1]) <= REMEMBERED_TEXT:
            self._known[wording] = verdict
            self._known.move_to_end(wording)

    def _judge(self, posts: Sequence[Post], *, explain: bool) -> list[Verdict]:
        folded = [normalise(_readable(post)) for post in posts]
        contexts = [normalise(post.parent[:CONTEXT_CHARACTERS]).text if post.parent else "" for post in posts]
        judged = self.probabilities([text.text for text in folded], contexts)
        flags = [self._flags(outcome) for outcome in judged]
        spans: list[list[Span]] = [[] for _ in posts]
        if explain:
            flagged = [number for number, found in enumerate(flags) if found]
            marked = self._spans(
                [posts[number] for number in flagged],
                [folded[number] for number in flagged],
                [contexts[number] for number in flagged],
                [flags[number][0] for number in flagged],
            )
            for number, where in zip(flagged, marked, strict=True):
                spans[number] = where
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
                thresholds={harm: self.thresholds[harm] for harm in found},
                model=self.version,
            )
            for post, text, outcome, found, where in zip(posts, folded, judged, flags, spans, strict=True)
        ]

    def probabilities(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> list[Probabilities]:
        """Calibrated probabilities for normalised `texts`; a long one gets the most harmful of its windows."""
        windows = self._checkpoint.reader.windows(texts, contexts)
        judged = iter(self._of_windows([window for several in windows for window in several]))
        return [_worst([next(judged) for _ in several]) for several in windows]

    def _of_windows(self, windows: Sequence[Window]) -> list[Probabilities]:
        """In the order given; run in batches of like length."""
        order = sorted(range(len(windows)), key=lambda number: len(windows[number].ids))
        found: dict[int, Probabilities] = {}
        for batch in _batches(order, [len(window.ids) for window in windows]):
            found |= zip(batch, self._run([windows[number] for number in batch]), strict=True)
        return [found[number] for number in range(len(windows))]

    def _run(self, windows: list[Window]) -> list[Probabilities]:
        warmth = self._checkpoint.temperatures
        with torch.inference_mode():
            logits = self._checkpoint.network.logits(windows)
            harm = torch.sigmoid(logits.harm / warmth["harm"] + self._checkpoint.biases.to(logits.harm.device))
            stance = torch.softmax(logits.stance / warmth["stance"], 1)
            if self._checkpoint.joint:
                harm = self._checkpoint.joint.agreed(harm, stance[:, STANCES.index(Stance.OTHER)])
            sentiment = torch.softmax(logits.sentiment / warmth["sentiment"], 1).tolist()
            auxiliary = torch.sigmoid(logits.auxiliary).tolist()
        return [
            Probabilities(*map(_rounded, heads)) for heads in zip(harm.tolist(), stance.tolist(), sentiment, auxiliary, strict=True)
        ]

    def _flags(self, outcome: Probabilities) -> list[Harm]:
        over = [(value, harm) for harm, value in zip(HARMS, outcome.harm, strict=True) if value >= self.thresholds[harm]]
        return [harm for _, harm in sorted(over, key=lambda pair: (-pair[0], HARMS.index(pair[1])))]

    def _spans(
        self, posts: Sequence[Post], texts: Sequence[Normalised], contexts: Sequence[str], harms: Sequence[Harm]
    ) -> list[list[Span]]:
        """Where the evidence for a harm of each post lies: the stretches that carry most of it (`classifier.explanation`).

        Of a post longer than a window only the window with the highest probability is looked into.
        """
        starts, windows = [], []
        for text, context, harm in zip(texts, contexts, harms, strict=True):
            (several,) = self._checkpoint.reader.windows([text.text], [context])
            leading = several[0]
            if len(several) > 1:
                place = HARMS.index(harm)
                chances = [outcome.harm[place] for outcome in self._of_windows(several)]
                leading = several[chances.index(max(chances))]
            starts.append(leading.start)
            windows.append((text.text[leading.start : leading.end], context))
        found = evidence(self._checkpoint.network, self._checkpoint.reader, windows, [HARMS.index(harm) for harm in harms])
        return [
            _marked(post, text, start, window, worth, harm)
            for post, text, start, (window, _), worth, harm in zip(posts, texts, starts, windows, found, harms, strict=True)
        ]


def _marked(post: Post, text: Normalised, first: int, window: str, worth: Sequence[float], harm: Harm) -> list[Span]:
    """The stretches of `window`, which begins at `first`, that are worth most, in the original text without its title."""
    sums = [(sum(worth[start:end]), (start, end)) for start, end in _stretches(window)]
    total = sum(value for value, _ in sums if value > 0)
    title = len(post.title) + 1 if post.title else 0
    spans = []
    for value, (start, end) in sorted(sums, key=lambda pair: (-pair[0], pair[1]))[:MOST_SPANS]:
        low, high = text.span(first + start, first + end)
        low, high = max(0, low - title), min(len(post.text), high - title)
        if value > 0 and high > low:
            spans.append(Span(start=low, end=high, harm=harm, weight=round(value / total, 4)))
    return sorted(spans, key=lambda span: span.start)


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, DIGITS) for value in values)


def _readable(post: Post) -> str:
    return f"{post.title}\n{post.text}" if post.title else post.text


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
    harm = tuple(max(values) for values in zip(*(one.harm for one in several), strict=True))
    return replace(leading, harm=harm)


def _stretches(text: str) -> list[tuple[int, int]]:
    """Ranges that may be marked: clauses, cut into stretches of at most STRETCH characters."""
    marks = [("，。！？；：、,.!?;:… ".find(char) >= 0) for char in text]
    pieces = []
    position = 0
    for is_mark, run in groupby(marks):
        length = len(list(run))
        if not is_mark:
            parts = -(-length // STRETCH)
            edges = [position + round(length * part / parts) for part in range(parts + 1)]
            pieces += list(pairwise(edges))
        position += length
    return pieces
