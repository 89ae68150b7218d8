"""``humiao desk`` from outside: what happened in a line, a conflict in one line and exit code 2, two processes at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from humiao.event import broken_links
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import open_store
from tests.alerting.stream import BETS, SKINS, alerts_of, handler_on, scored

Run = subprocess.CompletedProcess[str]


def started(data: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "humiao", "desk", *arguments, "--data", str(data)]
    environment = {**os.environ, "LOGNAME": "patrol1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=data)


def desk(data: Path, *arguments: str) -> Run:
    process = started(data, *arguments)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def alerts(data: Path) -> tuple[str, str]:
    """A gambling alert and a fraud alert."""
    with open_store(Settings(data=data)) as store:
        handler_on(store, data).handle([scored(1, SKINS, {Harm.FRAUD: 0.9}), scored(2, BETS, {Harm.GAMBLING: 0.9})])
        found = {alert.harm[0]: alert.id for alert in alerts_of(store)}
    return found[Harm.GAMBLING], found[Harm.FRAUD]


def test_the_life_of_an_alert_at_a_terminal(data: Path, alerts: tuple[str, str]) -> None:
    alert, other = alerts
    assert "claimed cli:patrol1" in desk(data, "claim", alert, "--minutes", "60").stdout
    assert desk(data, "decide", alert, "duplicate", "--of", other).stdout == f"alert {alert}: dismissed by cli:patrol1\n"
    refused = desk(data, "decide", alert, "confirm")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert f"alert {alert}: cli:patrol1 decided already" in refused.stderr
    assert desk(data, "reopen", alert, "--reason", "不是同一件事").stdout == f"alert {alert}: open\n"
    told = desk(data, "history", alert)
    assert told.returncode == 0
    assert "chain whole, 4 events" in told.stdout
    assert "since cli:patrol1 closed it: 0 new posts, 0 reposts" in told.stdout
    rows = [json.loads(line) for line in desk(data, "history", alert, "--json").stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["raised", "claimed", "decided", "reopened"]


def test_a_window_is_opened_listed_and_ended(data: Path, alerts: tuple[str, str]) -> None:
    alert, _ = alerts
    opened = desk(data, "hide", alert, "incident", "--days", "2", "--reason", "刷屏")
    window = opened.stdout.split()[1].rstrip(":")
    (row,) = [json.loads(line) for line in desk(data, "windows", "--json").stdout.splitlines()]
    assert (row["id"], row["kind"], row["by"], row["alerts"], row["posts"]) == (window, "incident", "cli:patrol1", 1, 1)
    assert "1 alerts, 1 posts hidden; 刷屏" in desk(data, "windows").stdout
    assert desk(data, "unhide", window, "--reason", "看一眼").stdout == f"window {window}: ended\n"
    assert desk(data, "windows").stdout == ""
    assert window in desk(data, "windows", "--past").stdout
    with open_store(Settings(data=data)) as store:
        assert [event.kind for event in store.events(alert)] == ["raised", "suppressed", "reopened"]


def test_a_broken_chain_is_told_with_exit_code_1(data: Path, alerts: tuple[str, str]) -> None:
    import sqlite3

    alert, _ = alerts
    with sqlite3.connect(data / "store.db") as db:
        assert db.execute("UPDATE events SET doc = replace(doc, 'system:alert', 'system:other')").rowcount > 0
    told = desk(data, "history", alert)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (1, "chain broken at 1")


@pytest.mark.parametrize(
    "acts",
    [
        (("decide", "confirm"), ("decide", "dismiss", "--reason", "误报")),
        (("second-view", "--reason", "拿不准"), ("second-view", "--reason", "拿不准")),
    ],
)
def test_of_two_processes_at_once_one_wins_and_the_other_says_so(
    data: Path, alerts: tuple[str, str], acts: tuple[tuple[str, ...], ...]
) -> None:
    alert, _ = alerts
    processes = [started(data, act[0], alert, *act[1:]) for act in acts]
    ended = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert sorted(code for _, code in ended) == [0, 2]
    ((_, line),) = [output for output, code in ended if code == 2]
    assert line.count("\n") == 1
    assert alert in line
    assert "already" in line
    with open_store(Settings(data=data)) as store:
        chain = store.events(alert)
        assert broken_links(chain) == []
        assert len(chain) == 2
