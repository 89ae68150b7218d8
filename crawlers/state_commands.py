"""``sources states``, ``sources pause`` and ``sources resume``: through the store, so for every crawl process on every machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption

if TYPE_CHECKING:
    from pathlib import Path

    from humiao.settings import Settings

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the source.")]


def register(sources: typer.Typer) -> None:
    """Add the commands."""
    sources.command("states")(states)
    sources.command("pause")(pause)
    sources.command("resume")(resume)


def states(data: DataOption = None, config: ConfigOption = None) -> None:
    """Say what each source is doing, since when, and what to do about it. Example: humiao sources states"""
    from zoneinfo import ZoneInfo

    from crawlers.source_reading import read_sources
    from humiao.source_status import ADVICE, SOURCE_NOTES, STATE_NAMES, SourceStatus
    from humiao.store import open_store

    settings, folder = _folder(data, config)
    with open_store(settings) as store:
        told = {name: SourceStatus.model_validate_json(note.value) for name, note in store.notes(SOURCE_NOTES).items()}
    for source in read_sources(folder):
        status = told.get(source.name)
        if status is None or status.now is None:
            typer.echo(f"{source.name}: 还没有访问过 (not visited yet)")
            continue
        since = status.now.since.astimezone(ZoneInfo("Asia/Shanghai"))
        typer.echo(f"{source.name}: {STATE_NAMES[status.now.state]} ({status.now.state}) {since:%Y-%m-%d %H:%M} 起")
        typer.echo(f"  {status.now.evidence_zh} ({status.now.evidence})")
        typer.echo(f"  {ADVICE[status.now.state][0]}")


def pause(
    name: NameArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown to everybody on the sources page.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Let a source rest until somebody resumes it; a visit under way ends within seconds. Example: humiao sources pause demo --reason 网站维护"""  # noqa: E501 (one line of help)
    from getpass import getuser

    from crawlers.clock import utc_now
    from crawlers.source_reading import choose, read_sources
    from humiao.source_status import pause_source
    from humiao.store import open_store

    settings, folder = _folder(data, config)
    choose(read_sources(folder), name, folder)
    with open_store(settings) as store:
        pause_source(store, name, who=getuser(), why=reason, now=utc_now())
    typer.echo(f"{name}: 已暂停，采集进程会在几秒内停下 (paused)")


def resume(name: NameArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Let a paused source be read again. Example: humiao sources resume demo"""
    from getpass import getuser

    from crawlers.source_reading import choose, read_sources
    from humiao.source_status import resume_source
    from humiao.store import open_store

    settings, folder = _folder(data, config)
    choose(read_sources(folder), name, folder)
    with open_store(settings) as store:
        was = resume_source(store, name, who=getuser())
    typer.echo(f"{name}: 已恢复采集 (resumed)" if was else f"{name}: 没有被暂停 (was not paused)")


def _folder(data: "Path | None", config: "Path | None") -> "tuple[Settings, Path]":
    from crawlers.source_reading import source_folder
    from humiao import settings as all_settings

    settings = all_settings.load(config, data=data)
    return settings, source_folder(settings.crawl.sources, settings.data)
