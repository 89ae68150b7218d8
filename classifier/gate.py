"""The gate before a challenger: a paired comparison with the champion on fixed posts and on decisions that taught neither.

It refuses on a single lost cry for help; a person promotes, never the gate.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
from scipy.stats import binomtest  # type: ignore[attr-defined]

from classifier.judge import Judge
from classifier.outcome import Outcome
from classifier.rows import Row
from humiao.labels import CRISIS, Harm

SIGNIFICANT: Final = 0.05
DRAWS: Final = 500


def compare(champion: Judge, challenger: Judge, fixed: Sequence[Row], decided: Sequence[Row], now: datetime) -> Outcome:
    """Judge `fixed` (fully labelled) and `decided` (kept decisions, labelled in part) with both.

    Refused is a challenger that

    - misses more posts of a crisis label than the champion, on either set;
    - is wrong more often about "harmful at all", significantly so (McNemar's exact test), or has a significantly lower macro-F1
      (paired bootstrap over posts) on the fixed posts;
    - is wrong more often than the champion on the decisions.
    """
    sides = [_Side(judge, fixed, decided) for judge in (champion, challenger)]
    old, new = sides
    refusals = []
    lost = {harm.value: (old.hits(harm), new.hits(harm)) for harm in Harm if harm in CRISIS}
    for slug, (before, after) in lost.items():
        if after < before:
            refusals.append(f"{slug}: finds {after} posts where the champion finds {before}; no crisis label may lose recall")
    worse, better = int((old.right & ~new.right).sum()), int((~old.right & new.right).sum())
    p = mcnemar(worse, better)
    if worse > better and p < SIGNIFICANT:
        refusals.append(f"harmful at all: wrong on {worse} posts that the champion has right, better on {better} (p = {p:.3g})")
    low, high = _difference(fixed, old, new)
    if high < 0:
        refusals.append(f"macro-F1 on the fixed posts: lower by {-high:.3f} to {-low:.3f}")
    gained, forgone = int((~old.decided & new.decided).sum()), int((old.decided & ~new.decided).sum())
    if forgone > gained:
        refusals.append(f"decisions: wrong on {forgone} that the champion has right, right on {gained} that it has wrong")
    return Outcome(
        champion.version,
        challenger.version,
        now.isoformat(timespec="seconds"),
        refusals,
        {
            "crisis_found": {slug: {"champion": before, "challenger": after} for slug, (before, after) in lost.items()},
            "fixed": {"posts": len(fixed), "only_champion_right": worse, "only_challenger_right": better, "mcnemar_p": round(p, 4)},
            "macro_f1": {"champion": old.macro, "challenger": new.macro, "difference_95": [round(low, 4), round(high, 4)]},
            "decisions": {"rows": len(decided), "only_champion_right": forgone, "only_challenger_right": gained},
        },
    )


def mcnemar(worse: int, better: int) -> float:
    """Two-sided exact p-value that two judges, who disagree on so many posts, are equally often right."""
    return float(binomtest(worse, worse + better).pvalue) if worse + better else 1.0


class _Side:
    """One judge's answers."""

    def __init__(self, judge: Judge, fixed: Sequence[Row], decided: Sequence[Row]) -> None:
        both = [*fixed, *decided]
        self._rows = both
        verdicts = judge.judge_texts([row.text for row in both], [row.parent for row in both])
        self._flags = [frozenset(one.flags) for one in verdicts]
        self.fixed = self._flags[: len(fixed)]
        harmful = [any(row.harm.values()) for row in fixed]
        self.right = np.array([bool(one) == truth for one, truth in zip(self.fixed, harmful, strict=True)], dtype=bool)
        self.decided = np.array(
            [_agrees(row, found) for row, found in zip(decided, self._flags[len(fixed) :], strict=True)], dtype=bool
        )
        self.macro = macro_f1(fixed, self.fixed)

    def hits(self, harm: Harm) -> int:
        """Posts of `harm` that it flags."""
        return sum(row.harm.get(harm, 0.0) > 0 and harm in found for row, found in zip(self._rows, self._flags, strict=True))


def _agrees(row: Row, flags: frozenset[Harm]) -> bool:
    """Whether the flags are right in all that is known of the row."""
    return all((harm in flags) is (value > 0) for harm, value in row.harm.items())


def macro_f1(rows: Sequence[Row], flags: Sequence[frozenset[Harm]]) -> float:
    """Mean F1 of the harms that occur."""
    truth = np.array([[row.harm.get(harm, 0.0) > 0 for harm in Harm] for row in rows], dtype=bool)
    found = np.array([[harm in one for harm in Harm] for one in flags], dtype=bool)
    return round(_macro(truth, found), 4) if len(rows) else 0.0


def _macro(truth: np.ndarray, found: np.ndarray) -> float:
    hit = (truth & found).sum(0)
    real = truth.sum(0)
    scores = 2 * hit / np.maximum(1, found.sum(0) + real)
    return float(scores[real > 0].mean()) if (real > 0).any() else 0.0


def _difference(rows: Sequence[Row], old: _Side, new: _Side) -> tuple[float, float]:
    """95% interval of the challenger's macro-F1 less the champion's: the same posts drawn for both, DRAWS times."""
    if not rows:
        return 0.0, 0.0
    truth = np.array([[row.harm.get(harm, 0.0) > 0 for harm in Harm] for row in rows], dtype=bool)
    before, after = (np.array([[harm in one for harm in Harm] for one in side.fixed], dtype=bool) for side in (old, new))
    dice = np.random.default_rng(1)
    gaps = []
    for _ in range(DRAWS):
        places = dice.integers(0, len(rows), len(rows))
        gaps.append(_macro(truth[places], after[places]) - _macro(truth[places], before[places]))
    low, high = np.percentile(gaps, [2.5, 97.5])
    return float(low), float(high)
