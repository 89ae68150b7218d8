"""A checkpoint folder: network, vocabulary, thresholds; what is shipped and what the stage loads.

``config.json`` (encoder shape), ``model.safetensors`` (half precision), ``vocab.txt``, ``judge.json`` (version, thresholds,
temperatures, how it was made).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from classifier.characters import Characters
from classifier.model import JudgeModel, small
from humiao.errors import SettingsError
from humiao.labels import Harm

SHIPPED = Path(__file__).parent / "checkpoint"
SHAPE = frozenset(
    {
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
        "type_vocab_size",
        "pad_token_id",
    }
)
"""What of an encoder's configuration decides its weights."""


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint, on the CPU in float32."""

    model: JudgeModel
    characters: Characters
    version: str
    """Model and checkpoint version, as it stands in a verdict."""
    thresholds: dict[Harm, float]
    temperatures: dict[str, float]
    """Divisor of the logits by head (``harm``, ``stance``, ``sentiment``)."""


def load(folder: Path) -> Checkpoint:
    """Read the checkpoint in `folder`.

    Raises:
        SettingsError: a file is missing or not what it should be.
    """
    try:
        judge: dict[str, Any] = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        characters = Characters.load(folder / "vocab.txt")
        thresholds = {Harm(name): float(value) for name, value in judge["thresholds"].items()}
        with torch.device("meta"):
            model = small(config)
        model.to_empty(device="cpu")
        full = {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
        model.load_state_dict(full, strict=False)
        _fill_positions(model)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise SettingsError(
            f"checkpoint {folder}: can't be loaded ({type(error).__name__}: {error}); name another or train one"
        ) from error
    return Checkpoint(model.eval(), characters, judge["version"], thresholds, judge["temperatures"])


def _fill_positions(model: JudgeModel) -> None:
    """The two index tables of the embeddings are no weights and stand in no file."""
    embeddings = model.encoder.embeddings
    positions = torch.arange(int(model.encoder.config.max_position_embeddings)).unsqueeze(0)
    embeddings.register_buffer("position_ids", positions, persistent=False)
    embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)


def _fingerprint(file: Path, judge: dict[str, Any]) -> str:
    """Eight hex digits that change with the weights, the thresholds and the temperatures."""
    decisions = json.dumps([judge["thresholds"], judge["temperatures"]], sort_keys=True)
    return hashlib.sha256(file.read_bytes() + decisions.encode()).hexdigest()[:8]


def save(folder: Path, model: JudgeModel, characters: Characters, judge: dict[str, Any]) -> str:
    """Write a checkpoint; returns its version, whose tail is a hash of all that decides a verdict."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (value.detach().to(torch.float16) if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
        if name not in {"encoder.embeddings.position_ids", "encoder.embeddings.token_type_ids"}
    }
    save_file(weights, folder / "model.safetensors")
    version = f"{judge['name']}-{_fingerprint(folder / 'model.safetensors', judge)}"
    config = {key: value for key, value in model.encoder.config.to_dict().items() if key in SHAPE} | {"ngrams": model.ngrams.size}
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    characters.save(folder / "vocab.txt")
    text = json.dumps(judge | {"version": version}, indent=1, ensure_ascii=False)
    (folder / "judge.json").write_text(text + "\n", encoding="utf-8")
    return version
