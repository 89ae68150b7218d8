"""The crawl stage's commands: ``crawl``, ``sources …`` and the demo's ``forum``."""

from pathlib import Path
from typing import Annotated

import typer

from crawlers import source_commands, state_commands
from humiao.cli.options import ConfigOption, DataOption


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("crawl")(crawl)
    app.command("forum", hidden=True)(forum)
    state_commands.register(source_commands.register(app))


def crawl(
    once: Annotated[bool, typer.Option("--once", help="One full pass of every source, then end.")] = False,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only the source of this name.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Read every source again and again and publish its posts to the log. Example: humiao crawl --once --source demo"""
    from crawlers.source_reading import choose, read_sources, source_folder
    from humiao import logs, metrics
    from humiao import settings as all_settings

    settings = all_settings.load(config, data=data)
    logs.configure(settings, "crawl")
    folder = source_folder(settings.crawl.sources, settings.data)
    chosen = choose(read_sources(folder), source, folder)
    metrics.serve(settings.crawl.metrics_port)

    from crawlers.stage import CrawlStage

    if not CrawlStage(settings, chosen).run(once=once) and once:
        raise typer.Exit(1)


def forum(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 = the one of last time, or any free one.")] = 0,
    change_after: Annotated[
        float, typer.Option(min=0, help="Seconds from a thread's first full reading to its edit or deletion.")
    ] = 6.0,
    posts: Annotated[Path | None, typer.Option(help="Other posts than the shipped ones (JSON lines).")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the demo forum on loopback and write its source files. Example: humiao forum --data demo-data --port 0"""
    from crawlers.demo.content import POSTS_FILE
    from crawlers.demo.forum import serve
    from humiao import settings as all_settings

    settings = all_settings.load(config, data=data)
    serve(settings.data, port, posts or POSTS_FILE, change_after)
