"""Commands of the classifier: the stage, judging without a log, training, evaluation."""

import json
import os
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier import model_commands
from humiao.cli.options import ConfigOption, DataOption
from humiao.errors import BadInput

if TYPE_CHECKING:
    from classifier.judge import Judge
    from classifier.weights import Checkpoint
    from humiao.post import Post
    from humiao.settings import Settings

LINES_AT_A_TIME = 512
KERNEL_CACHES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
"""Variables that oneDNN and torch's layer above it read once, when they are loaded. By default each keeps 1,024 kernels, half a GiB
after a few thousand posts; the shapes that judging meets all day are few (`classifier.lean`)."""
KERNELS = "32"
PARENTS = 20_000
"""Lines that are remembered as posts that later ones may answer."""
ScheduleOption = Annotated[
    Path | None, typer.Option("--schedule", help="TOML file that says how to train; none = the shipped one.")
]
PublicData = Annotated[Path | None, typer.Option("--public-data", help="Folder of the public sets; also HUMIAO_PUBLIC_DATA.")]


def register(app: typer.Typer) -> None:
    """Add the classifier's commands."""
    app.command("classify")(classify)
    app.command("train")(train)
    app.command("pretrain")(pretrain)
    app.command("eval")(evaluate)
    model_commands.register(app)


def _judge(settings: "Settings") -> "Judge":
    """The model in use, ready to judge."""
    from classifier.judge import Judge

    return Judge(_load(settings, model_commands.registry_of(settings).active()))


def _load(settings: "Settings", version: str) -> "Checkpoint":
    for cache in KERNEL_CACHES:
        os.environ.setdefault(cache, KERNELS)
    import torch

    from classifier.weights import load

    if settings.classify.threads:
        torch.set_num_threads(settings.classify.threads)
    device = settings.classify.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return load(model_commands.registry_of(settings).path(version), device)


def classify(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read posts (JSON lines) on stdin, write verdicts on stdout; no log, no store.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="With --jsonl: add the spans that explain each flagged harm.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the classify stage until it is stopped, or judge lines. Example: humiao classify --jsonl < posts.jsonl"""
    from humiao import logs, metrics
    from humiao.log import open_log
    from humiao.settings import load

    settings = load(config, data=data)
    logs.configure(settings, "classify")
    if jsonl:
        raise typer.Exit(_judge_lines(_judge(settings), explain))
    from classifier.duty import Duty
    from classifier.stage import classify_stage

    with open_log(settings) as log:
        duty = Duty(model_commands.registry_of(settings), lambda version: _load(settings, version))
        stage = classify_stage(log, duty, settings.classify.batch)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stage.stop())
        metrics.serve(settings.classify.metrics_port)
        stage.run()


def _judge_lines(judge: "Judge", explain: bool) -> int:
    """Verdicts of the posts on stdin, order kept; a bad line is reported and left out. Returns the exit code."""
    from humiao.post import Post

    bad = 0
    waiting: list[Post] = []
    written: OrderedDict[tuple[str, str], str] = OrderedDict()
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            waiting.append(Post.from_json(line))
        except BadInput as error:
            print(f"stdin:{number}: {error}", file=sys.stderr)
            bad += 1
        if len(waiting) >= LINES_AT_A_TIME:
            _print_verdicts(judge, _with_parents(waiting, written), explain)
            waiting = []
    _print_verdicts(judge, _with_parents(waiting, written), explain)
    return 2 if bad else 0


def _with_parents(posts: "list[Post]", written: OrderedDict[tuple[str, str], str]) -> "list[Post]":
    """The posts with the text of the one that each answers, if it is among them or in `written`, which grows by them."""
    from humiao.post import MAX_PARENT

    written |= {(post.platform, post.native_id): post.text[:MAX_PARENT] for post in posts if post.native_id}
    found = [
        post
        if post.parent or not post.reply_to
        else post.model_copy(update={"parent": written.get((post.platform, post.reply_to), "")})
        for post in posts
    ]
    while len(written) > PARENTS:
        written.popitem(last=False)
    return found


def _print_verdicts(judge: "Judge", posts: "list[Post]", explain: bool) -> None:
    for verdict in judge.verdicts(posts, explain=explain):
        print(json.dumps(verdict.model_dump(mode="json"), ensure_ascii=False))
    sys.stdout.flush()


