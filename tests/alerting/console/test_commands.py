"""The console's commands, as a person runs them."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request

import pytest

PASSWORD = "a good long password\n"


@pytest.fixture
def humiao(tmp_path):
    def run(*arguments, stdin="", **environment):
        return subprocess.run(
            [sys.executable, "-m", "humiao", *arguments, "--data", str(tmp_path / "d")],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env=os.environ | environment,
            check=False,
        )

    return run


def test_accounts_are_added_listed_and_given_tokens(humiao, tmp_path):
    assert humiao("users", "add", "wang", "--role", "patrol", "--password-stdin", stdin=PASSWORD).stdout == "added wang (patrol)\n"
    assert (
        humiao("users", "add", "wang", "--role", "analyst", "--password-stdin", stdin=PASSWORD).stdout == "changed wang (analyst)\n"
    )
    assert humiao("users", "add", "hotline", "--role", "partner").returncode == 0
    rows = [line.split("\t")[:3] for line in humiao("users", "list").stdout.splitlines()]
    assert rows == [["hotline", "partner", "active"], ["wang", "analyst", "active"]]
    token = humiao("users", "token", "hotline", "--days", "3").stdout
    assert len(token.split()) == 1
    assert "." in token
    key = tmp_path / "d" / "keys" / "session.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("users", "add", "wang", "--role", "patrol", "--password-stdin"), "short\n", "password has 5 characters"),
        (("users", "add", "a b", "--role", "patrol", "--password-stdin"), PASSWORD, "account name"),
        (("users", "add", "wang", "--role", "king", "--password-stdin"), PASSWORD, "king"),
        (("users", "token", "nobody"), "", "nobody"),
        (("console", "--port", "99999"), "", "65535"),
        (("console", "--host", "no.such.host.invalid"), "", "can't listen"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(humiao, arguments, stdin, said):
    result = humiao(*arguments, stdin=stdin)
    assert result.returncode == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_demo_accounts_are_made_once_and_never_beside_real_ones(humiao, tmp_path):
    first, second = humiao("demo-accounts"), humiao("demo-accounts")
    assert first.stdout == second.stdout
    accounts = [json.loads(line) for line in first.stdout.splitlines()]
    assert {one["role"] for one in accounts} == {"patrol", "analyst", "supervisor", "ops"}
    assert all(set(one) == {"name", "role", "password"} for one in accounts)
    humiao("users", "add", "wang", "--role", "patrol", "--password-stdin", stdin=PASSWORD)
    refused = humiao("demo-accounts")
    assert refused.returncode == 2
    assert "wang" in refused.stderr
    assert humiao("demo-accounts", HUMIAO_CONSOLE__HOST="0.0.0.0").returncode == 2


def test_the_console_says_where_it_listens_and_stops_within_five_seconds(tmp_path):
    command = [sys.executable, "-m", "humiao", "console", "--port", "0", "--data", str(tmp_path / "d")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            name, address = process.stdout.readline().split()
            assert name == "console"
            with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
                assert json.load(answer) == {"log": "ok", "store": "ok"}
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
            assert time.monotonic() - began < 5
        finally:
            process.kill()


def test_a_port_in_use_is_a_clear_error(humiao):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = humiao("console", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "can't listen" in result.stderr
