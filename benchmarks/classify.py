"""How fast the classifier judges, as ratios in one interleaved run against the plain way with the same weights.

    python benchmarks/classify.py [--quick] [--checkpoint DIR]

Plain: transformers' BertModel in float32, batches of 32 in the order of arrival, padded to the longest. Both do the whole work:
JSON line -> post -> normalise -> pieces -> network -> verdict. Posts have the demo forum's lengths and are all different, so no
verdict is remembered. Options that were tried (float32, batch limits, int8 weights) are timed in the same rounds. Prints a table,
then one JSON object. Medians with the lowest and highest round.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from classifier import judge as judging
from classifier.commands import KERNEL_CACHES, KERNELS
from classifier.encoding import Window, batch_of
from classifier.judge import Judge
from classifier.lean import LeanModel
from classifier.model import Logits
from classifier.rows import own
from classifier.weights import SHIPPED, Checkpoint, load, load_trainable
from humiao.post import Post

DEMO = Path(__file__).parents[1] / "crawlers" / "demo" / "posts.jsonl"


class Plain:
    """The same network as transformers runs it, 32 windows at a time in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self.model, self.reader, *_ = load_trainable(folder)
        self.model.eval()

    def logits(self, windows: Sequence[Window]) -> Logits:
        """Padded to the longest of the batch."""
        with torch.inference_mode():
            return self.model(batch_of(windows, self.reader.pieces.pad))


class PlainJudge(Judge):
    """No sorting by length."""

    def _of_windows(self, windows: Sequence[Window]) -> list[judging.Probabilities]:
        return [one for start in range(0, len(windows), 32) for one in self._run(list(windows[start : start + 32]))]


def lines(count: int) -> list[bytes]:
    """Post lines, all different, with the lengths of the demo's posts: our own posts cut or joined to them."""
    lengths = [len(json.loads(line)["text"]) for line in DEMO.open(encoding="utf-8")]
    texts = [row.text.replace("\n", " ") for row in own()]
    dice = random.Random(5)
    found = []
    for number in range(count):
        wanted, text = dice.choice(lengths), dice.choice(texts)
        while len(text) < wanted:
            text += "，" + dice.choice(texts)
        post = {
            "platform": "bench",
            "native_id": str(number),
            "text": f"{text[:wanted]}{number % 97}",
            "ts": "2026-03-01T00:00:00Z",
        }
        found.append(json.dumps(post, ensure_ascii=False).encode())
    return found


def judged(judge: Judge, posts: Sequence[bytes], at_once: int) -> float:
    """Posts a second, from lines to verdicts; nothing remembered from an earlier round."""
    judge._known.clear()
    begin = time.perf_counter()
    for start in range(0, len(posts), at_once):
        judge.verdicts([Post.from_json(line) for line in posts[start : start + at_once]], explain=False)
    return len(posts) / (time.perf_counter() - begin)


def peak(kind: torch.dtype) -> float:
    """GFLOP/s of the best of several matrix products of sizes that a network has."""
    best = 0.0
    for rows, inner, columns in ((4096, 256, 1024), (4096, 1024, 256), (2048, 2048, 2048)):
        left, right = torch.randn(rows, inner).to(kind), torch.randn(columns, inner).to(kind)
        torch.nn.functional.linear(left, right)
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            torch.nn.functional.linear(left, right)
            times.append(time.perf_counter() - begin)
        best = max(best, 2 * rows * inner * columns / min(times) / 1e9)
    return best


def model_share(checkpoint: Checkpoint, posts: Sequence[bytes], config: dict[str, int]) -> dict[str, float]:
    """GFLOP/s of the network alone and its share of the peak in the same type, measured one after the other."""
    texts = [json.loads(line)["text"] for line in posts]
    windows = sorted((several[0] for several in checkpoint.reader.windows(texts)), key=lambda window: len(window.ids))
    width, layers, inner = config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]
    work = 0.0
    for window in windows:
        pieces = len(window.ids)
        work += layers * (2 * pieces * (4 * width * width + 2 * width * inner) + 4 * pieces * pieces * width)
    batches = judging._batches(range(len(windows)), [len(window.ids) for window in windows])
    shares, rates = [], []
    kind = checkpoint.network._kind if isinstance(checkpoint.network, LeanModel) else torch.float32
    for _ in range(5):
        top = peak(kind)
        begin = time.perf_counter()
        for batch in batches:
            checkpoint.network.logits([windows[number] for number in batch])
        rates.append(work / (time.perf_counter() - begin) / 1e9)
        shares.append(rates[-1] / top)
    return {"gflops": statistics.median(rates), "share_of_peak": statistics.median(shares), "peak_gflops": top}


