"""Whether explanations are faithful, and what they cost.

    python benchmarks/explain.py [FILE.jsonl] [--quick] [--checkpoint DIR]

For each flagged post of FILE (default: the held-out test posts) the pieces of the text are ranked by what they are worth to the
flagged harm: by our method, by occlusion (leave one out), by the last layer's attention, at random. Deletion: the harm's
probability while the best-ranked pieces go out one tenth after the other; a faithful order makes it fall fast, so a small mean is
good. Insertion: the same from the empty text; a large mean is good. Cost: time beside the forward passes of the same posts,
interleaved. Prints a table, then one JSON object.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from classifier.encoding import batch_of
from classifier.explanation import evidence
from classifier.judge import Judge
from classifier.model import HARMS
from classifier.normalise import normalise
from classifier.rows import TEST, read_examples
from classifier.weights import SHIPPED, load, load_trainable

STEPS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=TEST)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    given = parser.parse_args()
    checkpoint = load(given.checkpoint)
    judge, reader = Judge(checkpoint), checkpoint.reader
    model, *_ = load_trainable(given.checkpoint)
    model.eval()
    texts = [normalise(example.readable).text for example in read_examples(given.file)]
    chances = judge.probabilities(texts)
    flagged = []
    for text, outcome in zip(texts, chances, strict=True):
        over = [(value, place) for place, value in enumerate(outcome.harm) if value >= judge.thresholds[HARMS[place]]]
        if over and 8 <= len(reader.pieces.cut(text)[0]) <= 100:
            flagged.append((text, max(over)[1]))
    flagged = random.Random(1).sample(flagged, min(len(flagged), 40 if given.quick else 150))

    def chance(several: Sequence[str], place: int) -> list[float]:
        return [outcome.harm[place] for outcome in judge.probabilities(several)]

    def ours(text: str, place: int) -> list[float]:
        (worth,) = evidence(checkpoint.network, reader, [(text, "")], [place])
        return [sum(worth[start:end]) for start, end in reader.pieces.cut(text)[1]]

    def occlusion(text: str, place: int) -> list[float]:
        ranges = reader.pieces.cut(text)[1]
        (whole,) = chance([text], place)
        return [whole - one for one in chance([text[:start] + text[end:] for start, end in ranges], place)]

    def attention(text: str, place: int) -> list[float]:  # noqa: ARG001
        batch = batch_of([reader.first(text)], reader.pieces.pad)
        inner = model.encoder.model
        inner.set_attn_implementation("eager")
        with torch.inference_mode():
            looked = inner(input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types, output_attentions=True)
        return looked.attentions[-1][0].mean(0)[0, 1:-1].tolist()

    dice = random.Random(2)
    methods: dict[str, Callable[[str, int], list[float]]] = {
        "ours": ours,
        "occlusion": occlusion,
        "attention": attention,
        "random": lambda text, place: [dice.random() for _ in reader.pieces.cut(text)[1]],  # noqa: ARG005
    }
    result: dict[str, dict[str, float]] = {}
    print(f"{len(flagged)} flagged posts\n{'method':12} {'deletion':>9} {'insertion':>9}  (mean probability along the way)")
    for name, method in methods.items():
        down, up = [], []
        for text, place in flagged:
            ranges = reader.pieces.cut(text)[1]
            order = np.argsort(-np.array(method(text, place)), kind="stable")
            edges = [round(len(order) * step / STEPS) for step in range(STEPS + 1)]
            without = [frozenset(order[:edge].tolist()) for edge in edges]
            down.append(chance([_kept(text, ranges, gone, keep=False) for gone in without], place))
            up.append(chance([_kept(text, ranges, there, keep=True) for there in without], place))
        result[name] = {"deletion": round(float(np.mean(down)), 4), "insertion": round(float(np.mean(up)), 4)}
        print(f"{name:12} {result[name]['deletion']:9.4f} {result[name]['insertion']:9.4f}")
    costs = []
    for _ in range(5):
        begin = time.perf_counter()
        judge.probabilities([text for text, _ in flagged])
        middle = time.perf_counter()
        evidence(checkpoint.network, reader, [(text, "") for text, _ in flagged], [place for _, place in flagged])
        costs.append((time.perf_counter() - middle) / (middle - begin))
    print(f"cost: {statistics.median(costs):.2f} times the forward passes ({min(costs):.2f} to {max(costs):.2f})")
    print(json.dumps({"posts": len(flagged), "methods": result, "cost": round(statistics.median(costs), 2)}))


def _kept(text: str, ranges: Sequence[tuple[int, int]], chosen: frozenset[int], *, keep: bool) -> str:
    """The pieces that are chosen, or those that are not."""
    return "".join(text[start:end] for place, (start, end) in enumerate(ranges) if (place in chosen) is keep) or " "


if __name__ == "__main__":
    main()
