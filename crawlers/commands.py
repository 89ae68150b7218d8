"""The crawl stage's commands: ``crawl``, ``sources check`` and the demo's ``forum``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawlers import state_commands
from humiao.cli.options import ConfigOption, DataOption

if TYPE_CHECKING:
    from humiao.post import Post

SHOWN = 5
"""Posts that `sources check` shows."""
EXCERPT = 60
"""Characters of each."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("crawl")(crawl)
    app.command("forum", hidden=True)(forum)
    sources = typer.Typer(help="Source files: which sites are read, and how. Example: humiao sources check", no_args_is_help=True)
    sources.callback()(_sources)
    sources.command("check")(check)
    state_commands.register(sources)
    app.add_typer(sources, name="sources")


def _sources() -> None:
    """Source files: which sites are read, and how. Example: humiao sources check"""


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


def check(
    name: Annotated[str | None, typer.Argument(help="Only the source of this name.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Validate source files, read one page of each politely, show what would be collected. Example: humiao sources check demo"""
    from crawlers.source_reading import choose, problems, read_sources, source_folder
    from humiao import logs
    from humiao import settings as all_settings

    settings = all_settings.load(config, data=data)
    logs.configure(settings, "crawl")
    folder = source_folder(settings.crawl.sources, settings.data)
    if wrong := [problem for file in sorted(folder.glob("*.yaml")) for problem in problems(file)]:
        for problem in wrong:
            typer.echo(problem, err=True)
        raise typer.Exit(2)
    chosen = choose(read_sources(folder), name, folder)

    from crawlers.check import sample

    troubled = False
    results = sample(chosen, settings)
    for source in chosen:
        posts, complete = results[source.name]
        troubled = troubled or not complete or not posts
        typer.echo(f"{source.name}: the file is valid; one request per {source.rate.seconds:g} s")
        typer.echo(f"  owner: {source.owner}; permission: {source.permission}")
        shown = f"; the first {SHOWN}:" if len(posts) > SHOWN else ""
        typer.echo(f"  {len(posts)} posts would be collected from the first page read{shown}")
        for post in posts[:SHOWN]:
            typer.echo(f"  {_line(post)}")
    if troubled:
        typer.echo("not everything could be read; the log lines above say why", err=True)
        raise typer.Exit(1)


def _line(post: "Post") -> str:
    from zoneinfo import ZoneInfo

    words = " ".join(filter(None, (post.title, " ".join(post.text.split()))))
    when = post.ts.astimezone(ZoneInfo("Asia/Shanghai"))
    return f"{when:%Y-%m-%d %H:%M} {post.author} [{post.native_id}] {words[:EXCERPT]}{'…' if len(words) > EXCERPT else ''}"
