"""A challenger: the champion taught by the desk's decisions, with our own posts repeated beside them so that nothing is forgotten.

The n-gram table, thresholds, temperatures and biases stay as they are, so that the two differ in nothing but what was learnt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from classifier import weights
from classifier.encoding import Window, batch_of
from classifier.model import HARMS, JudgeModel, Logits, parted
from classifier.rows import Row
from classifier.training import SEED, masked_loss, windows_of
from humiao.errors import BadInput

FEWEST: Final = 20
"""Rows from decisions below which there is nothing to learn from."""


@dataclass(frozen=True)
class Lesson:
    """How a challenger is taught."""

    epochs: int = 4
    replayed: int = 4
    """Own posts beside each row from a decision …"""
    fewest_replayed: int = 1_500
    """… and at least so many in an epoch."""
    batch: int = 32
    encoder_rate: float = 1e-4
    head_rate: float = 3e-4
    seed: int = SEED


def retrain(champion: Path, out: Path, decided: Sequence[Row], own: Sequence[Row], lesson: Lesson | None = None) -> str:
    """Teach the checkpoint `champion` by `decided` and write the result into `out`; returns its version. Seeded.

    Args:
        champion: folder of a checkpoint.
        out: folder for the new one.
        decided: rows from decisions (`classifier.lessons`), labelled in part.
        own: fully labelled posts that are repeated.
        lesson: how; None = the usual way.

    Raises:
        BadInput: there are fewer than FEWEST rows.
        SettingsError: the champion can't be loaded.
    """
    lesson = lesson or Lesson()
    if len(decided) < FEWEST:
        raise BadInput(
            f"decisions: {len(decided)} rows to learn from, {FEWEST} needed; decide on more, or label a sample (humiao sample)"
        )
    torch.manual_seed(lesson.seed)
    model, reader, judge, shape = weights.load_trainable(champion)
    model.ngrams.requires_grad_(requires_grad=False)
    groups = [
        {"params": list(model.encoder.parameters()), "lr": lesson.encoder_rate, "peak": lesson.encoder_rate},
        {"params": [*model.squash.parameters(), *model.heads.parameters()], "lr": lesson.head_rate, "peak": lesson.head_rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    warmth = _Warmth(judge)
    replay = min(len(own), max(lesson.fewest_replayed, lesson.replayed * len(decided)))
    total = lesson.epochs * -(-(len(decided) + replay) // lesson.batch)
    dice = Random(lesson.seed)  # noqa: S311 (a seeded order, no secret)
    model.train()
    with Progress(TextColumn("retraining {task.completed}/{task.total}"), BarColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("", total=total)
        step = 0
        for _ in range(lesson.epochs):
            rows = [*decided, *dice.sample(list(own), replay)]
            for some, windows in _batches(rows, windows_of(reader, rows), lesson.batch, dice):
                for group in optimiser.param_groups:
                    group["lr"] = group["peak"] * (1 - step / total)
                loss = masked_loss(warmth(_logits(model, windows)), some)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_([one for one in model.parameters() if one.requires_grad], 1.0)
                optimiser.step()
                step += 1
                progress.update(bar, completed=step)
    made = {"champion": judge["version"], "decided_rows": len(decided), "replayed_rows": replay}
    kept: dict[str, Any] = {
        name: judge[name] for name in ("name", "thresholds", "temperatures", "biases", "joint", "encoder_share") if name in judge
    }
    return weights.save(out, model.eval(), shape, reader, {**kept, "made": {**judge["made"], "retrained": made}})


class _Warmth:
    """Logits as the champion's thresholds see them: divided by the temperatures, biases added."""

    def __init__(self, judge: dict[str, Any]) -> None:
        self._by = judge["temperatures"]
        self._biases = torch.tensor([float(judge["biases"][harm.value]) for harm in HARMS])

    def __call__(self, out: Logits) -> Logits:
        harm = out.harm / self._by["harm"] + self._biases
        return Logits(harm, out.stance / self._by["stance"], out.sentiment / self._by["sentiment"], out.auxiliary)


def _logits(model: JudgeModel, windows: Sequence[Window]) -> Logits:
    batch = batch_of(windows, model.pad)
    with weights.quick_training():
        read: Tensor = model.read(batch)
    with torch.no_grad():
        counted = model.ngrams(batch.letters, batch.own).float()
    return parted(read + counted)


def _batches(rows: Sequence[Row], windows: Sequence[Window], size: int, dice: Random) -> Iterator[tuple[list[Row], list[Window]]]:
    """Batches of rows of like length, in random order."""
    order = list(range(len(rows)))
    dice.shuffle(order)
    order.sort(key=lambda place: len(windows[place].ids) // 8)
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    dice.shuffle(batches)
    for batch in batches:
        yield [rows[place] for place in batch], [windows[place] for place in batch]
