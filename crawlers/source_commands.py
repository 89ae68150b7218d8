"""Commands about source files: ``sources new``, ``sources check``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption

if TYPE_CHECKING:
    from humiao.post import Post
    from humiao.settings import Settings

SHOWN = 5
"""Posts that `sources check` shows."""
EXCERPT = 60
"""Characters of each."""


def register(app: typer.Typer) -> typer.Typer:
    """Add the group ``sources`` with its commands; further ones may join it."""
    sources = typer.Typer(help="Source files: which sites are read, and how. Example: humiao sources check", no_args_is_help=True)
    sources.callback()(_sources)
    sources.command("new")(new)
    sources.command("check")(check)
    app.add_typer(sources, name="sources")
    return sources


def _sources() -> None:
    """Source files: which sites are read, and how. Example: humiao sources check"""


def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="A forum, board, thread, blog, notice list or feed.")],
    owner: Annotated[str, typer.Option(help="谁运营这个网站 who runs the site.")] = "",
    permission: Annotated[str, typer.Option(help="许可说明：凭什么可以采集 what allows reading it, and since when.")] = "",
    delay: Annotated[
        float | None, typer.Option(min=0.001, max=3600, help="两次请求之间的秒数 seconds between two requests.")
    ] = None,
    per_minute: Annotated[
        float | None, typer.Option(min=0.001, max=6000, help="每分钟请求数 requests per minute; 与 --delay 二选一.")
    ] = None,
    contact: Annotated[str, typer.Option(help="联系方式，写进 User-Agent whom the site's owner may write to.")] = "",
    place: Annotated[str, typer.Option(help="这个来源说的是哪里 the place it is about.")] = "",
    window: Annotated[list[str] | None, typer.Option(help="采集时段 hours, such as 08:00-22:30; may be repeated.")] = None,
    public: Annotated[str, typer.Option(help="哪些内容公开 what of the site is public.")] = "",
    name: Annotated[str, typer.Option(help="来源短名 short name; default from the address.")] = "",
    platform: Annotated[str, typer.Option(help="平台名 the platform's lasting name; default from the page.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="不提问，直接写入 ask nothing and write.")] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 replace a file that exists.")] = False,
    pause: Annotated[
        float, typer.Option(min=0.02, max=60, help="查看时每个请求的间隔秒数 seconds between requests while looking.")
    ] = 1.0,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Look at a site, propose its source file, show first posts, ask and write. Example: humiao sources new forum.example.org"""
    from crawlers.proposal.new_source import new_source
    from crawlers.proposal.source_text import Stated
    from crawlers.source_reading import SourceError

    if delay is not None and per_minute is not None:
        raise SourceError("--delay, --per-minute: 只能给一个 give only one of them")
    settings, folder = _settings(config, data)
    given = Stated(name, platform, owner, permission, delay, per_minute, contact, place, public, tuple(window or ()))
    try:
        code = new_source(url, settings, folder, given, yes=yes, force=force, pause=pause, say=typer.echo)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("\n已中断，没有写入 broken off, nothing written", err=True)
        raise typer.Exit(130) from None
    if code:
        raise typer.Exit(code)


def _settings(config: Path | None, data: Path | None) -> "tuple[Settings, Path]":
    """Settings and the folder of the source files."""
    from crawlers.source_reading import source_folder
    from humiao import logs
    from humiao import settings as all_settings

    settings = all_settings.load(config, data=data)
    logs.configure(settings, "crawl")
    return settings, source_folder(settings.crawl.sources, settings.data)


def check(
    name: Annotated[str | None, typer.Argument(help="Only the source of this name.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Validate source files, read one page of each politely, show what would be collected. Example: humiao sources check demo"""
    from crawlers.source_mistakes import mistakes, remarks
    from crawlers.source_reading import choose, read_sources

    settings, folder = _settings(config, data)
    if wrong := mistakes(folder, name):
        for problem in wrong:
            typer.echo(problem, err=True)
        raise typer.Exit(2)
    chosen = choose(read_sources(folder, only=name), name, folder)
    for remark in remarks(folder, chosen, settings.crawl):
        typer.echo(f"warning: {remark}", err=True)

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
