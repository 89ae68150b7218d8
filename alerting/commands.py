"""Commands of the alert stage: the stage itself, evidence, policies."""

import signal

import typer

from alerting import desk_commands, policy_commands
from alerting.evidence import commands as evidence_commands
from alerting.notify import commands as notify_commands
from alerting.places import commands as places_commands
from humiao.cli.options import ConfigOption, DataOption, settings_of


def register(app: typer.Typer) -> None:
    """Add the alert stage's commands."""
    app.command("alert")(alert)
    evidence_commands.register(app)
    policy_commands.register(app)
    desk_commands.register(app)
    notify_commands.register(app)
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
