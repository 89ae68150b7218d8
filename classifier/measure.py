"""Measure a checkpoint beside simpler methods: ``python -m classifier.measure --public-data FOLDER [--checkpoint DIR]``.

Everything is measured on text that the training did not learn from. Writes ``classifier/figures.json``, from which the model card
and the notebook are made. Intervals are 95% bootstrap percentiles over posts. Takes about half an hour on two cores.
"""

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier import baselines, public
from classifier.evaluation import any_harm, calibration_error, figures
from classifier.judge import Judge, Probabilities
from classifier.model import AUXILIARY, HARMS, SENTIMENTS
from classifier.normalise import normalise
from classifier.rows import DATA, TEST, Row, own, read_examples
from classifier.training import SEED, split
from classifier.weights import SHIPPED, load
from humiao.labels import Harm, Sentiment

OUT: Final = Path(__file__).parent / "figures.json"
CHALLENGE: Final = DATA / "challenge.jsonl"
DRAWS: Final = 300
SLICES: Final = ("plain", "hard_negative", "sad_harmless", "quiet_cry", "evaded", "twin", "cantonese", "irony", "short", "long")
FEWEST: Final = 10
"""A slice with fewer posts says nothing."""
ORDINARY: Final = 20_000
"""Everyday posts that stand for a day of a platform."""
RARITY: Final = 200
"""One harmful post among so many."""


_Test = Callable[[dict[str, Any]], bool]


class Measured:
    """A judge's answers to rows, kept so that each text is judged once."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def probabilities(self, texts: Sequence[str], parents: Sequence[str] | None = None) -> list[Probabilities]:
        """As the judge would say, without explanation; texts as they were written."""
        folded = [normalise(text[:2000]).text for text in texts]
        behind = [normalise(parent).text for parent in parents] if parents else None
        return self.judge.probabilities(folded, behind)

    def on(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Figures on fully labelled rows, with intervals and slices."""
        verdicts = self.judge.judge_texts([row.text for row in rows], [row.parent for row in rows])
        flags = [verdict.flags for verdict in verdicts]
        stances, moods = [one.top_stance for one in verdicts], [one.top_sentiment for one in verdicts]
        top = [any_harm(verdict.harm.values()) for verdict in verdicts]

        def of(places: Sequence[int]) -> dict[str, Any]:
            parts = ([given[place] for place in places] for given in (rows, flags, stances, moods, top))
            return figures(*parts)  # type: ignore[arg-type]

        everything = range(len(rows))
        return {
            **of(everything),
            "intervals": _intervals(lambda places: leading(of(places)), len(rows)),
            "slices": _slices(rows, flags),
            "misses": _examples(rows, flags),
        }


def leading(found: dict[str, Any]) -> dict[str, float]:
    """The figures that stand in tables."""
    return {
        "any-harm precision": found["any_harm"]["precision"],
        "any-harm recall": found["any_harm"]["recall"],
        "harm macro-F1": found["harm"]["macro_f1"],
        "harm micro-F1": found["harm"]["micro_f1"],
        "stance accuracy": found["stance"]["accuracy"],
        "sentiment macro-F1": found["sentiment"]["macro_f1"],
        "calibration error (any harm)": found["ece"],
    }


def _intervals(measure: Callable[[Sequence[int]], dict[str, float]], size: int) -> dict[str, list[float]]:
    dice = np.random.default_rng(7)
    draws = [measure(dice.integers(0, size, size).tolist()) for _ in range(DRAWS)]
    return {
        name: [round(float(np.quantile([draw[name] for draw in draws], edge)), 4) for edge in (0.025, 0.975)] for name in draws[0]
    }


def _slices(rows: Sequence[Row], flags: Sequence[Sequence[Harm]]) -> dict[str, dict[str, float]]:
    """Any-harm recall and share of false alarms by tag."""
    found: dict[str, dict[str, float]] = {}
    for tag in SLICES:
        for name, wanted in (("recall", True), ("false alarms", False)):
            inside = [
                bool(given) for row, given in zip(rows, flags, strict=True) if tag in row.tags and any(row.harm.values()) is wanted
            ]
            if len(inside) >= FEWEST:
                found.setdefault(tag, {}).update({name: round(sum(inside) / len(inside), 4), f"{name} posts": len(inside)})
    return found


