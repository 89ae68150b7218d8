"""The consuming stages as real processes that a test may kill, and what must come out of them whatever happens."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from humiao.alert import Status
from humiao.event import broken_links
from humiao.log import POSTS, SCORED, Log, Message, Record, open_log
from humiao.settings import Settings
from humiao.store import AlertFilter, PostFilter, Store, open_store

STAGES = ("classify", "alert")


class Pipeline:
    """Classify and alert on one log and one store, each a process of its own."""

    def __init__(self, data: Path, *, log: str = "", store: str = "", prefix: str = "") -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(data=data, log=log, store=store, prefix=prefix)
        self._environment = {
            **os.environ,
            "HUMIAO_DATA": str(data),
            "HUMIAO_LOG": log,
            "HUMIAO_STORE": store,
            "HUMIAO_PREFIX": prefix,
            "HUMIAO_CLASSIFY__BATCH": "8",
            "HUMIAO_ALERT__BATCH": "8",
            "HUMIAO_ALERT__SPIKE_INTERVAL": "1",
            "HUMIAO_CLASSIFY__METRICS_PORT": "0",
            "HUMIAO_ALERT__METRICS_PORT": "0",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log: Log = open_log(self.settings)
        self.store: Store = open_store(self.settings)

    def start(self, name: str) -> None:
        with (self.settings.data / f"{name}.log").open("ab") as output:
            command = [sys.executable, "-m", "humiao", name]
            self._processes[name] = subprocess.Popen(command, env=self._environment, stdout=output, stderr=output)

    def kill(self, name: str) -> None:
        """kill -9, then start again."""
        process = self._processes[name]
        assert process.poll() is None, f"{name} ended by itself:\n{(self.settings.data / f'{name}.log').read_text()[-3000:]}"
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.start(name)

    def publish(self, messages: Sequence[Message]) -> None:
        self.log.publish(POSTS, [Record(message.key, message.value) for message in messages])

    def settle(self, seconds: float = 150.0) -> None:
        """Return when everything published is through and a look for spikes has come after it."""
        deadline = time.monotonic() + seconds
        calm = 0
        while calm < 4:
            assert time.monotonic() < deadline, f"not settled: {self.log.lag(POSTS, 'classify')}, {self.log.lag(SCORED, 'alert')}"
            time.sleep(1.0)
            idle = self.log.lag(POSTS, "classify") == 0 and self.log.lag(SCORED, "alert") == 0
            calm = calm + 1 if idle else 0

    def close(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self.log.close()
        self.store.close()

    def __enter__(self) -> "Pipeline":
        for name in STAGES:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def feed_and_disturb(pipeline: Pipeline, messages: list[Message], disturb: Sequence[Callable[[], None]], seed: int) -> None:
    """Publish `messages` in as many portions as there are disturbances, each disturbance at a random moment after its portion."""
    dice = random.Random(seed)
    size = -(-len(messages) // len(disturb))
    for number, act in enumerate(disturb):
        pipeline.publish(messages[number * size : (number + 1) * size])
        time.sleep(dice.uniform(0.05, 2.5))
        act()


def outcome(store: Store) -> dict[str, object]:
    """What must be equal after any run over the same posts: everything but clock times and the pseudonyms of authors."""
    posts, after = {}, None
    while True:
        page = store.search("", PostFilter(), limit=500, after=after)
        for hit in page.items:
            stored = hit.post
            flags = tuple(stored.verdict.flags)
            posts[stored.post.id] = (stored.post.revision, stored.post.text, stored.outcome, stored.alert, flags)
        after = page.after
        if after is None:
            break
    alerts, evidence = {}, {}
    for alert in standing_alerts(store):
        facts = alert.public()
        if alert.kind == "spike":  # its deadline counts from when it was raised, its surprise from the history up to now
            facts = {name: value for name, value in facts.items() if name not in {"deadline", "score", "summary"}}
        alerts[alert.id] = facts
        evidence[alert.id] = sorted((one.id, one.post.id, one.post.revision, one.blob) for one in store.evidence(alert.id))
    return {"posts": posts, "alerts": alerts, "evidence": evidence}


def standing_alerts(store: Store) -> list:
    found, after = [], None
    while True:
        page = store.alerts(AlertFilter(), limit=200, after=after)
        found += page.items
        after = page.after
        if after is None:
            return found


def broken_chains(store: Store) -> dict[str, list[int]]:
    """Alerts (tombstones too) whose chain of events is not whole, or is empty."""
    every = AlertFilter(statuses=frozenset(Status))
    found, after = {}, None
    while True:
        page = store.alerts(every, limit=200, after=after)
        for alert in page.items:
            events = store.events(alert.id)
            if not events or broken_links(events):
                found[alert.id] = broken_links(events)
        after = page.after
        if after is None:
            return found


def with_captures_of(source: Path, target: Path) -> Path:
    """`target` as a data folder that holds the WARC files of `source`."""
    target.mkdir(parents=True)
    shutil.copytree(source / "warc", target / "warc")
    return target
