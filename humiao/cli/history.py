"""``humiao ingest``: clue files and history into the log."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption

PATIENCE_SECONDS = 20.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def ingest(
    file: Annotated[Path, typer.Argument(help="JSON lines, one post each.")],
    source: Annotated[str, typer.Option(help="Name of where it comes from, kept with each post.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Return when alerting has handled every post.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Append the posts of a clue file; bad lines are reported, the rest goes in. Example: humiao ingest clues.jsonl --wait"""
    from humiao import ingest as intake
    from humiao.log import open_log
    from humiao.settings import load
    from humiao.store import open_store

    settings = load(config, data=data)
    said = time.monotonic()

    def waiting(pending: int) -> None:
        nonlocal said
        if time.monotonic() - said > PATIENCE_SECONDS:
            said = time.monotonic()
            print(f"waiting for {pending} posts; the stages classify and alert must be running (humiao up)", file=sys.stderr)

    with open_log(settings) as log, open_store(settings) as store:
        result = intake.ingest(log, store, file, source or file.name, lambda line: print(line, file=sys.stderr))
        print(
            f"{file}: {len(result.appended)} posts appended, {result.known} known already, {result.bad} bad lines", file=sys.stderr
        )
        if wait:
            dead = intake.wait_until_handled(log, store, result.appended, waiting)
            if dead:
                print(f"{dead} posts went to the dead letters; see humiao dead list", file=sys.stderr)
    raise typer.Exit(2 if result.bad else 0)
