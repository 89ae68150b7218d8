"""Commands of the alert stage: the stage itself, evidence, policies."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from alerting.places import commands as places_commands
from alerting import desk_commands
from alerting.notify import commands as notify_commands
from humiao.cli.options import ConfigOption, DataOption, person, settings_of, since_when

WHOLE, TAMPERED, UNREADABLE = 0, 1, 2


def register(app: typer.Typer) -> None:
    """Add the alert stage's commands."""
    app.command("alert")(alert)
    evidence = typer.Typer(help="Evidence packages. Example: humiao evidence verify case.wacz", no_args_is_help=True)
    evidence.command("export")(export)
    evidence.command("verify")(verify)
    app.add_typer(evidence, name="evidence")
    policies = typer.Typer(
        help="Policies: which posts raise an alert. Example: humiao policies check mine.yaml", no_args_is_help=True
    )
    policies.command("check")(check)
    policies.command("test")(try_out)
    app.add_typer(policies, name="policies")
    notify_commands.register(app)
    desk_commands.register(app)
    places_commands.register(app)


def alert(data: DataOption = None, config: ConfigOption = None) -> None:
    """Run the alert stage until it is stopped; start it again for another worker. Example: humiao alert --data data"""
    from alerting.stage import AlertStage
    from humiao import metrics
    from humiao.log import open_log
    from humiao.stage import opened
    from humiao.store import open_store

    settings = settings_of(config, data, "alert")
    with open_log(settings) as log, opened(lambda: open_store(settings)) as store:
        stage = AlertStage(log, store, settings)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stage.stop())
        metrics.serve(settings.alert.metrics_port)
        stage.run()


def export(
    alert: Annotated[str, typer.Argument(help="Id of the alert.")],
    out: Annotated[Path, typer.Option("--out", help="File to write; must not exist yet.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the evidence of an alert as a signed WACZ file. Example: humiao evidence export ALERT --out case.wacz"""
    from alerting.evidence import package
    from alerting.evidence.signing import Signer, fingerprint
    from humiao.errors import BadInput
    from humiao.store import open_store

    settings = settings_of(config, data, "evidence")
    if out.exists():
        raise BadInput(f"{out}: exists already; name a new file with --out")
    with open_store(settings) as store:
        content = package.export(store, settings.data, alert, person(), datetime.now(UTC))
    try:
        with out.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise BadInput(f"{out}: can't be written ({error.strerror}); name another file with --out") from error
    print(f"{out}: {len(content):,} bytes, signed by {fingerprint(Signer.open(settings.data).public_key)}")


def verify(
    file: Annotated[Path, typer.Argument(help="Evidence package (.wacz).")],
    signer: Annotated[str, typer.Option("--signer", help="Fingerprint that the signing key must have.")] = "",
) -> None:
    """Check an evidence package offline: exit code 0 whole, 1 tampered, 2 unreadable. Example: humiao evidence verify case.wacz"""
    from alerting.evidence.verify import Problem
    from alerting.evidence.verify import verify as check_package
    from humiao.errors import BadInput

    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror})") from error
    try:
        result = check_package(content)
    except BadInput as error:
        raise BadInput(f"{file}: {error}") from error
    problems = list(result.problems)
    if signer and signer != result.signer:
        problems.append(Problem("signature", f"is by {result.signer or 'nobody'}, not by {signer}"))
    for problem in problems:
        print(f"{file}: {problem}")
    if problems:
        raise typer.Exit(TAMPERED)
    print(f"{file}: whole; alert {result.alert}, {result.posts} kept revisions, signed by {result.signer}")


def check(file: Annotated[Path, typer.Argument(help="Policy file (YAML).")]) -> None:
    """Check a policy file without running it. Example: humiao policies check policies.yaml"""
    from alerting.policies import Policies

    policies = Policies.load(file)
    shadows = sum(policy.shadow for policy in policies.all)
    print(f"{file}: {len(policies.all)} policies ({shadows} in shadow), {len(policies.laws)} laws")


def try_out(
    file: Annotated[Path, typer.Argument(help="Policy file (YAML).")],
    since: Annotated[str, typer.Option("--since", help="Posts from this day or time on (ISO 8601; Shanghai time without offset).")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a policy file would have raised on stored posts. Example: humiao policies test mine.yaml --since 2026-03-01"""
    from rich.console import Console
    from rich.table import Table

    from alerting.policies import Policies
    from alerting.trial import trial
    from humiao.store import open_store

    settings = settings_of(config, data, "policies")
    candidate, live = Policies.load(file), Policies.load(settings.alert.policies)
    start = since_when(since)
    with open_store(settings) as store:
        found = trial(store, candidate, live, start)
    table = Table("policy", "grade", "posts", "alerts", "posts (live set)", "alerts (live set)")
    for row in found.rows:
        cells = (row.candidate.posts, row.candidate.alerts, row.live.posts, row.live.alerts)
        table.add_row(row.policy, row.grade, *(str(cell) for cell in cells))
    Console().print(table)
    new, old = found.candidate, found.live
    print(f"{found.posts} posts since {start.isoformat()}: {new.alerts} alerts of {new.posts} posts;", end=" ")
    print(f"live set: {old.alerts} of {old.posts}")
