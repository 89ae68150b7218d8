"""``humiao policies``: check a policy file, try it on history, see what it would change, and what shadow policies found."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from humiao.cli.options import ConfigOption, DataOption, settings_of, since_when

if TYPE_CHECKING:
    from alerting.policies import Policies
    from alerting.trial import Author, Change
    from humiao.alert import Alert
    from humiao.settings import Settings
    from humiao.store import Store

FileArgument = Annotated[Path, typer.Argument(help="Policy file (YAML).")]
SinceOption = Annotated[
    str, typer.Option("--since", help="Posts from this day or time on (ISO 8601; Shanghai time without offset).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    policies = typer.Typer(
        help="Policies: which posts raise an alert. Example: humiao policies check mine.yaml", no_args_is_help=True
    )
    policies.command("check")(check)
    policies.command("test")(try_out)
    policies.command("diff")(diff)
    policies.command("shadow")(shadow_view)
    app.add_typer(policies, name="policies")


def check(file: FileArgument) -> None:
    """Check a policy file without running it. Example: humiao policies check policies.yaml"""
    from alerting.policies import Policies

    policies = Policies.load(file)
    shadows = sum(policy.shadow for policy in policies.all)
    print(f"{file}: {len(policies.all)} policies ({shadows} in shadow), {len(policies.laws)} laws")


def try_out(file: FileArgument, since: SinceOption, data: DataOption = None, config: ConfigOption = None) -> None:
    """Show what a policy file would have raised on stored posts. Example: humiao policies test mine.yaml --since 2026-03-01"""
    from rich.console import Console
    from rich.table import Table

    from alerting.trial import trial
    from humiao.store import open_store

    settings = settings_of(config, data, "policies")
    candidate, live = _sets(settings, file)
    start = since_when(since)
    with open_store(settings) as store:
        found = trial(store, candidate, live, start, datetime.now(UTC), _author(settings, store))
    table = Table("policy", "grade", "posts", "alerts", "posts (live set)", "alerts (live set)")
    for row in found.rows:
        cells = (row.candidate.posts, row.candidate.alerts, row.live.posts, row.live.alerts)
        table.add_row(row.policy, row.grade, *(str(cell) for cell in cells))
    Console().print(table)
    new, old = found.candidate, found.live
    print(f"{found.posts} posts since {start.isoformat()}: {new.alerts} alerts of {new.posts} posts;", end=" ")
    print(f"live set: {old.alerts} of {old.posts}")


def diff(
    file: FileArgument, since: SinceOption, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """Show what would change if a policy file went live. Example: humiao policies diff mine.yaml --since 2026-03-01"""
    from alerting.trial import difference
    from humiao.store import open_store

    settings = settings_of(config, data, "policies")
    candidate, live = _sets(settings, file)
    start = since_when(since)
    with open_store(settings) as store:
        found = difference(store, candidate, live, start, datetime.now(UTC), _author(settings, store))
    parts = {"added": found.added, "removed": found.removed, "regraded": found.regraded, "renamed": found.renamed}
    if as_json:
        listed = {name: [_pair(one) for one in changes] for name, changes in parts.items()}
        print(json.dumps({"posts": found.posts, "same": found.same} | listed, ensure_ascii=False))
        return
    for name, changes in parts.items():
        for change in changes:
            print(f"{name}: {_line(change)}")
            for alert in filter(None, [change.candidate or change.live]):
                print(*(f"    {reason}" for reason in alert.reasons), sep="\n")
    counts = ", ".join(f"{len(changes)} {name}" for name, changes in parts.items())
    print(f"{found.posts} posts since {start.isoformat()}: {counts}, {found.same} the same")


def shadow_view(
    name: Annotated[str, typer.Argument(help="Only this policy (name, or name@version).")] = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List what shadow policies would have raised while the stage ran. Example: humiao policies shadow night-rule"""
    from alerting import shadow
    from alerting.policies import Policies
    from humiao.store import open_store

    settings = settings_of(config, data, "policies")
    policies = Policies.load(settings.alert.policies, settings.alert.calendar)
    with open_store(settings) as store:
        found = shadow.views(store, policies, datetime.now(UTC))
    found = [one for one in found if name in {"", one.policy.name, one.policy.ref}]
    if as_json:
        views = [
            {"policy": one.policy.ref, "posts": one.posts, "gone": one.gone, "alerts": [_facts(alert) for alert in one.alerts]}
            for one in found
        ]
        print(json.dumps({"shadow": views}, ensure_ascii=False))
        return
    for one in found:
        gone = f", {one.gone} posts no longer stored" if one.gone else ""
        print(f"{one.policy.ref}: {len(one.alerts)} alerts of {one.posts} posts{gone}")
        for alert in one.alerts:
            print(f"  {alert.grade.value}  {alert.deadline.isoformat()}  {alert.summary}")
    if not found:
        print("no shadow policy has matched anything that is still kept")


def _sets(settings: "Settings", file: Path) -> "tuple[Policies, Policies]":
    from alerting.policies import Policies

    calendar = settings.alert.calendar
    return Policies.load(file, calendar), Policies.load(settings.alert.policies, calendar)


def _author(settings: "Settings", store: "Store") -> "Author":
    from alerting.author_history import AuthorHistory
    from alerting.pseudonyms import Pseudonyms

    return AuthorHistory(store, Pseudonyms.open(settings.data)).counts


def _line(change: "Change") -> str:
    sides = [f"{one.grade.value} by {one.policy}" if one else "nothing" for one in (change.live, change.candidate)]
    shown = change.candidate or change.live
    return f"{sides[0]} -> {sides[1]}  {shown.summary if shown else ''}"


def _pair(change: "Change") -> dict[str, Any]:
    return {
        "live": _facts(change.live) if change.live else None,
        "candidate": _facts(change.candidate) if change.candidate else None,
    }


def _facts(alert: "Alert") -> dict[str, Any]:
    return alert.public() | {"reasons": alert.reasons}
