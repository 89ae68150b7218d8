"""The crawl stage's commands as processes of their own."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PROGRAM = """
import sys, typer
from crawlers.commands import register
from humiao.errors import HumiaoError
app = typer.Typer()
register(app)
try:
    sys.exit(app(standalone_mode=False))
except HumiaoError as error:
    print(f"humiao: {error}", file=sys.stderr)
    sys.exit(2)
"""


class Process:
    """One command, with its output collected."""

    def __init__(self, *arguments: str, data: Path, **environment: str) -> None:
        environment = {"HUMIAO_CRAWL__METRICS_PORT": "0", "HUMIAO_LOG_FORMAT": "json"} | environment
        self._popen = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments, "--data", str(data)],
            env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.out, self.err = [], []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self._popen.stdout, self.out), (self._popen.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream, lines: list[str]) -> None:
        for line in stream:
            lines.append(line)  # noqa: PERF402 (line by line, as they come)

    def first_line(self, timeout: float = 20) -> str:
        until(lambda: self.out or self._popen.poll() is not None, timeout)
        assert self.out, "".join(self.err)
        return self.out[0].strip()

    def wait(self, timeout: float = 60) -> int:
        code = self._popen.wait(timeout)
        for reader in self._readers:
            reader.join()
        return code

    def stop(self) -> float:
        """SIGTERM; returns the seconds that the end took."""
        began = time.monotonic()
        self._popen.terminate()
        self.wait(15)
        return time.monotonic() - began

    def kill(self) -> None:
        self._popen.kill()
        self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self._popen.poll() is None:
            self.kill()


def until(condition: Callable[[], object], timeout: float = 20) -> None:
    """Poll until `condition` holds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)
