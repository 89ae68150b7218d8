"""``humiao ingest``: clue files and history into the log."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption

if TYPE_CHECKING:
    from humiao.ingest import Ingested
    from humiao.intake.how import HowToRead

PATIENCE_SECONDS = 20.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def ingest(
    file: Annotated[
        Path, typer.Argument(help="JSON lines (one post each), a sheet (CSV, TSV, XLSX), or a ZIP of a sheet and screenshots.")
    ],
    source: Annotated[str, typer.Option(help="Where it comes from, kept with each post.", show_default="name of FILE")] = "",
    map_: Annotated[
        str | None,
        typer.Option(
            "--map",
            help="What the columns of a sheet are: 内容=text,日期+时间=ts,平台=@抖音, or auto. Without it the guess is shown.",
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Which sheet of a workbook.", show_default="the first with a recognisable header")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times without offset in a sheet.")] = "Asia/Shanghai",
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file, such as gb18030.", show_default="found out")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when alerting has handled every post.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Append the posts of a clue file; bad lines are reported, the rest goes in. Example: humiao ingest clues.jsonl --wait"""
    from humiao import ingest as intake
    from humiao.blobs import Blobs
    from humiao.intake.handled import wait_until_handled
    from humiao.intake.table_lines import MapNeeded
    from humiao.log import open_log
    from humiao.settings import load
    from humiao.store import open_store

    how = _how(map_, sheet, timezone, encoding)
    settings = load(config, data=data)
    said = time.monotonic()

    def waiting(pending: int) -> None:
        nonlocal said
        if time.monotonic() - said > PATIENCE_SECONDS:
            said = time.monotonic()
            _say(f"waiting for {pending} posts; the stages classify and alert must be running (humiao up)")

    with open_log(settings) as log, open_store(settings) as store:
        try:
            result = intake.ingest(log, store, Blobs(settings.data / "blobs"), file, source or file.name, _say, how)
        except MapNeeded as needed:
            from humiao.cli.sheet_table import guess_console, show_guess

            given = {"--source": source, "--sheet": sheet, "--encoding": encoding, "--data": data, "--config": config}
            given["--timezone"] = timezone if timezone != "Asia/Shanghai" else None
            options = [part for name, value in given.items() if value for part in (name, str(value))]
            show_guess(needed, guess_console(), [str(file), *options])
            raise typer.Exit(2) from None
        with result.pending:
            _say(_summary(file, result))
            if wait and (dead := wait_until_handled(log, store, result.pending, result.began, waiting)):
                _say(f"{dead} posts went to the dead letters; see humiao dead list")
    raise typer.Exit(2 if result.bad or result.remarks else 0)


def _how(map_: str | None, sheet: str | None, timezone: str, encoding: str | None) -> "HowToRead":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from humiao.errors import BadInput
    from humiao.intake.encoding import checked
    from humiao.intake.how import HowToRead
    from humiao.intake.mapping import parse_map

    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"--timezone {timezone}: no such zone; use a name such as Asia/Shanghai") from error
    return HowToRead(
        parse_map(map_) if map_ is not None else None, sheet, zone, checked(encoding) if encoding is not None else None
    )


def _summary(file: Path, result: "Ingested") -> str:
    line = f"{file}: {result.appended} posts appended, {result.known} known already, {result.bad} bad lines, of {result.read} read"
    hidden = f" ({result.hidden} of them hidden in the workbook, by a filter perhaps)" if result.hidden else ""
    remarks = f"; {result.remarks} pictures missing or refused" if result.remarks else ""
    return line + hidden + remarks


def _say(line: str) -> None:
    print(line, file=sys.stderr)
