"""Every stage runs on what a plain installation has: what only training, tests or development bring is out of reach here."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
WITHOUT = """
import importlib.machinery, sys

found = importlib.machinery.PathFinder.find_spec

def out_of_reach(name, path=None, target=None):
    return None if name.partition(".")[0] in {names} else found(name, path, target)

importlib.machinery.PathFinder.find_spec = out_of_reach
"""


def plain_distributions() -> set[str]:
    """What a plain installation brings, with all that it needs in turn."""
    found: set[str] = set()
    pending = ["humiao"]
    while pending:
        name = pending.pop()
        try:
            needs = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:  # for another platform
            continue
        for need in needs:
            wanted = canonicalize_name(need.name)
            if (need.marker is None or need.marker.evaluate({"extra": ""})) and wanted not in found:
                found.add(wanted)
                pending.append(wanted)
    return found


def extra_modules() -> set[str]:
    """Top-level modules of the distributions that only the extras bring."""
    wanted = {canonicalize_name(name) for names in EXTRAS.values() for name in names} - plain_distributions()
    return {module for module, owners in packages_distributions().items() if {canonicalize_name(one) for one in owners} & wanted}


def run(code: str, given: str = "") -> subprocess.CompletedProcess[str]:
    whole = WITHOUT.format(names=extra_modules()) + code
    return subprocess.run([sys.executable, "-c", whole], input=given, capture_output=True, text=True, timeout=200, check=False)


def test_the_extras_are_out_of_reach_indeed():
    assert {"scipy", "sklearn", "gensim", "snownlp", "playwright", "hypothesis"} <= extra_modules()
    assert "No module named 'scipy'" in run("import scipy").stderr


@pytest.mark.parametrize(
    "module",
    ["crawlers.stage", "crawlers.visiting", "crawlers.demo.forum", "classifier.duty", "classifier.stage", "alerting.stage",
     "alerting.console.app", "alerting.evidence.commands", "humiao.cli.demo", "humiao.cli.operate"],
)  # fmt: skip
def test_what_a_stage_loads_is_there(module):
    done = run(f"import {module}")
    assert done.returncode == 0, done.stderr


def test_posts_are_classified_and_models_listed(tmp_path):
    post = {"platform": "坊间", "text": "放学后在后门等着，不来你试试", "ts": "2026-03-01T20:00:00+08:00"}
    done = run(
        "import sys; sys.argv = ['humiao', 'classify', '--jsonl']; from humiao.cli import main; main()",
        json.dumps(post, ensure_ascii=False) + "\n",
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) >= {"harm", "stance", "sentiment"}
    done = run(
        f"import sys; sys.argv = ['humiao', 'models', 'list', '--data', {str(tmp_path)!r}]; from humiao.cli import main; main()"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [["train"], ["models", "gate", "candidate"]])
def test_a_command_that_needs_more_says_what_to_install(arguments, tmp_path):
    data = ["--data", str(tmp_path)] if arguments[0] == "models" else []
    done = run(f"import sys; sys.argv = {['humiao', *arguments, *data]!r}; from humiao.cli import main; main()")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'humiao[train]'" in done.stderr
