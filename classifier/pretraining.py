"""Pretraining: the encoder learns to fill in masked pieces of everyday text, starting from word vectors.

Resumable: the run folder holds the packed tokens and the latest state; the same command goes on where the last one stopped.
"""

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import ConfigDict
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from transformers import BertModel

from classifier.corpus import prepare
from classifier.encoders import small_bert
from classifier.pieces import MASK, SPECIAL, Pieces
from classifier.weights import quick_training

MASKED = 0.2
"""Share of the pieces that are hidden."""
SPREAD = 0.05
"""Standard deviation of the entries of a word vector when it becomes an embedding."""
SAVE_SECONDS = 180.0


@dataclass(frozen=True)
class Plan:
    """What to pretrain, and how long."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    layers: int = 4
    width: int = 256
    batch: int = 64
    peak_rate: float = 1e-3
    steps: int = 2_600
    seed: int = 20261123


class MaskedModel(nn.Module):
    """Encoder with a head that guesses the hidden pieces; input and output embeddings are shared."""

    def __init__(self, encoder: BertModel, vocabulary: int) -> None:
        super().__init__()
        self.encoder = encoder
        width = int(encoder.config.hidden_size)
        self.transform = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, ids: Tensor, hidden: Tensor, truth: Tensor) -> Tensor:
        """Mean cross-entropy over the hidden positions (`hidden`: bool, `truth`: ids at those positions)."""
        states = self.encoder(input_ids=ids).last_hidden_state[hidden]
        scores = self.transform(states) @ self.encoder.embeddings.word_embeddings.weight.T + self.bias
        return nn.functional.cross_entropy(scores.float(), truth)


def hide(ids: Tensor, vocabulary: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Masked copy and the bool mask: of the hidden pieces 80% become MASK, 10% another piece, 10% stay."""
    hidden = (torch.rand(ids.shape, generator=generator) < MASKED) & (ids >= len(SPECIAL))
    dice = torch.rand(ids.shape, generator=generator)
    masked = ids.masked_fill(hidden & (dice < 0.8), MASK)  # noqa: PLR2004 (the usual 80/10/10)
    noise = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    return torch.where(hidden & (dice > 0.9), noise, masked), hidden  # noqa: PLR2004


def start_from(vectors: np.ndarray, encoder: BertModel) -> None:
    """Make word vectors [pieces, width] the encoder's embeddings, each at length SPREAD * sqrt(width); zero rows change nothing."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = torch.from_numpy(length[:, 0] > 0)
    scaled = torch.from_numpy(vectors / np.maximum(length, 1e-9) * SPREAD * np.sqrt(vectors.shape[1])).float()
    with torch.no_grad():
        encoder.embeddings.word_embeddings.weight[known] = scaled[known]


def pretrain(home: Path, run: Path, plan: Plan, minutes: float) -> float:
    """Pretrain for at most `minutes` (or to the plan's end); returns the mean loss of the last 200 steps."""
    torch.manual_seed(plan.seed)
    prepare(home, run, plan.width, plan.seed)
    vocabulary = len(Pieces.load(run / "pieces.json"))
    tokens = np.load(run / "tokens.npy", mmap_mode="r")
    model = MaskedModel(small_bert(vocabulary, plan.layers, plan.width, dropout=0.0), vocabulary)
    start_from(np.load(run / "vectors.npy"), model.encoder)
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    step, losses = 0, []
    if (run / "state.pt").exists():
        state = torch.load(run / "state.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, losses = state["step"], state["losses"]
    (run / "plan.json").write_text(json.dumps(asdict(plan) | {"vocabulary": vocabulary}, indent=1))
    began = saved = time.monotonic()
    columns = (
        TextColumn("pretraining {task.completed}/{task.total} loss {task.fields[loss]:.3f}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=plan.steps, completed=step, loss=math.nan)
        while step < plan.steps and time.monotonic() - began < minutes * 60:
            progress_share = step / plan.steps
            rate = plan.peak_rate * min(1.0, (step + 1) / 300) * max(0.05, 1 - progress_share)
            for group in optimiser.param_groups:
                group["lr"] = rate
            losses = [*losses[-199:], _step(model, optimiser, tokens, plan, step, vocabulary)]
            step += 1
            progress.update(bar, completed=step, loss=sum(losses) / len(losses))
            if time.monotonic() - saved > SAVE_SECONDS:
                _save(run, model, optimiser, step, losses)
                saved = time.monotonic()
    _save(run, model, optimiser, step, losses)
    return sum(losses) / max(1, len(losses))


def _step(
    model: MaskedModel, optimiser: torch.optim.Optimizer, tokens: np.ndarray, plan: Plan, step: int, vocabulary: int
) -> float:
    order = np.random.default_rng((plan.seed, step))
    rows = np.sort(order.choice(len(tokens), plan.batch, replace=False))
    ids = torch.from_numpy(tokens[rows].astype(np.int64))
    generator = torch.Generator().manual_seed(plan.seed * 31 + step)
    masked, hidden = hide(ids, vocabulary, generator)
    with quick_training():
        loss = model(masked, hidden, ids[hidden])
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _save(run: Path, model: MaskedModel, optimiser: torch.optim.Optimizer, step: int, losses: list[float]) -> None:
    partial = run / "state.partial.pt"
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "losses": losses}, partial)
    partial.rename(run / "state.pt")
    torch.save(model.encoder.state_dict(), run / "encoder.partial.pt")
    (run / "encoder.partial.pt").rename(run / "encoder.pt")