def one_by_one(judge: Judge, posts: Sequence[bytes]) -> dict[str, float]:
    """Milliseconds for a single post, explained if it is flagged."""
    times = []
    for line in posts:
        begin = time.perf_counter()
        judge.verdicts([Post.from_json(line)])
        times.append((time.perf_counter() - begin) * 1e3)
    times.sort()
    return {"median_ms": times[len(times) // 2], "p99_ms": times[int(len(times) * 0.99)]}


def process(folder: Path) -> dict[str, float]:
    """Seconds from the start of a process to its first verdict, and the memory it then has and has after 2,000 posts."""
    program = (
        "import sys,time,json\nfrom pathlib import Path\nfrom classifier.judge import Judge\nfrom classifier.weights import load\n"
        "from humiao.post import Post\njudge=Judge(load(Path(sys.argv[1])))\n"
        "judge.verdicts([Post.from_json(sys.stdin.buffer.readline())])\nprint('ready',flush=True)\n"
        "rest=[Post.from_json(line) for line in sys.stdin.buffer]\njudge.verdicts(rest)\n"
        "print([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0],flush=True)\n"
    )
    posts = lines(2000)
    begin = time.perf_counter()
    command = [sys.executable, "-c", program, str(folder)]
    environment = {**os.environ, **dict.fromkeys(KERNEL_CACHES, KERNELS)}  # as `humiao classify` runs
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(posts[0] + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        start = time.perf_counter() - begin
        child.stdin.write(b"\n".join(posts[1:]))
        child.stdin.close()
        return {"start_s": start, "peak_rss_mib": int(child.stdout.readline()) / 1024}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    given = parser.parse_args()
    rounds, count = (3, 400) if given.quick else (7, 2000)
    posts = lines(count)
    shape = json.loads((given.checkpoint / "config.json").read_text())["encoder"]
    quick = load(given.checkpoint)
    plain = PlainJudge(
        Checkpoint(
            Plain(given.checkpoint), quick.reader, quick.version, quick.thresholds, quick.temperatures, quick.biases, quick.joint
        )
    )
    ways: dict[str, Callable[[], float]] = {
        "plain": lambda: judged(plain, posts, 32),
        "ours": lambda: judged(Judge(quick), posts, 512),
        "ours, batches of 128": lambda: judged(Judge(quick), posts, 128),
        "ours in float32": lambda: judged(Judge(exact), posts, 512),
    }
    exact = load(given.checkpoint, kind=torch.float32)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            rates[name].append(way())
    print(f"{'way':24} {'posts/s':>8} {'times plain (lowest to highest round)':>40}")
    result: dict[str, object] = {"posts": count, "rounds": rounds}
    for name, found in rates.items():
        ratios = sorted(one / base for one, base in zip(found, rates["plain"], strict=True))
        middle = statistics.median(ratios)
        print(f"{name:24} {statistics.median(found):8.0f} {middle:14.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
        result[name] = {
            "posts_per_s": round(statistics.median(found)),
            "ratio": round(middle, 2),
            "spread": [round(ratios[0], 2), round(ratios[-1], 2)],
        }
    result["network"] = {name: round(value, 3) for name, value in model_share(quick, posts, shape).items()}
    result["single"] = {name: round(value, 2) for name, value in one_by_one(Judge(quick), posts[:300]).items()}
    result["process"] = {name: round(value, 2) for name, value in process(given.checkpoint).items()}
    for name in ("network", "single", "process"):
        print(f"{name}: {result[name]}")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
