"""Whether what the classifier reads still looks like what it read when it was put in use.

The first WINDOW posts that a model judges are its reference, kept in ``DATA/models/``. Every later WINDOW posts are compared with
them: the population stability index (PSI) of the probability of any harm, and the share of characters that the model doesn't know.
By usage, a PSI below 0.1 is nothing, from 0.25 on it is a reason to look.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from classifier.evaluation import any_harm
from humiao import metrics
from humiao.post import Post
from humiao.verdict import Verdict

WINDOW: Final = 5_000
"""Posts that are compared at a time."""
MOST_SOURCES: Final = 200
"""Sources that have a label of their own; later ones share ``other``."""
#: Edges of the bins, in the probability of any harm: most everyday posts lie far below the thresholds.
_EDGES: Final = np.array([0.0, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35, 0.55, 0.8, 1.0])


def psi(reference: Sequence[int], now: Sequence[int]) -> float:
    """Population stability index of two histograms over the same bins; each bin is given half a post, so that none is empty."""
    before, after = (np.asarray(counts, dtype=float) + 0.5 for counts in (reference, now))
    before, after = before / before.sum(), after / after.sum()
    return float(((after - before) * np.log(after / before)).sum())


@dataclass
class _Window:
    posts: int = 0
    bins: list[int] = field(default_factory=lambda: [0] * (len(_EDGES) - 1))
    characters: int = 0
    unknown: int = 0

    @property
    def unknown_share(self) -> float:
        return self.unknown / max(1, self.characters)


class Watch:
    """Counts what one model judges. One for each process; each compares with the reference that the first of them kept."""

    def __init__(self, folder: Path, version: str, characters: Collection[str], window: int = WINDOW) -> None:
        """`folder`: where references are kept; `characters`: those that the model knows."""
        self._file = folder / f"reference-{version}.json"
        self._known, self._size = frozenset(characters), window
        self._window = _Window()
        self._sources: set[str] = set()

    def see(self, posts: Sequence[Post], verdicts: Sequence[Verdict]) -> None:
        """Take in posts just judged; at the end of a window the metrics follow."""
        for post, verdict in zip(posts, verdicts, strict=True):
            self._rate(post, verdict)
            window = self._window
            window.posts += 1
            place = int(np.searchsorted(_EDGES, any_harm(verdict.harm.values()), side="right"))
            window.bins[min(place, len(window.bins)) - 1] += 1
            signs = [sign for sign in verdict.normalised if not sign.isspace()]
            window.characters += len(signs)
            window.unknown += sum(sign not in self._known for sign in signs)
            if window.posts == self._size:
                self._close()

    def _rate(self, post: Post, verdict: Verdict) -> None:
        source = post.source or "none"
        if source not in self._sources and len(self._sources) >= MOST_SOURCES:
            source = "other"
        self._sources.add(source)
        metrics.SOURCE_POSTS.labels(source).inc()
        for harm in verdict.flags:
            metrics.SOURCE_FLAGS.labels(source, harm.value).inc()

    def _close(self) -> None:
        done, self._window = self._window, _Window()
        metrics.UNKNOWN_CHARACTERS.set(done.unknown_share)
        reference = self._reference()
        if reference is None:
            self._keep(done)
            reference = done.bins
        metrics.SCORE_DRIFT.set(psi(reference, done.bins))

    def _reference(self) -> list[int] | None:
        try:
            kept: list[int] = json.loads(self._file.read_text(encoding="utf-8"))["bins"]
        except (
            FileNotFoundError,
            ValueError,
            KeyError,
        ):  # none yet, or spoilt: this window becomes it
            return None
        return kept if len(kept) == len(_EDGES) - 1 else None

    def _keep(self, window: _Window) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps({"bins": window.bins, "unknown_share": window.unknown_share}) + "\n", encoding="utf-8")
        partial.rename(self._file)