def train(
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")] = Path("runs/checkpoint"),
    run: Annotated[Path, typer.Option(help="Folder for the resumable state.")] = Path("runs/train"),
    pretrained: Annotated[Path | None, typer.Option(help="Run folder of `humiao pretrain`; none = random weights.")] = None,
    base_model: Annotated[
        Path | None, typer.Option(help="Folder of a Hugging Face encoder with its tokenizer, instead of --pretrained.")
    ] = None,
    from_checkpoint: Annotated[
        Path | None, typer.Option(help="Folder of a checkpoint whose encoder and heads go on learning, instead of --pretrained.")
    ] = None,
    schedule: ScheduleOption = None,
    public_data: PublicData = None,
    from_decisions: Annotated[
        bool, typer.Option("--from-decisions", help="Instead: teach the model in use by the desk's decisions, as a challenger.")
    ] = False,
    reviewed: model_commands.Reviewed = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Train a checkpoint on our own posts and the public sets. Example: humiao train --pretrained runs/pretrain

    With --from-decisions it makes a challenger of the model in use; see humiao models.
    """
    from humiao.settings import load

    settings = load(config, data=data)
    if from_decisions:
        version = model_commands.teach(settings, reviewed or [])
        print(f"challenger {version}; next: humiao models gate {version}")
        return
    from classifier.public import folder
    from classifier.schedule import SHIPPED, read
    from classifier.training import train as fit

    if sum(map(bool, (pretrained, base_model, from_checkpoint))) > 1:
        raise BadInput("train: a training starts from one thing; name one of --pretrained, --base-model, --from-checkpoint")
    recipes = read(schedule or SHIPPED).training
    version = fit(folder(public_data), run, out, recipes, pretrained, base_model=base_model, checkpoint=from_checkpoint)
    print(f"checkpoint {version} in {out}")


def pretrain(
    run: Annotated[Path, typer.Option(help="Folder for tokens and resumable state.")] = Path("runs/pretrain"),
    minutes: Annotated[
        float, typer.Option(min=0.01, help="Stop after so many minutes; the same command goes on from there.")
    ] = 60.0,
    schedule: ScheduleOption = None,
    public_data: PublicData = None,
) -> None:
    """Pretrain the encoder on public text, resumable. Example: humiao pretrain --public-data ~/sets --minutes 90"""
    from classifier.pretraining import pretrain as fit
    from classifier.public import folder
    from classifier.schedule import SHIPPED, read

    loss = fit(folder(public_data), run, read(schedule or SHIPPED).pretraining, minutes)
    print(f"mean loss of the last steps: {loss:.3f}; state in {run}")


def evaluate(
    file: Annotated[Path, typer.Argument(help="Evaluation lines: text, harm, stance, sentiment.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Measure the checkpoint on labelled lines. Example: humiao eval classifier/data/posts/people.jsonl --json"""
    from classifier.evaluation import any_harm, figures
    from classifier.rows import read_examples
    from humiao.settings import load

    examples = read_examples(file)
    if not examples:
        raise BadInput(f"{file}: has no lines")
    judge = _judge(load(config, data=data))
    verdicts = judge.judge_texts([example.readable for example in examples], [example.parent for example in examples])
    found = figures(
        [example.row() for example in examples],
        [verdict.flags for verdict in verdicts],
        [verdict.top_stance for verdict in verdicts],
        [verdict.top_sentiment for verdict in verdicts],
        [any_harm(verdict.harm.values()) for verdict in verdicts],
    )
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("harm", "precision", "recall", "F1", "support")
    for slug, scores in [*found["harm"]["per_class"].items(), ("any_harm", found["any_harm"])]:
        table.add_row(slug, *(f"{scores[part]:.3f}" for part in ("precision", "recall", "f1")), str(scores["support"]))
    Console().print(table)
    stance, mood = found["stance"], found["sentiment"]
    print(f"harm macro-F1 {found['harm']['macro_f1']:.3f}, stance accuracy {stance['accuracy']:.3f}", end=", ")
    print(f"sentiment macro-F1 {mood['macro_f1']:.3f}")
