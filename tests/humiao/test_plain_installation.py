"""Every stage runs on what a plain installation has: what only training, tests or development bring is out of reach here."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
WITHOUT = """
import importlib.abc, sys

class OutOfReach(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, OutOfReach())
"""


def extra_modules() -> set[str]:
    """Top-level modules of the distributions that the extras name."""
    wanted = {name.lower() for names in EXTRAS.values() for name in names}
    return {module for module, owners in packages_distributions().items() if {one.lower() for one in owners} & wanted}


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
