"""Fine-tuning: harm, stance and sentiment together, each row teaching only what is known of it.

Own posts are fully labelled and varied anew in each epoch (`classifier.augment`); public sets are labelled in part
(`classifier.public`). Seeded; the run folder keeps a state every few hundred steps, and the same command resumes from it.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, cast

import torch
from pydantic import ConfigDict
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.nn import functional

from classifier import public, weights
from classifier.augment import vary
from classifier.calibration import calibrate
from classifier.characters import Characters
from classifier.encoders import Encoder, described, from_folder, small_bert
from classifier.encoding import CONTEXT_CHARACTERS, WINDOW, Reader, Window, batch_of
from classifier.linear import fit_ngrams
from classifier.model import AUXILIARY, HARMS, SENTIMENTS, STANCES, JudgeModel, Logits, parted
from classifier.normalise import normalise
from classifier.pieces import Pieces
from classifier.rows import POSTS, Row, own

SEED = 20261124
"""Of splits and shuffles, unless a recipe names another one."""
HELD_BACK = 0.12
"""Share of our own posts that choose thresholds and temperatures and are never trained on."""
ENOUGH = 30
"""Posts of each harm that must be among them."""
SAVE_STEPS = 500
WHOLE = "model.pt"
"""In a run folder: encoder and heads after training, from which the next one starts."""
TEXT = 900
"""Characters of a row that training normalises; one window is taken of them."""


@dataclass(frozen=True)
class Recipe:
    """Everything that shapes a training run."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str = "second"
    layers: int = 4
    width: int = 256
    epochs: int = 3
    """0 = encoder and heads stay as they are: only n-grams, shares, temperatures and thresholds are new."""
    repeats: int = 5
    """How often an own post is seen in an epoch, beside each public row once."""
    public_share: float = 1.0
    """Share of the public rows that take part."""
    batch: int = 64
    encoder_rate: float = 3e-4
    head_rate: float = 1e-3
    varied: bool = True
    """Whether own posts are varied (evasion, noise, wrapping, splicing, quoting)."""
    loosened: float = 0.05
    """Share of the longer pieces that fall apart into characters."""
    averaging: float = 0.998
    """Decay of the moving average of the weights, which is what is kept."""
    positive: float = 2.0
    """How much more a harm that is there weighs than one that is not, less one."""
    seed: int = SEED


