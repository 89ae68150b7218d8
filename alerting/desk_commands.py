"""``humiao desk``: what people do with alerts, from a terminal. Who sits there is named ``cli:USER`` in the histories."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from humiao.cli.options import SHANGHAI, ConfigOption, DataOption, person, settings_of

if TYPE_CHECKING:
    from alerting.desk import Decision
    from alerting.pseudonyms import Pseudonyms
    from alerting.reopening import Reopening
    from alerting.windows import Kind
    from humiao.event import Event
    from humiao.store import Store

AlertArgument = Annotated[str, typer.Argument(metavar="ALERT", help="Id of the alert.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in your words.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add ``humiao desk``."""
    desk = typer.Typer(help="Work on alerts. Example: humiao desk claim ALERT", no_args_is_help=True)
    commands = (claim, release, decide, second_view, reopen, history, hide, unhide, windows)
    for command in commands:
        desk.command(command.__name__.replace("_", "-"))(command)
    app.add_typer(desk, name="desk")


@dataclass(frozen=True)
class _Seat:
    store: "Store"
    data: Path
    who: str
    now: datetime

    @property
    def pseudonyms(self) -> "Pseudonyms":
        from alerting.pseudonyms import Pseudonyms

        return Pseudonyms.open(self.data)

    @property
    def reopening(self) -> "Reopening":
        from alerting.reopening import Reopening

        return Reopening(self.store, lambda: self.now, self.pseudonyms.of)


@contextmanager
def _seated(data: Path | None, config: Path | None) -> Iterator[_Seat]:
    from humiao.store import open_store

    settings = settings_of(config, data, "desk")
    with open_store(settings) as store:
        yield _Seat(store, settings.data, person(), datetime.now(UTC))


def claim(
    alert: AlertArgument,
    minutes: Annotated[int, typer.Option("--minutes", min=1, help="How long; at most 720.")] = 30,
    take_over: Annotated[bool, typer.Option("--take-over", help="Take it from whoever holds it; needs --reason.")] = False,
    reason: ReasonOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Claim an alert for a time, so that others leave it to you. Example: humiao desk claim ALERT --minutes 60"""
    from alerting import claims

    with _seated(data, config) as seat:
        lease = timedelta(minutes=minutes)
        held = claims.claim(seat.store, alert, seat.who, seat.now, lease=lease, take_over=take_over, reason=reason)
    print(_line(held))


def release(alert: AlertArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Give up your claim. Example: humiao desk release ALERT"""
    from alerting import claims

    with _seated(data, config) as seat:
        print(_line(claims.release(seat.store, alert, seat.who, seat.now)))


def decide(
    alert: AlertArgument,
    decision: Annotated[str, typer.Argument(help="confirm, dismiss, duplicate or transfer.")],
    reason: ReasonOption = "",
    of: Annotated[str, typer.Option("--of", help="For duplicate: the alert that stays.")] = "",
    department: Annotated[str, typer.Option("--department", help="For transfer: who has it now.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide on an alert. Example: humiao desk decide ALERT dismiss --reason 误报"""
    from alerting import desk

    with _seated(data, config) as seat:
        chosen = cast("Decision", decision)
        found = desk.decide(seat.store, alert, seat.who, chosen, reason, seat.now, of=of, department=department)
    print(f"alert {found.id}: {found.status.value} by {found.decided_by}")


def second_view(alert: AlertArgument, reason: ReasonOption = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Leave the decision to another person. Example: humiao desk second-view ALERT --reason 拿不准"""
    from alerting import second

    with _seated(data, config) as seat:
        print(_line(second.ask(seat.store, alert, seat.who, reason, seat.now)))


def reopen(alert: AlertArgument, reason: ReasonOption = "", data: DataOption = None, config: ConfigOption = None) -> None:
    """Undo the decision, or bring back what a window hides. Example: humiao desk reopen ALERT --reason 有新线索"""
    from alerting import desk

    with _seated(data, config) as seat:
        found = desk.reopen(seat.store, alert, seat.who, reason, seat.now)
    print(f"alert {found.id}: {found.status.value}")


def history(alert: AlertArgument, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None) -> None:
    """Show the chain of an alert or window, checked, and what is new since it was closed. Example: humiao desk history ALERT"""
    from alerting import desk, life
    from humiao.event import broken_links

    with _seated(data, config) as seat:
        chain = seat.store.events(alert) or seat.store.events(desk.resolve(seat.store, alert).value.id)
    broken, since = broken_links(chain), life.since_closed(chain)
    if as_json:
        for event in chain:
            print(event.model_dump_json())
    else:
        for event in chain:
            print(_line(event))
    if since:
        typer.echo(f"since {since.closed.actor} closed it: {len(since.new)} new posts, {since.reposts} reposts", err=as_json)
    typer.echo(f"chain broken at {', '.join(map(str, broken))}" if broken else f"chain whole, {len(chain)} events", err=as_json)
    if broken:
        raise typer.Exit(1)


def hide(
    alert: AlertArgument,
    kind: Annotated[str, typer.Argument(help="incident, author, text or place (with the categories of the post).")],
    days: Annotated[float, typer.Option("--days", min=0.01, help="How long; at most 90.")] = 7,
    reason: ReasonOption = "",
    post: Annotated[str, typer.Option("--post", help="The post that tells author, wording or place; default the earliest.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Open a suppression window: no alerts of this kind in the queue for a time. Example: humiao desk hide ALERT text --days 3"""
    with _seated(data, config) as seat:
        until = seat.now + timedelta(days=days)
        window = seat.reopening.open_window(seat.pseudonyms, alert, seat.who, cast("Kind", kind), reason, until, post=post)
    print(f"window {window.id}: hides {window.kind} until {_local(window.until)}")


def unhide(
    window: Annotated[str, typer.Argument(metavar="WINDOW", help="Id of the window.")],
    reason: ReasonOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """End a suppression window early and bring back what it hid. Example: humiao desk unhide WINDOW --reason 有家长反映"""
    with _seated(data, config) as seat:
        ended = seat.reopening.end_window(window, seat.who, reason)
    print(f"window {ended.id}: ended")


def windows(
    past: Annotated[bool, typer.Option("--past", help="Those that are over.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List suppression windows and what each hid. Example: humiao desk windows --past"""
    from alerting import windows as kept

    with _seated(data, config) as seat:
        for window in kept.past(seat.store) if past else kept.live(seat.store):
            alerts, posts = kept.hidden(seat.store, window)
            if as_json:
                print(json.dumps(window.model_dump(mode="json") | {"alerts": alerts, "posts": posts}, ensure_ascii=False))
            else:
                end = _local(window.until)
                print(
                    f"{window.id} {window.kind} until {end} by {window.by}: {alerts} alerts, {posts} posts hidden; {window.reason}"
                )


def _line(event: "Event") -> str:
    told = json.dumps(event.data, ensure_ascii=False)
    return f"{event.seq:>4} {_local(event.at)} {event.kind} {event.actor} {told}"


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")
