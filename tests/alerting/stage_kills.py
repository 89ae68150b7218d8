"""The alert stage as a process that is killed in mid-work, again and again, and what must come out as if it never had been."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from humiao.log import SCORED, Log, Record, open_log
from humiao.settings import Settings
from humiao.store import open_store
from humiao.verdict import Scored
from tests.alerting.stream import alerts_of, check_whole, outcome

GROUP = "alert"
PATIENCE = 240.0
"""Seconds that a run may stand still before it counts as failed."""


def after_kills(
    folder: Path, rows: Sequence[Scored], kills: int, seed: int, *, store: str = "", prefix: str = ""
) -> tuple[dict[str, Any], int]:
    """Let the stage handle `rows`, killing it (SIGKILL) up to `kills` times while it works.

    Returns:
        What the store holds in the end, with the posts that each alert's chain of events tells of; and how often the stage was
        killed while messages were waiting.
    """
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "author.key").write_bytes(b"k" * 32)
    settings = Settings(data=folder, store=store, prefix=prefix)
    environment = os.environ | {
        "HUMIAO_DATA": str(folder),
        "HUMIAO_STORE": store,
        "HUMIAO_PREFIX": prefix,
        "HUMIAO_ALERT__BATCH": "4",
        "HUMIAO_ALERT__METRICS_PORT": "0",
    }
    dice, killed = random.Random(seed), 0
    with open_log(settings) as log, (folder / "alert.log").open("ab") as output:
        log.publish(SCORED, [Record(row.post.id, row.to_json()) for row in rows])
        while True:
            before = log.lag(SCORED, GROUP)
            process = subprocess.Popen([sys.executable, "-m", "humiao", "alert"], env=environment, stdout=output, stderr=output)
            try:
                if killed == kills or before == 0:
                    _until(log, 0, process)
                    break
                _until(log, before - 1, process)
                time.sleep(dice.uniform(0.0, 0.15))
                killed += log.lag(SCORED, GROUP) > 0
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
    with open_store(settings) as kept:
        check_whole(kept)
        told = {
            alert.id: sorted({one for event in kept.events(alert.id) for one in event.data.get("added", ())})
            for alert in alerts_of(kept)
        }
        return outcome(kept) | {"told": told}, killed


def _until(log: Log, lag: int, process: subprocess.Popen[bytes]) -> None:
    """Return when no more than `lag` messages wait."""
    deadline = time.monotonic() + PATIENCE
    while log.lag(SCORED, GROUP) > lag:
        assert process.poll() is None, "the stage ended by itself; see alert.log"
        assert time.monotonic() < deadline, f"{log.lag(SCORED, GROUP)} messages still wait"
        time.sleep(0.01)