def _examples(rows: Sequence[Row], flags: Sequence[Sequence[Harm]]) -> list[dict[str, Any]]:
    """Some known failures, for the model card: short ones, spread over the set."""
    wrong = [
        {"text": row.text, "truth": [harm for harm in HARMS if row.harm[harm]], "flags": list(given)}
        for row, given in zip(rows, flags, strict=True)
        if bool(given) != any(row.harm.values()) and len(row.text) <= 60  # noqa: PLR2004 (fits a table)
    ]
    return wrong[:: max(1, len(wrong) // 12)][:12]


def functionalities(judge: Judge, rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Of each functional test the share of posts whose harms are exactly right, and whose flag (any or none) is right."""
    flags = [verdict.flags for verdict in judge.judge_texts([row.text for row in rows], [row.parent for row in rows])]
    table: dict[str, list[tuple[bool, bool]]] = {}
    for row, given in zip(rows, flags, strict=True):
        truth = {harm for harm in HARMS if row.harm[harm]}
        for tag in row.tags:
            if tag.startswith("f:"):
                table.setdefault(tag[2:], []).append((bool(truth) == bool(given), set(given) == truth))
    return {
        name: {
            "posts": len(results),
            "flag right": round(sum(result[0] for result in results) / len(results), 3),
            "harms right": round(sum(result[1] for result in results) / len(results), 3),
        }
        for name, results in sorted(table.items())
    }


def macro_f1(truth: np.ndarray, found: np.ndarray) -> float:
    """Mean F1 over the classes of `truth`."""
    scores = []
    for name in np.unique(truth):
        hit = float(((truth == name) & (found == name)).sum())
        scores.append(2 * hit / float((truth == name).sum() + (found == name).sum()))
    return round(float(np.mean(scores)), 4)


def with_interval(truth: np.ndarray, found: np.ndarray) -> dict[str, Any]:
    """Macro-F1 and its interval."""
    interval = _intervals(lambda places: {"f1": macro_f1(truth[places], found[places])}, len(truth))["f1"]
    return {"macro_f1": macro_f1(truth, found), "interval": interval, "posts": len(truth)}


def public_tests(measured: Measured, home: Path) -> dict[str, Any]:
    """COLD's official test, SMP's usual test, held-out CHNCI incidents, role set: ours beside TF-IDF trained on the set itself."""
    found: dict[str, Any] = {}
    tests: tuple[tuple[str, _Test, _Test, str], ...] = (
        ("cold", lambda row: row.get("split") == "test", lambda row: bool(row["label"]), "offensive"),
        ("chnci_bullying", public.held_out, lambda row: bool(row["label"]), "attack"),
    )
    for name, wanted, label, head in tests:
        rows = list(public.read(home, name))
        test = [row for row in rows if wanted(row)]
        train = [row for row in rows if not public.held_out(row)]
        truth = np.array([label(row) for row in test])
        ours = measured.probabilities([row["text"] for row in test])
        chances = np.array([one.auxiliary[AUXILIARY.index(head)] for one in ours])
        simple = baselines.binary([row["text"] for row in train], [label(row) for row in train], [row["text"] for row in test])
        found[name] = {
            "ours": with_interval(truth, chances >= 0.5),  # noqa: PLR2004
            "tfidf": with_interval(truth, simple >= 0.5),  # noqa: PLR2004
            "ece": calibration_error(chances, truth),
            "bullying_flag": _flagged(measured, [one.harm for one in ours], truth, Harm.BULLYING),
        }
    test = [row for row in public.read(home, "smp2020_emotion") if row.get("split") == "usual_test" and row["label"] in public.MOOD]
    mood = np.array([public.MOOD[row["label"]].value for row in test])
    texts = [row["text"] for row in test]
    ours = measured.probabilities(texts)
    said = np.array([SENTIMENTS[int(np.argmax(one.sentiment))].value for one in ours])
    sure = np.array([max(one.sentiment) for one in ours])
    found["smp2020_usual_test"] = {
        "ours": with_interval(mood, said),
        "ece": calibration_error(sure, said == mood),
        "snownlp": with_interval(mood, np.array([one.value for one in baselines.by_snownlp(texts)])),
    }
    roles = [row for row in public.read(home, "bullying_roles") if row["label"] in {"施暴者", "煽动者", "调和者", "旁观者"}]
    ours = measured.probabilities([row["text"] for row in roles])
    attacks = np.array([row["label"] in {"施暴者", "煽动者"} for row in roles])
    found["bullying_roles"] = _flagged(measured, [one.harm for one in ours], attacks, Harm.BULLYING)
    return found


def _flagged(measured: Measured, harms: Sequence[Sequence[float]], truth: np.ndarray, harm: Harm) -> dict[str, float]:
    flag = np.array([one[HARMS.index(harm)] for one in harms]) >= measured.judge.thresholds[harm]
    hit = float((flag & truth).sum())
    return {
        "precision": round(hit / max(1.0, float(flag.sum())), 4),
        "recall": round(hit / float(truth.sum()), 4),
        "posts": len(truth),
    }


def a_day(measured: Measured, home: Path, harmful: Sequence[Row]) -> dict[str, float]:
    """Flags in a stream where one post in RARITY harms: everyday posts that training never saw labelled, and our own test posts.

    The everyday posts are unlabelled; whatever is flagged of them counts as a false alarm, so the precision is a lower bound.
    """
    texts = [row["text"] for row in public.read(home, "weibo_unlabelled") if zlib.crc32(row["text"].encode()) % 16 == 0]
    texts = [text for text in texts if text.strip()][:ORDINARY]
    thresholds = np.array([measured.judge.thresholds[harm] for harm in HARMS])
    false = np.mean([bool((np.array(one.harm) >= thresholds).any()) for one in measured.probabilities(texts)])
    theirs = measured.probabilities([row.text for row in harmful], [row.parent for row in harmful])
    caught = np.mean([bool((np.array(one.harm) >= thresholds).any()) for one in theirs])
    rate = 1 / RARITY
    flagged = rate * caught + (1 - rate) * false
    return {
        "everyday posts": len(texts),
        "flagged of everyday posts": round(float(false), 5),
        "recall of harmful posts": round(float(caught), 4),
        "precision among flags": round(float(rate * caught / flagged), 4),
        "flags a day per 100,000 posts": round(float(flagged) * 100_000),
    }


def beside(test: Sequence[Row], home: Path) -> dict[str, Any]:
    """The same figures for a keyword list and for TF-IDF with LR on our own posts and a quarter of the public rows."""
    ours, held = split(own(), SEED)
    rest = public.labelled(home, SEED, 0.25)
    linear = baselines.Linear(ours, rest)
    cuts = _best_cuts(linear.harms([row.text for row in held]), held)
    texts = [row.text for row in test]
    chances = linear.harms(texts)
    flags = [[harm for place, harm in enumerate(HARMS) if one[place] >= cuts[place]] for one in chances]
    words = baselines.by_keywords(texts)
    stances, moods = linear.stances(texts), linear.sentiments(texts)
    nothing = [Sentiment.NEUTRAL] * len(texts)
    return {
        "tfidf": leading(figures(test, flags, stances, moods, [any_harm(row) for row in chances.tolist()])),
        "keywords": leading(figures(test, words, stances, nothing, [float(bool(one)) for one in words])),
        "tfidf_slices": _slices(test, flags),
        "keywords_slices": _slices(test, words),
        "snownlp": leading(figures(test, words, stances, baselines.by_snownlp(texts), [0.0] * len(texts)))["sentiment macro-F1"],
    }


def _best_cuts(chances: np.ndarray, held: Sequence[Row]) -> list[float]:
    """For each harm the cut with the best F1 on the held-back posts."""
    cuts = []
    for place, harm in enumerate(HARMS):
        truth = np.array([row.harm[harm] for row in held]) > 0
        tried = np.linspace(0.02, 0.9, 60)
        scores = [
            2 * float((truth & (chances[:, place] >= cut)).sum() + 1) / float(truth.sum() + (chances[:, place] >= cut).sum() + 2)
            for cut in tried
        ]
        cuts.append(float(tried[int(np.argmax(scores))]))
    return cuts


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--public-data", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--quick", action="store_true", help="only the judge's own figures, no comparison")
    given = parser.parse_args()
    home = public.folder(given.public_data)
    measured = Measured(Judge(load(given.checkpoint)))
    test = [example.row() for example in read_examples(TEST)]
    challenge = [example.row() for example in read_examples(CHALLENGE)]
    found: dict[str, Any] = {
        "version": measured.judge.version,
        "test": measured.on(test),
        "challenge": measured.on(challenge),
        "test and challenge": measured.on([*test, *challenge]),
        "functionalities": functionalities(measured.judge, challenge),
        "a day": a_day(measured, home, [row for row in [*test, *challenge] if any(row.harm.values())]),
    }
    if not given.quick:
        found["public"] = public_tests(measured, home)
        found["beside"] = beside([*test, *challenge], home)
    given.out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(
        json.dumps({name: leading(found[name]) for name in ("test", "challenge", "test and challenge")}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
