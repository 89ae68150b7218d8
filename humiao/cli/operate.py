"""Commands of operation: up, alerts, search, dead letters, doctor."""

import json
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from humiao.cli.options import ConfigOption, DataOption
from humiao.errors import HumiaoError, SettingsError

MOST = 10_000
SHANGHAI = ZoneInfo("Asia/Shanghai")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("alerts")(alerts)
    app.command("search")(search)
    app.command("doctor")(doctor)
    dead = typer.Typer(name="dead", help="Messages that a stage gave up. Example: humiao dead list", no_args_is_help=True)
    dead.command("list")(dead_list)
    dead.command("replay")(dead_replay)
    app.add_typer(dead)


def up(data: DataOption = None, config: ConfigOption = None) -> None:
    """Run every stage as configured, supervised, with one log stream on stderr. Example: humiao up --config humiao.toml"""
    from humiao import logs, settings
    from humiao.supervisor import Child, Supervisor

    chosen = settings.load(config, data=data)
    logs.configure(chosen, "up")
    chosen.data.mkdir(parents=True, exist_ok=True)
    environment = {"HUMIAO_DATA": str(chosen.data.absolute())}
    if config:
        environment["HUMIAO_CONFIG"] = str(config.absolute())
    supervisor = Supervisor([Child(name, [name], environment, None) for name in ("console", "alert", "classify", "crawl")])
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    supervisor.start()
    said: set[str] = set()
    try:
        while not stopping.wait(0.5):
            supervisor.watch()
            for child in supervisor.children:
                if child.line and child.name not in said:
                    said.add(child.name)
                    print(f"{child.name}: {child.line}", flush=True)
    finally:
        supervisor.stop()


def alerts(
    status: Annotated[
        str | None, typer.Option(help="open, confirmed, dismissed, merged or withdrawn; default: all that stand.")
    ] = None,
    place: Annotated[str | None, typer.Option(help="Name of a place, as alerts give it; default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, one alert each.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """The queue, most urgent first. Example: humiao alerts --status open"""
    from rich.console import Console
    from rich.table import Table

    from humiao import settings
    from humiao.alert import GRADE_NAMES, STATUS_NAMES, Status
    from humiao.labels import HARM_NAMES
    from humiao.store import AlertFilter, open_store

    if status is not None and status not in set(Status):
        raise SettingsError(f"--status: {status!r} is none of {', '.join(Status)}")
    narrow = AlertFilter(statuses=frozenset({Status(status)}) if status else None, place=place)
    table = Table("grade", "deadline", "what", "posts", "status", "summary", "id")
    with open_store(settings.load(config, data=data)) as store:
        after = None
        while True:
            page = store.alerts(narrow, limit=200, after=after)
            for alert in page.items:
                if as_json:
                    print(json.dumps(alert.public(), ensure_ascii=False))
                else:
                    what = "、".join(HARM_NAMES[harm] for harm in alert.harm) or "舆情突增"
                    local = alert.deadline.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
                    status_name = STATUS_NAMES[alert.status]
                    table.add_row(
                        GRADE_NAMES[alert.grade], local, what, str(alert.post_count), status_name, alert.summary, alert.id
                    )
            after = page.after
            if after is None:
                break
    if not as_json:
        Console().print(table)


def search(
    query: Annotated[str, typer.Argument(help='Terms, all of which must occur; "a phrase" in double quotes.')],
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, one post each.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Most posts shown.")] = 50,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Posts in the store, newest first. Example: humiao search '电子烟 "学校门口"' --json"""
    from rich.console import Console
    from rich.table import Table

    from humiao import settings
    from humiao.store import PostFilter, open_store

    table = Table("time", "platform", "board", "flags", "text", "id")
    with open_store(settings.load(config, data=data)) as store:
        for hit in store.search(query, PostFilter(), limit=limit).items:
            stored = hit.post
            if as_json:
                shown = stored.post.model_dump(mode="json", exclude={"capture"})
                print(
                    json.dumps(
                        shown | {"flags": stored.verdict.flags, "outcome": stored.outcome, "alert": stored.alert},
                        ensure_ascii=False,
                    )
                )
            else:
                local = stored.post.ts.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
                excerpt = " ".join(stored.post.text.split())[:60]
                table.add_row(
                    local, stored.post.platform, stored.post.board, " ".join(stored.verdict.flags), excerpt, stored.post.id
                )
    if not as_json:
        Console().print(table)


def doctor(data: DataOption = None, config: ConfigOption = None) -> None:
    """Check settings, folder, log, store and checkpoint; exit 1 if something is wrong. Example: humiao doctor"""
    from humiao import settings
    from humiao.log import POSTS, SCORED, open_log
    from humiao.store import AlertFilter, open_store

    chosen = settings.load(config, data=data)
    wrong = 0

    def check(name: str, act: Callable[[], str]) -> None:
        nonlocal wrong
        try:
            print(f"ok    {name}: {act()}")
        except (HumiaoError, OSError) as error:
            wrong += 1
            print(f"WRONG {name}: {error}")

    def folder() -> str:
        chosen.data.mkdir(parents=True, exist_ok=True)
        probe = chosen.data / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
        return f"{chosen.data.absolute()} is writable, {shutil.disk_usage(chosen.data).free / 2**30:.0f} GiB free"

    def log() -> str:
        with open_log(chosen) as opened:
            opened.ping()
            lags = {"classify": opened.lag(POSTS, "classify"), "alert": opened.lag(SCORED, "alert")}
            return f"{_without_password(chosen.log_url)}, lag {lags}"

    def store() -> str:
        with open_store(chosen) as opened:
            opened.ping()
            return f"{_without_password(chosen.store_url)}, {sum(opened.count_alerts(AlertFilter()).values())} alerts"

    check("data", folder)
    check("log", log)
    check("store", store)
    raise typer.Exit(1 if wrong else 0)


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)


def dead_list(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show dead letters with where they came from and why. Example: humiao dead list"""
    from rich.console import Console
    from rich.table import Table

    from humiao import settings
    from humiao.log import POSTS, SCORED, open_log
    from humiao.log.dead import dead_letters

    table = Table("id", "stage", "reason", "bytes", "beginning")
    with open_log(settings.load(config, data=data)) as log:
        for letter in [*dead_letters(log, POSTS), *dead_letters(log, SCORED)]:
            if as_json:
                print(json.dumps(asdict(letter) | {"buried_at": letter.buried_at.isoformat()}, ensure_ascii=False))
            else:
                table.add_row(letter.id, letter.stage, letter.reason, str(letter.bytes), letter.excerpt)
    if not as_json:
        Console().print(table)


def dead_replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of letters as listed; none = all.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Put dead letters back into their topic, each once. Example: humiao dead replay posts/0/17"""
    from humiao import settings
    from humiao.errors import NotFound
    from humiao.log import POSTS, SCORED, open_log
    from humiao.log.dead import dead_letters, replay

    with open_log(settings.load(config, data=data)) as log:
        waiting = {topic: {letter.id for letter in dead_letters(log, topic)} for topic in (POSTS, SCORED)}
        wanted = set(ids) if ids else waiting[POSTS] | waiting[SCORED]
        if unknown := wanted - waiting[POSTS] - waiting[SCORED]:
            raise NotFound(f"no dead letter {min(unknown)!r} waits; humiao dead list shows those that do")
        count = sum(replay(log, topic, found) for topic in waiting if (found := wanted & waiting[topic]))
    print(f"{count} messages put back", file=sys.stderr)
