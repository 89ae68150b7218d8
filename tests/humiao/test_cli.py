"""The command line as a person meets it: help with an example everywhere, one clear line for a mistake, exit code 2."""

import subprocess
import sys

import pytest
import typer

from humiao.cli import build

COMMANDS = "alert alerts classify console crawl dead demo doctor eval evidence ingest policies pretrain search sources train up users".split()


def humiao(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "humiao", *arguments], capture_output=True, text=True, timeout=60, check=False, **more
    )


def commands(group: typer.Typer) -> dict:
    return typer.main.get_command(group).commands


def test_every_command_of_the_interface_is_there():
    assert set(COMMANDS) <= set(commands(build()))


def test_every_command_explains_itself_with_an_example():
    def walk(tree, path):
        for name, command in tree.items():
            if getattr(command, "hidden", False):
                continue
            if hasattr(command, "commands"):
                walk(command.commands, [*path, name])
                continue
            help_text = command.help or ""
            assert "Example: humiao" in help_text, f"{' '.join([*path, name])} has no example"
            named = {parameter.name for parameter in command.params}
            if name not in {"train", "pretrain", "verify"} and path != ["humiao", "policies"]:
                assert "data" in named, f"{' '.join([*path, name])} has no --data"

    walk(commands(build()), ["humiao"])


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["alerts", "--status", "weird"], "weird"),
        (["nonsense"], "nonsense"),
        (["ingest"], "FILE"),
        (["demo", "--port", "high"], "--port"),
        (["evidence", "verify", "/nowhere.wacz"], "nowhere.wacz"),
        (["alerts", "--config", "/nowhere.toml"], "/nowhere.toml: can't be read"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(arguments, part, tmp_path):
    done = humiao(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert part.lower() in done.stderr.lower()
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_help_does_not_wait_for_torch(tmp_path):
    code = "import sys; from humiao.cli import build; build(); print(sorted({'torch', 'scrapy', 'fastapi', 'elasticsearch', 'kafka'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


def test_doctor_says_what_is_wrong(tmp_path):
    done = humiao("doctor", "--data", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 3
    done = humiao("doctor", "--data", str(tmp_path), env={"PATH": "/usr/bin", "HUMIAO_STORE": "http://127.0.0.1:9"})
    assert done.returncode == 1
    assert "WRONG store: " in done.stdout
    assert "127.0.0.1:9" in done.stdout
