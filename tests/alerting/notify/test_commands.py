"""The commands around messages, from outside."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from alerting.notify import outbox
from alerting.notify.outbox import Parcel
from humiao.alert import Grade
from humiao.settings import Settings
from humiao.store import open_store
from tests.alerting.notify import receivers
from tests.builders import NOON

ROUTES = """\
channels:
  duty: {url: "env:DUTY_HOOK", timeout_seconds: 1}
routes:
- {name: urgent, grades: [red, orange], to: [duty]}
"""


@pytest.fixture
def humiao(data, hook):
    (data / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    (data / "humiao.toml").write_text('[notify]\nroutes = "routes.yaml"\n', encoding="utf-8")

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {**os.environ, "COLUMNS": "160", "DUTY_HOOK": hook.url, "HUMIAO_DATA": str(data)} | environment
        command = [sys.executable, "-m", "humiao", "notify", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=given, cwd=data, timeout=120, check=False)

    return run


def test_a_routes_file_is_checked_with_its_secrets_and_gaps(humiao, data):
    checked = humiao("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "routes.yaml: 1 channels, 1 routes" in checked.stdout
    assert "note: blue: no route takes new alerts" in checked.stdout
    missing = humiao("check", DUTY_HOOK="")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "channels.duty.url: environment variable DUTY_HOOK is not set" in missing.stderr
    (data / "other.yaml").write_text(ROUTES.replace("[duty]", "[dutty]"), encoding="utf-8")
    wrong = humiao("check", "other.yaml")
    assert (wrong.returncode, "other.yaml:4: routes.1.to.1: 'dutty' is no channel" in wrong.stderr) == (2, True)


def test_a_channel_is_tried_at_once(humiao, hook):
    tried = humiao("test", "duty")
    assert (tried.returncode, "duty: message" in tried.stdout) == (0, True)
    assert hook.got[0]["title"] == "【测试消息】duty"
    hook.behave(receivers.status(429, Retry_After="9"))
    tried = humiao("test", "duty")
    assert (tried.returncode, tried.stdout) == (1, "duty: not taken: status 429, asked to wait 9 s\n")
    unknown = humiao("test", "dutty")
    assert (unknown.returncode, "there are duty" in unknown.stderr) == (2, True)


def test_dead_letters_are_listed_and_put_back(humiao, data):
    letters = [
        Parcel(
            id=f"{n:016x}", channel="duty", grade=Grade.RED, title=f"标题{n}", text="t", items=[], since=NOON + timedelta(hours=n),
            next_at=NOON, attempts=9, problem="status 500",
        )
        for n in range(3)
    ]  # fmt: skip
    with open_store(Settings(data=data)) as store:
        for letter in letters:
            outbox.keep(store, letter)
            outbox.bury(store, letter)
    listed = humiao("dead", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed[:3]] == [letter.id for letter in letters]
    assert "9 attempts  status 500  标题0" in listed[0]
    assert listed[3] == "3 dead letters"
    assert "0 " in humiao("list").stdout
    assert humiao("dead", "retry").returncode == 2
    unknown = humiao("dead", "retry", "f" * 16)
    assert (unknown.returncode, "is no dead letter" in unknown.stderr) == (2, True)
    gone = humiao("dead", "retry", "--all", "--to", "dutty")
    assert (gone.returncode, "dutty: is no channel of routes.yaml; there are duty" in gone.stderr) == (2, True)
    assert humiao("dead", "retry", letters[0].id).stdout == "1 messages wait for their channels again\n"
    assert humiao("dead", "retry", "--all").stdout == "2 messages wait for their channels again\n"
    with open_store(Settings(data=data)) as store:
        assert outbox.dead(store) == []
        assert {one.id for one in outbox.read(store, "duty").parcels} == {letter.id for letter in letters}


def test_without_a_routes_file_the_commands_say_so(humiao, data):
    (data / "humiao.toml").unlink()
    done = humiao("check")
    assert (done.returncode, "notify.routes: is not set" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", ["check", "test", "list", "dead list", "dead retry"])
def test_every_command_has_help_with_an_example(humiao, command):
    shown = humiao(*command.split(), "--help")
    assert (shown.returncode, f"Example: humiao notify {command}" in " ".join(shown.stdout.split())) == (0, True)
