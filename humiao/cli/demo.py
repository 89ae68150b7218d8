"""``humiao demo``: a forum on loopback and the whole pipeline against it, each stage a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from humiao.cli.options import ConfigOption, DataOption
from humiao.errors import HumiaoError
from humiao.supervisor import Child, Supervisor

if TYPE_CHECKING:
    from humiao.alert import Alert
    from humiao.log import Log
    from humiao.settings import Settings
    from humiao.store import Store

DEMO_FOLDER = Path("demo-data")
PASSES = 2
"""Complete passes of the crawler after which every post, the edit and the deletion have been met."""
QUIET_SECONDS = 4.0
"""How long nothing may change before everything counts as settled."""
START_SECONDS = 60.0


class DemoFailed(HumiaoError):
    """The demo could not do what it is there to show."""


@dataclass(frozen=True)
class State:
    """Counts of one moment."""

    collected: int
    classified: int
    handled: int
    waiting: int
    """Messages that the two stages have not committed."""
    alerts: int
    dead: int
    passes: int

    @property
    def through(self) -> bool:
        """Whether nothing is on its way."""
        return self.passes >= PASSES and self.waiting == 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console; 0 = any free one.")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="End when all posts are through, with a summary table.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show everything on this machine: forum, crawl, log, classify, alert, console. Example: humiao demo --once"""
    from humiao import settings as all_settings

    folder = data or (None if os.environ.get("HUMIAO_DATA") else DEMO_FOLDER)
    settings = all_settings.load(config, data=folder)
    settings.data.mkdir(parents=True, exist_ok=True)
    raise typer.Exit(_Demo(settings, port, Console()).run(once=once))


