"""Commands around the models of an installation: teaching a challenger, comparing, promoting, rolling back, sampling."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption, person, settings_of, since_when

if TYPE_CHECKING:
    from classifier.registry import Registry
    from classifier.rows import Row
    from humiao.settings import Settings

REFUSED = 1
Version = Annotated[str, typer.Argument(help="Version of the model, as `humiao models list` shows it.")]
Reviewed = Annotated[
    list[Path] | None, typer.Option("--reviewed", help="Lines of `humiao sample`, labelled by a person; may be given again.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sample")(sample)
    models = typer.Typer(help="Models: champion and challengers. Example: humiao models list", no_args_is_help=True)
    models.command("list")(list_models)
    models.command("gate")(gate)
    models.command("promote")(promote)
    models.command("rollback")(rollback)
    app.add_typer(models, name="models")


def registry_of(settings: "Settings") -> "Registry":
    """The models of this installation."""
    from classifier.registry import Registry

    return Registry(settings.data, settings.classify.checkpoint)


def teach(settings: "Settings", reviewed: Sequence[Path]) -> str:
    """Make a challenger from the decisions in the store; returns its version."""
    from classifier.lessons import read_lessons
    from classifier.retraining import retrain
    from classifier.rows import own
    from classifier.training import SEED, split
    from humiao.store import open_store

    registry = registry_of(settings)
    with open_store(settings) as store:
        lessons = read_lessons(store, reviewed)
    print(
        f"{len(lessons.taught)} rows to learn from, {len(lessons.kept)} kept for the gate, {lessons.disputed} disputed alerts out"
    )
    ours, _ = split(own(), SEED)
    champion = registry.active()
    return registry.add(
        lambda folder: retrain(registry.path(champion), folder, lessons.taught, ours),
        person(),
        datetime.now(UTC),
        f"{champion} taught by {len(lessons.taught)} rows",
    )


def sample(
    count: Annotated[int, typer.Option(min=1, max=5000, help="How many posts.")] = 50,
    since: Annotated[
        str, typer.Option("--since", help="Posts from this day or time on (ISO 8601; Shanghai time without offset).")
    ] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the posts most worth labelling as evaluation lines, masked. Example: humiao sample --count 100 > review.jsonl

    Correct harm, stance and sentiment of each line, take the tag "unlabelled" out, and give the file to
    humiao train --from-decisions --reviewed FILE.
    """
    from classifier.sampling import line
    from classifier.sampling import sample as choose
    from classifier.weights import load
    from humiao.store import open_store

    settings = settings_of(config, data, "models")
    registry = registry_of(settings)
    thresholds = load(registry.path(registry.active())).thresholds
    start = since_when(since) if since else None
    with open_store(settings) as store:
        for post in choose(store, thresholds, count, start):
            print(line(post))


def list_models(data: DataOption = None, config: ConfigOption = None) -> None:
    """Show the models, which one judges, and what was done with them. Example: humiao models list"""
    from classifier.outcome import Outcome

    registry = registry_of(settings_of(config, data, "models"))
    active = registry.active()
    for version in registry.versions():
        outcome = Outcome.load(registry.path(version)) if version != registry.base_version() else None
        said = f"gate {'passed' if outcome.passed else 'refused'} against {outcome.champion}" if outcome else "not gated"
        print(f"{'*' if version == active else ' '} {version}  {said if version != registry.base_version() else 'the base'}")
    for entry in registry.history():
        print(f"  {entry.at}  {entry.act:<11} {entry.version}  {entry.by}  {entry.note}")


def gate(version: Version, reviewed: Reviewed = None, data: DataOption = None, config: ConfigOption = None) -> None:
    """Compare a challenger with the model in use; exit code 1 if it may not be promoted. Example: humiao models gate VERSION"""
    from classifier.gate import compare
    from classifier.judge import Judge
    from classifier.lessons import read_lessons
    from classifier.weights import load
    from humiao.store import open_store

    settings = settings_of(config, data, "models")
    registry = registry_of(settings)
    with open_store(settings) as store:
        lessons = read_lessons(store, reviewed or [])
    champion, challenger = (Judge(load(registry.path(one))) for one in (registry.active(), version))
    outcome = compare(champion, challenger, _fixed(), lessons.kept, datetime.now(UTC))
    registry.gated(outcome, person())
    fixed, decisions, macro = outcome.figures["fixed"], outcome.figures["decisions"], outcome.figures["macro_f1"]
    print(f"champion {outcome.champion}, challenger {outcome.challenger}")
    print(
        f"fixed posts: {fixed['posts']}; right only by the champion {fixed['only_champion_right']}, only by the challenger "
        f"{fixed['only_challenger_right']} (McNemar p = {fixed['mcnemar_p']})"
    )
    print(f"macro-F1: {macro['champion']} -> {macro['challenger']}, 95% interval of the difference {macro['difference_95']}")
    print(
        f"decisions: {decisions['rows']}; right only by the champion {decisions['only_champion_right']}, only by the challenger "
        f"{decisions['only_challenger_right']}"
    )
    for refusal in outcome.refusals:
        print(f"refused: {refusal}")
    if not outcome.passed:
        raise typer.Exit(REFUSED)
    print(f"passed; to put it in use: humiao models promote {version}")


def promote(version: Version, data: DataOption = None, config: ConfigOption = None) -> None:
    """Put a challenger in use that passed the gate; running stages take it at once. Example: humiao models promote VERSION"""
    registry = registry_of(settings_of(config, data, "models"))
    registry.promote(version, person(), datetime.now(UTC))
    print(f"{version} is in use")


def rollback(data: DataOption = None, config: ConfigOption = None) -> None:
    """Put the model in use that was in use before. Example: humiao models rollback"""
    registry = registry_of(settings_of(config, data, "models"))
    print(f"{registry.roll_back(person(), datetime.now(UTC))} is in use")


def _fixed() -> "list[Row]":
    """The posts that every challenger is measured on: none of them trains anything."""
    from classifier.rows import DATA, TEST, own, read_examples
    from classifier.training import SEED, split

    _, held = split(own(), SEED)
    return [*held, *(example.row() for file in (TEST, DATA / "challenge.jsonl") for example in read_examples(file))]
