"""Several stages as child processes: started together, restarted when they fall, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import structlog

STOP_SECONDS = 4.0
"""How long a child may take to stop before it is killed."""
RESTART_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits in seconds before a fallen child is started again, the longest for all further times."""
STEADY_SECONDS = 60.0
"""A child that ran so long starts again with the shortest wait."""

_lines = structlog.get_logger()


class Child:
    """One stage as a process of its own."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path | None) -> None:
        """`arguments` follow ``python -m humiao``; stderr goes to `log` (appended) or to ours."""
        self.name = name
        self._command = [sys.executable, "-m", "humiao", *arguments]
        self._environment = {**os.environ, **environment}
        self._log = log
        self._falls = 0
        self._started = 0.0
        self._restart_at = 0.0
        self.process: subprocess.Popen[str] | None = None
        self.first_line = threading.Event()
        """Set when the child wrote its first line on stdout."""
        self.line = ""
        """That line (an address, for stages that print one)."""

    def start(self) -> None:
        """Start the process; it dies with a Ctrl-C only through `Supervisor.stop`, never by itself."""
        stderr: IO[bytes] | None = self._log.open("ab") if self._log else None
        try:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        finally:
            if stderr:
                stderr.close()
        self._started = time.monotonic()
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if not self.first_line.is_set():
                self.line = line.strip()
                self.first_line.set()

    def fallen(self) -> bool:
        """Whether the process ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def revive(self, now: float) -> None:
        """Start a fallen child again when its pause is over."""
        if not self._restart_at:
            if now - self._started > STEADY_SECONDS:
                self._falls = 0
            pause = RESTART_PAUSES[min(self._falls, len(RESTART_PAUSES) - 1)]
            code = self.process.returncode if self.process else None
            _lines.warning("stage ended, will start again", name=self.name, code=code, seconds=pause)
            self._falls += 1
            self._restart_at = now + pause
        elif now >= self._restart_at:
            self._restart_at = 0.0
            self.start()


class Supervisor:
    """Keeps children running until `stop`."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Start fallen children again; call it often."""
        for child in self.children:
            if child.fallen():
                child.revive(time.monotonic())

    def stop(self) -> None:
        """Ask every child to stop, and kill those that do not within STOP_SECONDS."""
        running = [child.process for child in self.children if child.process is not None and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
