"""One demo run, which several tests look at and replay."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from humiao.log import POSTS, Message, open_log
from humiao.settings import Settings
from humiao.store import open_store
from tests.pipeline.harness import broken_chains, outcome


@dataclass(frozen=True)
class DemoRun:
    """What `humiao demo --once` printed and left behind."""

    data: Path
    code: int
    output: str
    seconds: float
    messages: list[Message]
    outcome: dict[str, dict]
    broken: dict[str, list[int]]

    def count(self, row: str) -> int:
        """The number in a row of the summary table."""
        found = re.search(rf"^[│|]\s*{re.escape(row)}[^│|]*[│|]\s*(\d+)", self.output, re.MULTILINE)
        assert found, f"no row {row!r} in\n{self.output}"
        return int(found.group(1))


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """`humiao demo --once` on an empty folder."""
    data = tmp_path_factory.mktemp("demo") / "data"
    began = time.monotonic()
    command = [sys.executable, "-m", "humiao", "demo", "--once", "--port", "0", "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=os.environ | {"COLUMNS": "120"}, check=False)
    seconds = time.monotonic() - began
    settings = Settings(data=data)
    with open_log(settings) as log, open_store(settings) as store:
        messages = sorted(log.read(POSTS), key=lambda message: (message.written_at, message.partition, message.offset))
        return DemoRun(data, done.returncode, done.stdout + done.stderr, seconds, messages, outcome(store), broken_chains(store))
