"""Two simulated days of a living forum, visited hourly by the real spider over HTTP (`benchmarks/churn.py`, there for twenty days)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEAREST = 1.3
"""Requests for each page that an omniscient crawler would fetch."""


@pytest.mark.slow
def test_a_living_forum_is_collected_whole_at_little_more_than_an_omniscient_crawler_asks_for():
    done = subprocess.run(
        [sys.executable, "benchmarks/churn.py", "--quick"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=280
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["posts"] > 1_000
    assert found["collected of what stayed an hour"] == 1.0
    assert found["published twice"] == 0
    assert found["requests per such page"] <= DEAREST
    assert found["noted as deleted, yet there"] == 0
    assert found["deletions"] > 20
    assert found["deletions noted after a day"] >= 0.8
    assert found["edits seen after a day"] >= 0.8
