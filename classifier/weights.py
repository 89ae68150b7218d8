"""A checkpoint folder: network, vocabulary, thresholds; what is shipped and what the stage loads.

``config.json`` (encoder's shape, size of the n-gram table), ``model.safetensors`` (half precision), ``pieces.json`` (tokenizer),
``vocab.txt`` (characters of the n-grams), ``judge.json`` (version, thresholds, temperatures, how it was made).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from classifier.characters import Characters
from classifier.encoding import Reader, Window
from classifier.joint import Joint
from classifier.lean import LeanModel
from classifier.model import JudgeModel, Logits
from classifier.pieces import Pieces
from humiao.errors import SettingsError
from humiao.labels import Harm

SHIPPED = Path(__file__).parent / "checkpoint"


class Network(Protocol):
    """Windows to logits."""

    def logits(self, windows: Sequence[Window]) -> Logits:
        """Of each window; they come in the order of their lengths."""
        ...

    def evidence(self, windows: Sequence[Window], outputs: Sequence[int]) -> list[tuple[list[float], list[float]]]:
        """What each piece and each character of a window is worth to one output, in logits; windows by length."""
        ...


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint, ready to judge."""

    network: Network
    reader: Reader
    version: str
    """Model and checkpoint version, as it stands in a verdict."""
    thresholds: dict[Harm, float]
    temperatures: dict[str, float]
    """Divisor of the logits by head (``harm``, ``stance``, ``sentiment``)."""
    biases: Tensor
    """Added to the divided logits of the 15 harms."""
    joint: Joint | None = None
    """How the harms and the stance settle whether a post harms at all; none = the harms alone."""


def quick_kind(device: str) -> torch.dtype:
    """Bfloat16 where the device multiplies it faster than float32."""
    fast = device != "cpu" or torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001 (torch has no other way to ask)
    return torch.bfloat16 if fast else torch.float32


def quick_training() -> torch.autocast:
    """A forward pass of training within it computes in bfloat16 where that is quicker; some processors take ten times as long."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=quick_kind("cpu") is torch.bfloat16)


def load(folder: Path, device: str = "cpu", kind: torch.dtype | None = None) -> Checkpoint:
    """Read the checkpoint in `folder` to judge with; the encoder computes in `kind`, by default the quickest.

    Raises:
        SettingsError: a file is missing or not what it should be.
    """
    judge, config, weights, reader = _read(folder)
    try:
        network: Network
        if config["encoder"]["model_type"] == "bert":
            network = _lean(config, weights, device, kind or quick_kind(device))
        else:
            network = _trainable(config, weights, reader).to(device).eval()
        thresholds = {Harm(name): float(value) for name, value in judge["thresholds"].items()}
        biases = torch.tensor([float(judge["biases"][harm]) for harm in Harm])
        joint = Joint(**judge["joint"]) if "joint" in judge else None
        return Checkpoint(network, reader, judge["version"], thresholds, judge["temperatures"], biases, joint)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _broken(folder, error) from error


def load_trainable(folder: Path) -> tuple[JudgeModel, Reader, dict[str, Any], dict[str, Any]]:
    """The checkpoint in `folder` to train on: network, reader, what ``judge.json`` says, the encoder's shape.

    Raises:
        SettingsError: a file is missing or not what it should be.
    """
    judge, config, weights, reader = _read(folder)
    try:
        return _trainable(config, weights, reader), reader, judge, config["encoder"]
    except (ValueError, KeyError, RuntimeError) as error:
        raise _broken(folder, error) from error


def version_of(folder: Path) -> str:
    """Version of the checkpoint in `folder`, without loading it.

    Raises:
        SettingsError: there is no readable checkpoint.
    """
    try:
        return str(json.loads((folder / "judge.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError) as error:
        raise _broken(folder, error) from error


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor], Reader]:
    try:
        judge: dict[str, Any] = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        reader = Reader(Pieces.load(folder / "pieces.json"), Characters.load(folder / "vocab.txt"))
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _broken(folder, error) from error
    return judge, config, {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}, reader


def _broken(folder: Path, error: Exception) -> SettingsError:
    return SettingsError(f"checkpoint {folder}: can't be loaded ({type(error).__name__}: {error}); name another or train one")


_ENCODER: Final = "encoder.model."


def _lean(config: dict[str, Any], weights: dict[str, Tensor], device: str, kind: torch.dtype) -> LeanModel:
    own = {name.removeprefix(_ENCODER): value for name, value in weights.items() if name.startswith(_ENCODER)}
    rest = JudgeModel(nn.Identity(), config["encoder"]["hidden_size"], config["ngrams"])
    rest.load_state_dict({name: value for name, value in weights.items() if not name.startswith(_ENCODER)})
    return LeanModel(config["encoder"], own, rest.eval(), device, kind)


def _trainable(config: dict[str, Any], weights: dict[str, Tensor], reader: Reader) -> JudgeModel:
    from classifier.encoders import from_config  # noqa: PLC0415 (imports transformers, which judging does without)

    model = JudgeModel(from_config(config["encoder"]), config["encoder"]["hidden_size"], config["ngrams"], reader.pieces.pad)
    model.load_state_dict(weights)
    return model


def _fingerprint(file: Path, judge: dict[str, Any]) -> str:
    """Eight hex digits that change with the weights, the thresholds and the temperatures."""
    decisions = json.dumps([judge["thresholds"], judge["temperatures"], judge["biases"], judge.get("joint")], sort_keys=True)
    return hashlib.sha256(file.read_bytes() + decisions.encode()).hexdigest()[:8]


def save(folder: Path, model: JudgeModel, shape: dict[str, Any], reader: Reader, judge: dict[str, Any]) -> str:
    """Write a checkpoint; returns its version, whose tail is a hash of all that decides a verdict.

    `shape`: the encoder's, see `classifier.encoders.described`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (value.detach().to(torch.float16) if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(weights, folder / "model.safetensors")
    config = {"encoder": shape, "ngrams": model.ngrams.size}
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    reader.pieces.save(folder / "pieces.json")
    reader.letters.save(folder / "vocab.txt")
    return write_judge(folder, judge)


def write_judge(folder: Path, judge: dict[str, Any]) -> str:
    """Write ``judge.json`` beside the weights that lie in `folder`; returns the version."""
    version = f"{judge['name']}-{_fingerprint(folder / 'model.safetensors', judge)}"
    text = json.dumps(judge | {"version": version}, indent=1, ensure_ascii=False)
    (folder / "judge.json").write_text(text + "\n", encoding="utf-8")
    return version
