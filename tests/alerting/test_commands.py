"""The alert stage from outside: as a process on the log, and the commands around it."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from alerting.policies import SHIPPED
from alerting.stage import AlertStage
from humiao.labels import Harm
from humiao.log import DEAD_SUFFIX, SCORED, Record, open_log
from humiao.settings import Settings
from humiao.store import PostFilter, open_store
from tests.alerting.stream import SKINS, alerts_of, check_whole, scored, twisted

FRAUD = {Harm.FRAUD: 0.9}


def humiao(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "160"}
    command = [sys.executable, "-m", "humiao", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=data, timeout=120, check=False)


def eventually(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def publish(data: Path, *values: bytes) -> None:
    with open_log(Settings(data=data)) as log:
        log.publish(SCORED, [Record(str(n), value) for n, value in enumerate(values)])


@pytest.fixture
def filled(data: Path) -> Path:
    """A data folder with a campaign of three posts and one harmless post."""
    from tests.alerting.stream import handler_on

    with open_store(Settings(data=data)) as store:
        handler_on(store, data).handle([scored(n, twisted(SKINS, n), FRAUD) for n in range(3)] + [scored(9, "今天天气不错")])
    return data


def test_the_stage_runs_as_a_process_until_it_is_asked_to_stop(data: Path) -> None:
    publish(data, *(scored(n, twisted(SKINS, n), FRAUD).to_json() for n in range(5)), b"poison", scored(9, "早").to_json())
    settings = Settings(data=data)
    environment = {**os.environ, "HUMIAO_ALERT__METRICS_PORT": "0"}
    command = [sys.executable, "-m", "humiao", "alert", "--data", str(data)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=data
    ) as process:
        try:
            address = process.stdout.readline().split()[1]
            with open_log(settings) as log:
                eventually(lambda: log.lag(SCORED, "alert") == 0)
                assert log.size(SCORED + DEAD_SUFFIX) == 1
            text = urllib.request.urlopen(address, timeout=10).read().decode()
            assert 'humiao_messages_dead_total{stage="alert"} 1.0' in text
            assert 'humiao_posts_handled_total{outcome="alerted"} 5.0' in text
            assert 'humiao_alerts_raised_total{grade="yellow",kind="content"} 1.0' in text
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert time.monotonic() - began < 5
        finally:
            process.kill()
    with open_store(settings) as store:
        (alert,) = alerts_of(store)
        assert alert.post_count == 5
        assert store.count_posts(PostFilter(outcome="cleared")) == 1
        check_whole(store)


def test_old_cleared_posts_expire_at_start_and_alerted_ones_stay(data: Path) -> None:
    settings = Settings(data=data)
    clock = [datetime(2026, 4, 1, tzinfo=UTC)]
    publish(data, scored(1, SKINS, FRAUD).to_json(), scored(2, "早").to_json())
    with open_log(settings) as log, open_store(settings) as store:

        def until(done: Callable[[], bool]) -> None:
            stage = AlertStage(log, store, settings, clock=lambda: clock[0])
            idle = stage._idle

            def round_and_stop() -> None:
                idle()
                if done():
                    stage.stop()

            stage._idle = round_and_stop
            stage.run()

        until(lambda: store.count_posts(PostFilter()) == 2)
        clock[0] += timedelta(days=6)
        until(lambda: True)
        assert store.count_posts(PostFilter()) == 2
        clock[0] += timedelta(days=2)
        until(lambda: True)
        (left,) = store.search("", PostFilter()).items
        assert left.post.outcome == "alerted"


def test_evidence_is_exported_and_verified(filled: Path) -> None:
    with open_store(Settings(data=filled)) as store:
        (alert,) = alerts_of(store)
    out = filled / "case.wacz"
    done = humiao(filled, "evidence", "export", alert.id, "--out", str(out), "--data", str(filled))
    assert done.returncode == 0, done.stderr
    whole = humiao(filled, "evidence", "verify", str(out))
    assert (whole.returncode, "whole; alert " + alert.id in whole.stdout) == (0, True)
    signer = whole.stdout.split()[-1]
    assert humiao(filled, "evidence", "verify", str(out), "--signer", signer).returncode == 0
    assert humiao(filled, "evidence", "verify", str(out), "--signer", "0" * 32).returncode == 1
    again = humiao(filled, "evidence", "export", alert.id, "--out", str(out), "--data", str(filled))
    assert (again.returncode, "exists already" in again.stderr) == (2, True)


def test_a_tampered_package_exits_1_naming_the_part_and_no_package_exits_2(filled: Path) -> None:
    with open_store(Settings(data=filled)) as store:
        (alert,) = alerts_of(store)
    out = filled / "case.wacz"
    humiao(filled, "evidence", "export", alert.id, "--out", str(out), "--data", str(filled))
    content = out.read_bytes()
    out.write_bytes(content.replace("免费领取".encode(), "收费领取".encode(), 1))
    tampered = humiao(filled, "evidence", "verify", str(out))
    assert tampered.returncode == 1
    assert "humiao/alert.json: " in tampered.stdout
    out.write_bytes(content[:1000])
    cut = humiao(filled, "evidence", "verify", str(out))
    assert (cut.returncode, len(cut.stderr.splitlines())) == (2, 1)
    assert humiao(filled, "evidence", "verify", str(filled / "none.wacz")).returncode == 2


def test_an_export_of_an_unknown_alert_is_one_line(filled: Path) -> None:
    done = humiao(filled, "evidence", "export", "0" * 32, "--out", str(filled / "x.wacz"), "--data", str(filled))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert not (filled / "x.wacz").exists()


def test_policies_are_checked_and_tried_on_history(filled: Path) -> None:
    checked = humiao(filled, "policies", "check", str(SHIPPED))
    assert (checked.returncode, "51 policies" in checked.stdout) == (0, True)
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content["policies"] = [entry for entry in content["policies"] if entry["name"] != "fraud-offender"]
    content["policies"][0]["condition"] = "harm.fraud > 0.8"
    mine = filled / "mine.yaml"
    mine.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    tried = humiao(filled, "policies", "test", str(mine), "--since", "2026-03-01", "--data", str(filled))
    assert tried.returncode == 0, tried.stderr
    assert "4 posts since 2026-02-28T16:00:00+00:00: 1 alerts of 3 posts; live set: 1 of 3" in tried.stdout
    rows = [line.split() for line in tried.stdout.splitlines() if "@" in line]
    assert any("self-harm-night@1" in row and "red" in row for row in rows)
    assert any("fraud-offender@1" in row for row in rows)
    bad = humiao(filled, "policies", "test", str(mine), "--since", "yesterday", "--data", str(filled))
    assert (bad.returncode, "--since" in bad.stderr) == (2, True)


def test_a_bad_policy_file_stops_the_stage_with_one_line(data: Path) -> None:
    (data / "bad.yaml").write_text("policies: [{name: mine}]", encoding="utf-8")
    (data / "humiao.toml").write_text('[alert]\npolicies = "bad.yaml"\nmetrics_port = 0\n', encoding="utf-8")
    done = humiao(data, "alert", "--data", str(data))
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("humiao: bad.yaml:1:12: mine: ")


@pytest.mark.parametrize(
    "command",
    [
        ("alert",),
        ("evidence", "export"),
        ("evidence", "verify"),
        ("policies", "check"),
        ("policies", "test"),
        ("policies", "diff"),
        ("policies", "shadow"),
    ],
)
def test_every_command_has_help_with_an_example(data: Path, command: tuple[str, ...]) -> None:
    shown = humiao(data, *command, "--help")
    assert shown.returncode == 0
    assert "Example: humiao " + " ".join(command) in " ".join(shown.stdout.split())
