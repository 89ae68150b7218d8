"""Options that every command has."""

from pathlib import Path
from typing import Annotated

import typer

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
