"""Options that several commands have."""

import getpass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Final

import typer

from humiao import logs
from humiao.errors import BadInput
from humiao.settings import Settings, load

SHANGHAI: Final = timezone(timedelta(hours=8))

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder of the embedded default (log.db, store.db, blobs/, warc/, keys/); also HUMIAO_DATA.",
        show_default="data",
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file with settings; default ./humiao.toml if there is one.")
]


def since_when(text: str) -> datetime:
    """A day or time in ISO 8601; without offset it is Shanghai time.

    Raises:
        BadInput: it is none.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--since: {text!r} is no day or time; write it like 2026-03-01 or 2026-03-01T08:00:00+08:00") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def settings_of(config: Path | None, data: Path | None, command: str) -> Settings:
    """Settings from file, environment and command line; log lines name `command`."""
    settings = load(config, data=data)
    logs.configure(settings, command)
    return settings


def person() -> str:
    """Who sits at this terminal, for what a command leaves in a history."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"
