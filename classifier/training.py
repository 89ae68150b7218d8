"""Fine-tuning: harm, stance and sentiment together, each row teaching only what is known of it.

Own posts are fully labelled; public sets in part (`classifier.public`). Seeded; the run folder keeps a state after each part of
an epoch, and the same command resumes from it.
"""

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.nn import functional

from classifier import public, weights
from classifier.calibration import calibrate
from classifier.characters import Characters
from classifier.judge import WINDOW, tensor, windows_of
from classifier.linear import fit_ngrams
from classifier.model import AUXILIARY, HARMS, SENTIMENTS, STANCES, JudgeModel, Logits, encoder_config
from classifier.normalise import normalise
from classifier.rows import POSTS, Row, own

HELD_BACK = 0.12
"""Share of our own posts that choose thresholds and temperatures and are never trained on."""


@dataclass(frozen=True)
class Recipe:
    """Everything that shapes a training run."""

    name: str = "first"
    layers: int = 4
    width: int = 256
    epochs: int = 3
    repeats: int = 6
    """How often an own post is seen in an epoch, beside each public row once."""
    most_public: int = 2000
    """Rows taken of each public set."""
    batch: int = 64
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    seed: int = 20261123


def split(rows: list[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Own posts for training and those held back: whole units, drawn by a seeded shuffle."""
    units = sorted({row.unit for row in rows})
    random.Random(seed).shuffle(units)  # noqa: S311 (a seeded split, no secret)
    back = frozenset(units[: round(len(units) * HELD_BACK)])
    return [row for row in rows if row.unit not in back], [row for row in rows if row.unit in back]


def train(home: Path, run: Path, out: Path, recipe: Recipe, pretrained: Path | None, posts: Path = POSTS) -> str:
    """Train from `pretrained` (a run folder of pretraining) or from random weights; writes `out`, returns its version.

    `home` holds the public sets, `posts` our own.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    ours, held = split(own(posts), recipe.seed)
    rest = public.labelled(home, recipe.seed, recipe.most_public)
    characters = Characters.load(pretrained / "vocab.txt") if pretrained else Characters.count((row.text for row in rest + ours), 5)
    model = JudgeModel(encoder_config(len(characters), recipe.layers, recipe.width))
    if pretrained:
        model.encoder.load_state_dict(torch.load(pretrained / "encoder.pt", weights_only=True))
    encoded = {id(row): windows_of(characters, normalise(row.text).text[:WINDOW])[0] for row in ours + rest}
    _fit(model, recipe, run, ours, rest, encoded)
    model.join(fit_ngrams(ours, rest, encoded))
    thresholds, temperatures, figures = calibrate(model, characters, held)
    judge: dict[str, Any] = {
        "name": recipe.name,
        "thresholds": thresholds,
        "temperatures": temperatures,
        "made": {"recipe": asdict(recipe), "pretrained": bool(pretrained), "own_rows": len(ours), "public_rows": len(rest)},
        "held_back": figures,
    }
    return weights.save(out, model, characters, judge)


def _fit(model: JudgeModel, recipe: Recipe, run: Path, ours: list[Row], rest: list[Row], encoded: dict[int, list[int]]) -> None:
    groups = [
        {"params": list(model.encoder.parameters()), "peak": recipe.encoder_rate, "weight_decay": 0.01},
        {"params": [*model.squash.parameters(), *model.heads.parameters()], "peak": recipe.head_rate, "weight_decay": 0.01},
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.encoder_rate)
    plan = [batch for epoch in range(recipe.epochs) for batch in _epoch(recipe, epoch, ours, rest, encoded)]
    first, state_file = 0, run / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    model.train()
    losses: list[float] = []
    columns = (
        TextColumn("training {task.completed}/{task.total} loss {task.fields[loss]:.3f}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=len(plan), completed=first, loss=0.0)
        for step in range(first, len(plan)):
            share = step / len(plan)
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * min(1.0, (step + 1) / 200) * (1 - share)
            torch.manual_seed(recipe.seed + step)
            batch = plan[step]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(tensor([encoded[id(row)] for row in batch]))
            loss = masked_loss(logits, batch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses = [*losses[-199:], float(loss.detach())]
            progress.update(bar, completed=step + 1, loss=sum(losses) / len(losses))
            if step % 500 == 499:  # noqa: PLR2004 (every 500 steps)
                torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}, state_file)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": len(plan)}, state_file)
    model.eval()


def _epoch(recipe: Recipe, epoch: int, ours: list[Row], rest: list[Row], encoded: dict[int, list[int]]) -> list[list[Row]]:
    """Batches of rows of like length, in random order."""
    dice = random.Random(recipe.seed * 100 + epoch)  # noqa: S311 (a seeded order, no secret)
    rows = ours * recipe.repeats + rest
    dice.shuffle(rows)
    batches = []
    for start in range(0, len(rows), recipe.batch * 50):
        chunk = sorted(rows[start : start + recipe.batch * 50], key=lambda row: len(encoded[id(row)]))
        batches += [chunk[low : low + recipe.batch] for low in range(0, len(chunk), recipe.batch)]
    dice.shuffle(batches)
    return batches


def masked_loss(logits: Logits, batch: list[Row]) -> Tensor:
    """Weighted mean over the rows of binary cross-entropy (harm, auxiliary) and cross-entropy (stance, sentiment), where known."""
    weight = torch.tensor([row.weight for row in batch])
    total = torch.zeros(())
    for head, names, known in (
        (logits.harm, HARMS, [row.harm for row in batch]),
        (logits.auxiliary, AUXILIARY, [row.auxiliary for row in batch]),
    ):
        truth, mask = _table(names, known)
        each = functional.binary_cross_entropy_with_logits(head, truth, reduction="none")
        total = total + (each * mask * (1 + 2 * truth) * weight[:, None]).sum() / len(batch)
    for scores, classes, answers in (
        (logits.stance, STANCES, [row.stance for row in batch]),
        (logits.sentiment, SENTIMENTS, [row.sentiment for row in batch]),
    ):
        places = torch.tensor([classes.index(answer) if answer is not None else -1 for answer in answers])
        if (places >= 0).any():
            each = functional.cross_entropy(scores, places.clamp(min=0), reduction="none")
            total = total + (each * (places >= 0) * weight).sum() / len(batch)
    return total


def _table(names: tuple[Any, ...], known: list[Any]) -> tuple[Tensor, Tensor]:
    truth, mask = torch.zeros(len(known), len(names)), torch.zeros(len(known), len(names))
    for row, facts in enumerate(known):
        for column, name in enumerate(names):
            if name in facts:
                truth[row, column], mask[row, column] = facts[name], 1.0
    return truth, mask
