"""Commands around messages to people: check the routes, try a channel, see what waits, put dead letters back."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.cli.options import ConfigOption, DataOption, settings_of

if TYPE_CHECKING:
    from alerting.notify.routes import Routes
    from humiao.settings import Settings

FAILED = 1
AllOption = Annotated[bool, typer.Option("--all", help="All dead letters.")]
IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids of dead letters, as `list` shows them.")]


def register(app: typer.Typer) -> None:
    """Add ``notify``."""
    notify = typer.Typer(help="Messages to people about alerts. Example: humiao notify check routes.yaml", no_args_is_help=True)
    notify.command("check")(check)
    notify.command("test")(try_channel)
    notify.command("list")(show)
    dead = typer.Typer(help="Messages that no receiver took. Example: humiao notify dead list", no_args_is_help=True)
    dead.command("list")(list_dead)
    dead.command("retry")(retry)
    notify.add_typer(dead, name="dead")
    app.add_typer(notify, name="notify")


def check(
    file: Annotated[Path | None, typer.Argument(help="Routes file (YAML).", show_default="notify.routes")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Check a routes file and its secrets without sending anything. Example: humiao notify check routes.yaml"""
    from alerting.notify.transport import Transport

    settings = settings_of(config, data, "notify")
    file, routes = _routes(settings, file)
    for name, channel in routes.channels.items():
        Transport(file, name, channel, _now)
    for line in routes.gaps():
        print(f"{file}: note: {line}")
    print(f"{file}: {len(routes.channels)} channels, {len(routes.routes)} routes")


def try_channel(
    channel: Annotated[str, typer.Argument(help="Name of a channel of the routes file.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Send a test message to a channel at once; exit code 1 if it was not taken. Example: humiao notify test duty-wecom"""
    from alerting.notify.links import Links
    from alerting.notify.transport import Transport
    from alerting.notify.wording import Words
    from humiao.alert import Grade
    from humiao.errors import BadInput

    settings = settings_of(config, data, "notify")
    file, routes = _routes(settings, None)
    if channel not in routes.channels:
        raise BadInput(f"{file}: {channel} is no channel; there are {', '.join(routes.channels)}")
    there = routes.channels[channel]
    id = secrets.token_hex(8)
    title, text = Words(there.language, Links.open(settings.data)).trial(channel, id)
    outcome = Transport(file, channel, there, _now)(id, title, text, Grade.BLUE)
    if outcome.problem:
        wait = f", asked to wait {outcome.wait.total_seconds():.0f} s" if outcome.wait else ""
        print(f"{channel}: not taken: {outcome.problem}{wait}")
        raise typer.Exit(FAILED)
    print(f"{channel}: message {id} was taken")


def show(data: DataOption = None, config: ConfigOption = None) -> None:
    """Show channels, routes, what waits and what was given up. Example: humiao notify list"""
    from rich.console import Console
    from rich.table import Table

    from alerting.notify import outbox
    from humiao.store import open_store

    settings = settings_of(config, data, "notify")
    _, routes = _routes(settings, None)
    table = Table("channel", "url from", "waiting", "later", "failing", "dead", "routes")
    with open_store(settings) as store:
        given_up = outbox.dead(store)
        for name, channel in routes.channels.items():
            box, later = outbox.read(store, name), outbox.later(store, name)
            due = len(box.items) + sum(one.due <= _now() for one in later)
            cells = (due + len(box.parcels), len(box.items) + len(later) - due, sum(bool(one.problem) for one in box.parcels))
            buried = sum(one.channel == name for one in given_up)
            by = ", ".join(route.name for route in routes.routes if name in route.to)
            table.add_row(name, channel.url, *(str(cell) for cell in (*cells, buried)), by)
    Console().print(table)


def list_dead(data: DataOption = None, config: ConfigOption = None) -> None:
    """Show messages that were given up, oldest first. Example: humiao notify dead list"""
    from alerting.notify import outbox
    from humiao.store import open_store

    settings = settings_of(config, data, "notify")
    with open_store(settings) as store:
        found = outbox.dead(store)
    for one in found:
        print(f"{one.id}  {one.channel}  since {one.since.isoformat()}  {one.attempts} attempts  {one.problem}  {one.title}")
    print(f"{len(found)} dead letters")


def retry(
    ids: IdsArgument = None,
    everything: AllOption = False,
    to: Annotated[str, typer.Option("--to", help="Channel to send them by instead of their own.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put dead letters back into the outbox, under the same ids. Example: humiao notify dead retry --all"""
    from alerting.notify import outbox
    from humiao.errors import BadInput
    from humiao.store import open_store

    wanted = set(ids or ())
    if not wanted and not everything:
        raise BadInput("notify dead retry: name ids as `humiao notify dead list` shows them, or give --all")
    settings = settings_of(config, data, "notify")
    file, routes = _routes(settings, None)
    with open_store(settings) as store:
        found = outbox.dead(store)
        if unknown := sorted(wanted - {one.id for one in found}):
            raise BadInput(f"{unknown[0]}: is no dead letter; see humiao notify dead list")
        chosen = [one for one in found if everything or one.id in wanted]
        for channel in (to or one.channel for one in chosen):
            if channel not in routes.channels:
                raise BadInput(f"{channel}: is no channel of {file}; there are {', '.join(routes.channels)}; choose one with --to")
        count = outbox.revive(store, chosen, _now(), to)
    print(f"{count} messages wait for their channels again")


def _routes(settings: "Settings", file: Path | None) -> tuple[Path, "Routes"]:
    from alerting.notify.reading import load
    from alerting.policies import Policies
    from humiao.errors import SettingsError

    file = file or settings.notify.routes
    if file is None:
        raise SettingsError("notify.routes: is not set; name a routes file there, see docs/notifications.md")
    return file, load(file, (policy.route for policy in Policies.load(settings.alert.policies).all))


def _now() -> datetime:
    return datetime.now(UTC)