class _Demo:
    """One run of the demonstration."""

    def __init__(self, settings: "Settings", port: int, console: Console) -> None:
        self._settings, self._console = settings, console
        data = str(settings.data.absolute())
        logs = settings.data / "logs"
        logs.mkdir(exist_ok=True)
        environment = {
            "HUMIAO_DATA": data,
            "HUMIAO_CRAWL__SOURCES": str(settings.data.absolute() / "sources"),
            "HUMIAO_CRAWL__INTERVAL": "3",
            "HUMIAO_CRAWL__METRICS_PORT": "0",
            "HUMIAO_CLASSIFY__METRICS_PORT": "0",
            "HUMIAO_ALERT__METRICS_PORT": "0",
            "HUMIAO_ALERT__SPIKE_INTERVAL": "2",
        }

        def child(name: str, *arguments: str) -> Child:
            return Child(name, [*(arguments or (name,))], environment, logs / f"{name}.log")

        self._forum = child("forum", "forum", "--data", data, "--port", "0")
        self._crawl = child("crawl")
        self._site = child("console", "console", "--host", "127.0.0.1", "--port", str(port))
        self._stages = {one.name: one for one in (child("classify"), child("alert"), self._crawl, self._site)}
        self._environment = environment
        self._stopping = threading.Event()
        self._began = time.monotonic()
        self.first_alert: float | None = None

    def run(self, *, once: bool) -> int:
        """Until everything is settled (`once`) or somebody stops it; returns the exit code."""
        from humiao.log import open_log
        from humiao.store import open_store

        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda *_: self._stopping.set())
        supervisor = Supervisor([self._forum])
        try:
            with open_log(self._settings) as log, open_store(self._settings) as store:
                supervisor.start()
                forum = self._first_line(self._forum)
                supervisor.children += self._stages.values()
                for stage in self._stages.values():
                    stage.start()
                self._say(f"local forum: {forum.removeprefix('forum ')}   data: {self._settings.data.absolute()}")
                address = self._first_line(self._site).removeprefix("console ")
                accounts = self._accounts()
                state = self._follow(log, store, supervisor)
                if self._stopping.is_set():
                    return 130
                if once:
                    return self._summarise(store, state)
                self._closing(address, accounts, state)
                while not self._stopping.wait(0.5):
                    supervisor.watch()
                return 0
        finally:
            supervisor.stop()
            if self._stopping.is_set():
                self._say("stopped; the same command goes on from here")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _first_line(self, child: Child) -> str:
        deadline = time.monotonic() + START_SECONDS
        while not child.first_line.wait(0.2):
            if self._stopping.is_set():
                raise KeyboardInterrupt
            if child.fallen() or time.monotonic() > deadline:
                raise DemoFailed(f"{child.name} did not start; see {self._settings.data / 'logs' / child.name}.log")
        return child.line

    def _accounts(self) -> list[dict[str, str]]:
        command = [sys.executable, "-m", "humiao", "demo-accounts", "--data", str(self._settings.data.absolute())]
        making = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 (our own interpreter and module)
        while True:
            try:
                out, err = making.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set():
                    making.kill()
                    raise KeyboardInterrupt from None
            else:
                break
        if making.returncode:
            raise DemoFailed(err.strip() or "the sample accounts could not be made")
        return [json.loads(line) for line in out.splitlines()]

    def _follow(self, log: "Log", store: "Store", supervisor: Supervisor) -> State:
        """Show progress until everything is through and quiet, or until stopped."""
        state = self._state(log, store)
        quiet_since = time.monotonic()
        with self._live() as show:
            while not self._stopping.wait(0.5):
                supervisor.watch()
                before, state = state, self._state(log, store)
                if state.alerts and self.first_alert is None:
                    self.first_alert = time.monotonic() - self._began
                show(state)
                if state != before:
                    quiet_since = time.monotonic()
                if state.through and time.monotonic() - quiet_since >= QUIET_SECONDS:
                    break
        return state

    @contextmanager
    def _live(self) -> Iterator[Callable[[State], None]]:
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            said = 0.0

            def show(state: State) -> None:
                nonlocal said
                seconds = time.monotonic() - self._began
                line = (
                    f"{seconds:4.0f} s   collected {state.collected}   classified {state.classified}   "
                    f"handled {state.handled}   alerts {state.alerts}   dead {state.dead}"
                )
                if self._console.is_terminal:
                    live.update(line)
                elif seconds - said >= 10:  # noqa: PLR2004 (a line each ten seconds where nothing can be redrawn)
                    said = seconds
                    self._say(line)

            yield show

    def _state(self, log: "Log", store: "Store") -> State:
        from humiao.log import DEAD_SUFFIX, POSTS, SCORED
        from humiao.store import AlertFilter

        collected, scored = log.size(POSTS), log.size(SCORED)
        to_classify, to_alert = log.lag(POSTS, "classify"), log.lag(SCORED, "alert")
        return State(
            collected=collected,
            classified=collected - to_classify,
            handled=scored - to_alert,
            waiting=to_classify + to_alert,
            alerts=sum(store.count_alerts(AlertFilter()).values()),
            dead=log.size(POSTS + DEAD_SUFFIX) + log.size(SCORED + DEAD_SUFFIX),
            passes=self._passes(),
        )

    def _passes(self) -> int:
        """Complete passes over the demo source, read from the crawl stage's own metrics."""
        if not self._crawl.first_line.is_set():
            return 0
        try:
            with urllib.request.urlopen(self._crawl.line.removeprefix("metrics "), timeout=2) as response:  # noqa: S310 (our own child)
                lines = response.read().decode().splitlines()
        except (urllib.error.URLError, OSError):
            return 0
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("humiao_crawl_passes_total{")]
        return int(min(values, default=0))

    def _summarise(self, store: "Store", state: State) -> int:
        from humiao.alert import GRADE_NAMES, Grade
        from humiao.labels import HARM_NAMES, Harm
        from humiao.store import PostFilter

        alerts = list(every_alert(store))
        stored = store.count_posts(PostFilter())
        table = Table("护苗 demo", "count", title="summary")
        table.add_row("posts in (revisions)", str(state.collected))
        table.add_row("classified", str(state.classified))
        table.add_row("posts in the store", str(stored))
        for outcome in ("alerted", "cleared"):
            table.add_row(f"  of them {outcome}", str(store.count_posts(PostFilter(outcome=outcome))))
        table.add_row("alerts", str(len(alerts)))
        for grade in Grade:
            table.add_row(f"  {GRADE_NAMES[grade]} {grade.value}", str(sum(alert.grade is grade for alert in alerts)))
        for harm in Harm:
            table.add_row(f"  {harm.value} {HARM_NAMES[harm]}", str(sum(harm in alert.harm for alert in alerts)))
        table.add_row("  spike 舆情突增", str(sum(alert.kind == "spike" for alert in alerts)))
        table.add_row("dead letters", str(state.dead))
        self._console.print(table)
        first = f"{self.first_alert:.0f} s" if self.first_alert is not None else "none"
        self._say(f"first alert after {first}, everything settled after {time.monotonic() - self._began:.0f} s")
        return 0 if state.dead == 0 and stored and alerts else 1

    def _closing(self, address: str, accounts: list[dict[str, str]], state: State) -> None:
        names = ", ".join(f"{one['name']} / {one['password']} ({one['role']})" for one in accounts)
        self._say(f"all {state.collected} posts are through, {state.alerts} alerts wait; Ctrl-C stops everything")
        self._say(f"console {address}   accounts: {names}")


def every_alert(store: "Store") -> "Iterator[Alert]":
    """All alerts that stand in the queue's order, merged and withdrawn ones left out."""
    from humiao.store import AlertFilter

    after = None
    while True:
        page = store.alerts(AlertFilter(), limit=200, after=after)
        yield from page.items
        if page.after is None:
            return
        after = page.after
