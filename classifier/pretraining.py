"""Pretraining: the encoder learns to fill in masked stretches of everyday text (masked language modelling).

Resumable: the run folder holds the packed tokens and the latest state; the same command goes on where the last one stopped.
"""

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from transformers import BertModel

from classifier import public
from classifier.characters import CLS, MASK, SEP, SPECIAL, Characters
from classifier.model import encoder_config
from classifier.normalise import normalise
from classifier.rows import own

LENGTH = 128
"""Tokens of a packed sequence."""
MASKED = 0.2
"""Share of the tokens that are hidden."""
SAVE_SECONDS = 180.0


@dataclass(frozen=True)
class Plan:
    """What to pretrain, and how long."""

    layers: int = 4
    width: int = 256
    batch: int = 64
    peak_rate: float = 1e-3
    steps: int = 20_000
    seed: int = 20261123


class MaskedModel(nn.Module):
    """Encoder with a head that guesses the hidden characters; input and output embeddings are shared."""

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


def pack(home: Path, run: Path, seed: int) -> tuple[Characters, np.ndarray]:
    """The vocabulary and all text as uint16 ids [sequences, LENGTH], made once and kept in `run`."""
    if not (run / "tokens.npy").exists():
        run.mkdir(parents=True, exist_ok=True)
        texts = [normalise(text[:1000]).text for text in public.texts(home)] + [normalise(row.text).text for row in own()]
        np.random.default_rng(seed).shuffle(texts)
        characters = Characters.count(texts, at_least=40)
        characters.save(run / "vocab.txt")
        stream: list[int] = []
        for text in texts:
            stream += [CLS, *characters.ids(text), SEP]
        kept = len(stream) // LENGTH * LENGTH
        partial = run / "tokens.partial.npy"
        np.save(partial, np.array(stream[:kept], dtype=np.uint16).reshape(-1, LENGTH))
        partial.rename(run / "tokens.npy")
    return Characters.load(run / "vocab.txt"), np.load(run / "tokens.npy", mmap_mode="r")


def hide(ids: Tensor, vocabulary: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Masked copy and the bool mask: stretches of one to three characters, 80% become MASK, 10% random, 10% stay."""
    starts = torch.rand(ids.shape, generator=generator) < MASKED / 2
    reach = torch.randint(1, 4, ids.shape, generator=generator)
    hidden = starts.clone()
    for step in (1, 2):
        hidden[:, step:] |= starts[:, :-step] & (reach[:, :-step] > step)
    hidden &= ids >= len(SPECIAL)
    dice = torch.rand(ids.shape, generator=generator)
    masked = ids.masked_fill(hidden & (dice < 0.8), MASK)  # noqa: PLR2004 (the usual 80/10/10)
    noise = torch.randint(len(SPECIAL), vocabulary, ids.shape, generator=generator)
    return torch.where(hidden & (dice > 0.9), noise, masked), hidden  # noqa: PLR2004


def pretrain(home: Path, run: Path, plan: Plan, minutes: float) -> float:
    """Pretrain for at most `minutes` (or to the plan's end); returns the mean loss of the last 200 steps."""
    torch.manual_seed(plan.seed)
    characters, tokens = pack(home, run, plan.seed)
    config = encoder_config(len(characters), plan.layers, plan.width)
    model = MaskedModel(BertModel(config, add_pooling_layer=False), len(characters))
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01)
    step, losses = 0, []
    if (run / "state.pt").exists():
        state = torch.load(run / "state.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, losses = state["step"], state["losses"]
    (run / "plan.json").write_text(json.dumps(asdict(plan) | {"vocabulary": len(characters)}, indent=1))
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
            losses = [*losses[-199:], _step(model, optimiser, tokens, plan, step, len(characters))]
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
    with torch.autocast("cpu", dtype=torch.bfloat16):
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
