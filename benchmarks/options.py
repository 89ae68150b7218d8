"""Ways to run the encoder on a CPU, timed side by side with the same weights, and what each changes in the answers.

    pip install onnx onnxruntime onnxscript openvino
    python benchmarks/options.py [--quick] [--checkpoint DIR]

All ways read the same windows: the benchmark's posts (`benchmarks/classify.py`) in batches of like length, padded to the longest.
Ours alone needs no padding. Each round times every way once, one after the other; the table gives the median ratio to transformers'
own float32 forward pass with its lowest and highest round. Next to it, on the held-out test posts: the largest and mean change of a
hidden state, relative to its spread. A way whose library is missing is named and left out. Prints a table, then one JSON object.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))
from classify import lines

from classifier import judge as judging
from classifier.encoding import Batch, Window, batch_of
from classifier.lean import LeanModel, _lengths
from classifier.normalise import normalise
from classifier.rows import TEST, read_examples
from classifier.weights import SHIPPED, load, load_trainable

Way = Callable[[Sequence[Window]], Tensor]
"""Windows of like length to the states of their first pieces, [windows, width]."""


class Bare(nn.Module):
    """The transformers encoder with three positional inputs, as exporters want it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Hidden states."""
        hidden: Tensor = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return hidden


def transformers_ways(bare: Bare, pad: int) -> dict[str, Way]:
    """transformers in float32, under bfloat16 autocast, compiled, and with int8 weights."""

    def run(model: nn.Module, *, half: bool = False) -> Way:
        def way(windows: Sequence[Window]) -> Tensor:
            batch = batch_of(windows, pad)
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                return model(batch.ids, batch.mask, batch.types)[:, 0].float()

        return way

    small = torch.ao.quantization.quantize_dynamic(bare, {nn.Linear}, dtype=torch.qint8)
    return {
        "transformers, float32": run(bare),
        "transformers, bfloat16": run(bare, half=True),
        "torch.compile, float32": run(torch.compile(bare, dynamic=True)),
        "torch.compile, bfloat16": run(torch.compile(bare, dynamic=True), half=True),
        "torch int8 (dynamic)": run(small),
    }


def lean_way(network: LeanModel) -> Way:
    """Ours: no padding, plain torch."""

    def way(windows: Sequence[Window]) -> Tensor:
        groups = _lengths(windows)
        with torch.inference_mode():
            words, rest = network._embedded(windows, groups)
            state = network._first((words + rest).to(network._kind))
            rows = len(state)
            state = nn.functional.pad(state, (0, 0, 0, -rows % 512))
            for layer in network._layers:
                state = layer(state, groups, rows)
        starts = torch.tensor([0, *[len(window.ids) for window in windows][:-1]]).cumsum(0)
        return state[starts].float()

    return way


def exported_ways(bare: Bare, pad: int, folder: Path, example: Batch) -> dict[str, Way]:
    """ONNX Runtime in float32 and with int8 weights, OpenVINO at its default precision; those that are installed."""
    found: dict[str, Way] = {}
    missing = [name for name in ("onnx", "onnxruntime", "openvino") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"left out, not installed: {', '.join(missing)}")
    if "onnx" in missing:
        return found
    file = folder / "encoder.onnx"
    axes = {0: "windows", 1: "pieces"}
    torch.onnx.export(
        bare,
        (example.ids, example.mask, example.types),
        str(file),
        dynamo=False,
        input_names=["ids", "mask", "types"],
        output_names=["states"],
        dynamic_axes={"ids": axes, "mask": axes, "types": axes, "states": axes},
        opset_version=17,
    )

    def fed(windows: Sequence[Window]) -> dict[str, Any]:
        batch = batch_of(windows, pad)
        return {"ids": batch.ids.numpy(), "mask": batch.mask.numpy(), "types": batch.types.numpy()}

    if "onnxruntime" not in missing:
        import onnxruntime
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(file, folder / "int8.onnx", weight_type=QuantType.QInt8)
        for name, path in (("ONNX Runtime, float32", file), ("ONNX Runtime, int8", folder / "int8.onnx")):
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            found[name] = lambda windows, session=session: torch.tensor(session.run(None, fed(windows))[0][:, 0])
    if "openvino" not in missing:
        import openvino

        for name, kind in (("OpenVINO, float32", "f32"), ("OpenVINO, bfloat16", "bf16")):
            model = openvino.Core().compile_model(
                openvino.Core().read_model(file), "CPU", {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": kind}
            )
            found[name] = lambda windows, model=model: torch.tensor(model(fed(windows))[0][:, 0])
    return found


def timed(way: Way, batches: Sequence[Sequence[Window]]) -> float:
    """Seconds for all batches."""
    begin = time.perf_counter()
    for windows in batches:
        way(windows)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    given = parser.parse_args()
    trained, reader, *_ = load_trainable(given.checkpoint)
    bare = Bare(trained.encoder.model).eval()
    pad = reader.pieces.pad

    def batched(texts: Sequence[str]) -> list[list[Window]]:
        windows = sorted((several[0] for several in reader.windows(texts)), key=lambda window: len(window.ids))
        return [
            [windows[place] for place in batch] for batch in judging._batches(range(len(windows)), [len(w.ids) for w in windows])
        ]

    posts = [json.loads(line)["text"] for line in lines(400 if given.quick else 2000)]
    batches = batched(posts)
    tests = batched([normalise(example.readable).text for example in read_examples(TEST)][:: 8 if given.quick else 2])
    with tempfile.TemporaryDirectory() as folder:
        ways = transformers_ways(bare, pad)
        ways |= exported_ways(bare, pad, Path(folder), batch_of(batches[0][:2], pad))
        for name, kind in (("ours, float32", torch.float32), ("ours, bfloat16", torch.bfloat16)):
            network = load(given.checkpoint, kind=kind).network
            assert isinstance(network, LeanModel)
            ways[name] = lean_way(network)
        measure(ways, batches, tests, 3 if given.quick else 7)


def measure(ways: dict[str, Way], batches: list[list[Window]], tests: list[list[Window]], rounds: int) -> None:
    """Time every way in every round and print."""
    for name, way in list(ways.items()):
        try:
            timed(way, batches)
        except Exception as error:  # noqa: BLE001 (a way that this machine cannot run is a result)
            print(f"left out, does not run here: {name} ({type(error).__name__}: {str(error)[:120]})")
            del ways[name]
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(timed(way, batches))
    exact = torch.cat([ways["transformers, float32"](windows) for windows in tests])
    spread = exact.std(0)
    base = times["transformers, float32"]
    count = sum(map(len, batches))
    result: dict[str, Any] = {"windows": count, "rounds": rounds}
    print(f"{'way':26} {'windows/s':>9} {'times transformers float32':>28} {'largest / mean change':>24}")
    for name, found in times.items():
        ratios = sorted(first / second for first, second in zip(base, found, strict=True))
        change = (torch.cat([ways[name](windows) for windows in tests]) - exact).abs() / spread
        row = {
            "windows_per_s": round(count / statistics.median(found)),
            "ratio": round(statistics.median(ratios), 2),
            "spread": [round(ratios[0], 2), round(ratios[-1], 2)],
            "largest_change": round(float(change.max()), 4),
            "mean_change": round(float(change.mean()), 5),
        }
        result[name] = row
        ratio = f"{row['ratio']:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:26} {row['windows_per_s']:9} {ratio:>28} {row['largest_change']:>12} / {row['mean_change']}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