def split(rows: list[Row], seed: int) -> tuple[list[Row], list[Row]]:
    """Own posts for training and those held back: whole units, in the order of a seeded hash.

    HELD_BACK of them, and beyond those as many as it takes until ENOUGH posts of every harm (or a quarter of its posts, where that
    is less) are held back: the threshold of a rare harm shall not hang on an accident of the order. New posts never move an old
    unit into the held-back ones.
    """
    units: dict[str, list[Row]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    places = {unit: zlib.crc32(f"{seed}/{unit}".encode()) for unit in units}
    back = set()
    posts = Counter(harm for row in rows for harm, there in row.harm.items() if there)
    short = Counter({harm: min(ENOUGH, number // 4) for harm, number in posts.items()})
    for unit in sorted(units, key=places.__getitem__):
        found = Counter(harm for row in units[unit] for harm, there in row.harm.items() if there)
        if places[unit] < HELD_BACK * 2**32 or any(short[harm] > 0 for harm in found):
            back.add(unit)
            short.subtract(found)
    return [row for row in rows if row.unit not in back], [row for row in rows if row.unit in back]


def train(
    home: Path,
    run: Path,
    out: Path,
    recipes: Sequence[Recipe],
    pretrained: Path | None,
    posts: Path = POSTS,
    base_model: Path | None = None,
    checkpoint: Path | None = None,
) -> str:
    """Train by each of `recipes` in turn and write the checkpoint into `out`; returns its version.

    Starts from `pretrained` (a run folder of pretraining), `base_model` (a local Hugging Face encoder with its tokenizer), the
    encoder and heads of `checkpoint`, or random weights; n-grams, thresholds and temperatures are always chosen anew. `home` holds
    the public sets, `posts` our own. What is finished in `run` is not done again.
    """
    for number, recipe in enumerate(recipes, start=1):
        folder = run / f"{number}-{recipe.name}"
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        ours, held = split(own(posts), recipe.seed)
        rest = public.labelled(home, recipe.seed, recipe.public_share)
        model, pieces = _start(recipe, pretrained, base_model, checkpoint, [row.text for row in rest + ours])
        letters = Characters.count((normalise(row.text[:TEXT]).text for row in rest + ours), 5)
        reader = Reader(pieces, letters)
        if number > 1:
            model.load_state_dict(torch.load(run / f"{number - 1}-{recipes[number - 2].name}" / WHOLE, weights_only=True))
        if (folder / WHOLE).exists():
            model.load_state_dict(torch.load(folder / WHOLE, weights_only=True))
            continue
        if recipe.epochs:
            _fit(model, recipe, folder, ours, rest, reader)
        torch.save(model.state_dict(), folder / WHOLE)
    mine = ours + _varied(ours, recipe)
    texts = {row.text for row in rest}
    everything = rest + [row for row in public.labelled(home, recipe.seed) if row.text not in texts]
    encoder = cast("Encoder", model.encoder)
    table = fit_ngrams(mine, everything, windows_of(reader, mine + everything), core=len(rest))
    judge: dict[str, Any] = {
        "name": recipe.name,
        **calibrate(model.eval(), table, reader, held, shares_of(ours + held)),
        "made": {
            "recipes": [asdict(one) for one in recipes],
            "layers": getattr(encoder.model.config, "num_hidden_layers", 0),
            "width": model.heads.in_features,
            "pretrained": bool(pretrained or base_model or checkpoint),
            "own_rows": len(ours),
            "public_rows": len(rest),
        }
        | ({"from": weights.version_of(checkpoint)} if checkpoint else {}),
    }
    return weights.save(out, model, described(encoder), reader, judge)


def shares_of(rows: Sequence[Row]) -> list[float]:
    """How many of `rows` show each harm, as a share."""
    return [sum(row.harm.get(harm, 0.0) for row in rows) / max(1, len(rows)) for harm in HARMS]


def _start(
    recipe: Recipe, pretrained: Path | None, base_model: Path | None, checkpoint: Path | None, texts: Sequence[str]
) -> tuple[JudgeModel, Pieces]:
    """The network before training, without n-grams, and its tokenizer."""
    if checkpoint:
        model, reader, judge, _ = weights.load_trainable(checkpoint)
        model.part(judge["encoder_share"])
        return model, reader.pieces
    encoder, pieces = _encoder(recipe, pretrained, base_model, texts)
    return JudgeModel(encoder, int(encoder.model.config.hidden_size), pad=pieces.pad), pieces


def _encoder(recipe: Recipe, pretrained: Path | None, base_model: Path | None, texts: Sequence[str]) -> tuple[Encoder, Pieces]:
    if base_model:
        return from_folder(base_model)
    pieces = Pieces.load(pretrained / "pieces.json") if pretrained else Pieces.learn(normalise(text).text for text in texts)
    encoder = small_bert(len(pieces), recipe.layers, recipe.width)
    if pretrained:
        encoder.load_state_dict(torch.load(pretrained / "encoder.pt", weights_only=True))
    return Encoder(encoder), pieces


def _varied(rows: list[Row], recipe: Recipe) -> list[Row]:
    """One variant of each row that the dice vary."""
    dice = Random(recipe.seed)  # noqa: S311 (a seeded order, no secret)
    pairs = [(row, vary(row, rows, dice)) for row in rows] if recipe.varied else []
    return [other for row, other in pairs if other is not row]


def windows_of(reader: Reader, rows: Sequence[Row]) -> list[Window]:
    """The first window of each row."""
    texts = [normalise(row.text[:TEXT]).text for row in rows]
    parents = [normalise(row.parent[:CONTEXT_CHARACTERS]).text if row.parent else "" for row in rows]
    return [several[0] for several in reader.windows(texts, parents)]


def _fit(model: JudgeModel, recipe: Recipe, run: Path, ours: list[Row], rest: list[Row], reader: Reader) -> None:
    heads = [*model.squash.parameters(), *model.heads.parameters()]
    groups = [
        {"params": list(model.encoder.parameters()), "peak": recipe.encoder_rate, "weight_decay": 0.01},
        {"params": heads, "peak": recipe.head_rate, "weight_decay": 0.01},
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.encoder_rate, fused=True)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.averaging))
    first, state_file = 0, run / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    fixed = windows_of(reader, rest)
    per_epoch = -(-(len(ours) * recipe.repeats + len(rest)) // recipe.batch)
    total = per_epoch * recipe.epochs
    model.train()
    losses: list[float] = []
    with Progress(
        TextColumn("training {task.completed}/{task.total} loss {task.fields[loss]:.3f}"), BarColumn(), TimeRemainingColumn()
    ) as progress:
        bar = progress.add_task("", total=total, completed=first, loss=0.0)
        step = first
        for epoch in range(first // per_epoch, recipe.epochs):
            for rows, windows in _epoch(recipe, epoch, ours, list(zip(rest, fixed, strict=True)), reader, first % per_epoch):
                for group in optimiser.param_groups:
                    group["lr"] = group["peak"] * min(1.0, (step + 1) / 300) * max(0.02, 1 - step / total)
                torch.manual_seed(recipe.seed + step)
                with weights.quick_training():
                    out = model.read(batch_of(windows, reader.pieces.pad))
                loss = masked_loss(parted(out), rows, recipe.positive)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                average.update_parameters(model)
                step += 1
                losses = [*losses[-199:], float(loss.detach())]
                progress.update(bar, completed=step, loss=sum(losses) / len(losses))
                if step % SAVE_STEPS == 0:
                    _save(state_file, model, average, optimiser, step)
            first = 0
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    _save(state_file, model, average, optimiser, step)
    model.load_state_dict(average.module.state_dict())
    model.eval()


def _save(file: Path, model: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    partial = file.with_suffix(".partial.pt")
    torch.save(
        {"model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, partial
    )
    partial.rename(file)


def _epoch(
    recipe: Recipe, epoch: int, ours: list[Row], rest: list[tuple[Row, Window]], reader: Reader, skip: int
) -> Iterator[tuple[list[Row], list[Window]]]:
    """Batches of rows of like length, in random order; the first `skip` are left out."""
    dice = Random(recipe.seed * 100 + epoch)  # noqa: S311 (a seeded order, no secret)
    mine = [vary(row, ours, dice) if recipe.varied else row for _ in range(recipe.repeats) for row in ours]
    windows = [_loosened(window, reader.pieces, recipe.loosened, dice) for window in windows_of(reader, mine)]
    everything = [*zip(mine, windows, strict=True), *rest]
    dice.shuffle(everything)
    batches = []
    for start in range(0, len(everything), recipe.batch * 50):
        chunk = sorted(everything[start : start + recipe.batch * 50], key=lambda pair: len(pair[1].ids))
        batches += [chunk[low : low + recipe.batch] for low in range(0, len(chunk), recipe.batch)]
    dice.shuffle(batches)
    for batch in batches[skip:]:
        yield [row for row, _ in batch], [window for _, window in batch]


def _loosened(window: Window, pieces: Pieces, share: float, dice: Random) -> Window:
    own = len(window.ids) - window.context
    ids = pieces.loosened(window.ids[: own - 1], share, dice)[: WINDOW + 1 - window.context]
    return replace(window, ids=[*ids, *window.ids[own - 1 :]])


def masked_loss(logits: Logits, batch: list[Row], positive: float = 2.0) -> Tensor:
    """Weighted mean over the rows of binary cross-entropy (harm, auxiliary) and cross-entropy (stance, sentiment), where known."""
    weight = torch.tensor([row.weight for row in batch])
    total = torch.zeros(())
    for head, names, known, extra in (
        (logits.harm, HARMS, [row.harm for row in batch], positive),
        (logits.auxiliary, AUXILIARY, [row.auxiliary for row in batch], 0.0),
    ):
        truth, mask = _table(names, known)
        each = functional.binary_cross_entropy_with_logits(head, truth, reduction="none")
        total = total + (each * mask * (1 + extra * truth) * weight[:, None]).sum() / len(batch)
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
