"""Hostile sites, each beside one that is well, crawled by the real process: bounded in time and memory, and nobody else harmed.

How long a case took is the time from its first request to the end of its visit; memory is what the process grew from its first request
to its peak, all cases of a group together.
"""

import json
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import chain

import psutil
import pytest
import yaml
from warcio.archiveiterator import ArchiveIterator

from tests.crawlers.conftest import published
from tests.crawlers.hostile.cases import Case
from tests.crawlers.hostile.data import data
from tests.crawlers.hostile.markup import markup, text
from tests.crawlers.hostile.network import network, slow
from tests.crawlers.hostile.packed import packed
from tests.crawlers.hostile.server import HostileServer, well
from tests.crawlers.hostile.traps import traps
from tests.crawlers.processes import Process

SECONDS = 30
MIB = 1 << 20
GROWTH = 300
SELECTORS = {
    "list": {"board": "a.board::attr(href)", "row": "li", "link": "a::attr(href)", "activity": "i::text", "next": "a.next::attr(href)"},
    "thread": {
        "title": "h1", "post": "article", "id": "::attr(id)", "author": "b", "time": "time", "body": "p", "parent": "q",
        "next": "a.next::attr(href)",
    },
}  # fmt: skip
GROUPS = {
    "network": network,
    "slow": slow,
    "packed": packed,
    "markup-1": lambda: markup()[::4],
    "markup-2": lambda: markup()[1::4],
    "markup-3": lambda: markup()[2::4],
    "markup-4": lambda: markup()[3::4],
    "text": text,
    "traps": traps,
    "data-1": lambda: data()[::6],
    "data-2": lambda: data()[1::6],
    "data-3": lambda: data()[2::6],
    "data-4": lambda: data()[3::6],
    "data-5": lambda: data()[4::6],
    "data-6": lambda: data()[5::6],
}
"""Made when they are needed: some are large."""
pytestmark = pytest.mark.slow


class Memory:
    """Samples a process's resident memory (bytes) until it ends."""

    def __init__(self, pid: int, server: HostileServer) -> None:
        self.at_start = self.peak = 0
        self._process, self._server = psutil.Process(pid), server
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        try:
            while True:
                now = self._process.memory_info().rss
                if not self._server.began:
                    self.at_start = now
                self.peak = max(self.peak, now)
                time.sleep(0.02)
        except psutil.NoSuchProcess:
            return


def write_source(settings, case: Case, url: str) -> None:
    folder = settings.data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "name": case.name, "family": "html", "platform": case.name, "owner": "某公司", "permission": "书面同意", "rate": {"delay": 0.01},
        "start": [url],
    } | case.source  # fmt: skip
    if content["family"] == "html":
        content["selectors"] = SELECTORS
    (folder / f"{case.name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_there_are_enough_of_them_and_each_has_its_name():
    names = [case.name for case in chain.from_iterable(make() for make in GROUPS.values())]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("group", GROUPS)
def test_each_hostile_page_is_bounded_and_the_rest_of_the_crawl_unharmed(group, settings, record_property):
    cases = GROUPS[group]()
    beside = [well(f"well-{number}") for number in range(len(cases))]
    with HostileServer([*cases, *beside]) as server:
        for case in (*cases, *beside):
            write_source(settings, case, server.url(case))
        with Process("crawl", "--once", data=settings.data) as process:
            memory = Memory(process._popen.pid, server)
            process.wait(150)
    lines = [json.loads(line) for line in process.err if line.startswith("{")]
    took = {line["source"]: _time(line) - server.began[line["source"]] for line in lines if line["event"] == "pass"}
    grown = (memory.peak - memory.at_start) / MIB
    record_property("figures", f"slowest {max(took, key=took.get)} {max(took.values()):.1f} s, memory +{grown:.0f} MiB")
    assert set(took) == {case.name for case in (*cases, *beside)}
    wrong = list(chain.from_iterable(_faults(case, server, settings, lines, took) for case in (*cases, *beside)))
    assert wrong == []
    assert grown <= GROWTH
    _archive_is_whole(settings)


def _faults(case: Case, server: HostileServer, settings, lines: Sequence[dict], took: dict[str, float]) -> list[str]:
    """What is not as it must be."""
    faults = []
    posts = {one.native_id: one for one in _published(settings) if one.source == case.name}
    if case.posts is not None and set(posts) != case.posts:
        faults.append(f"{case.name}: published {sorted(posts)}, not {sorted(case.posts)}")
    if case.posts is None and "/ok" in case.pages and "ok" not in posts:
        faults.append(f"{case.name}: the thread beside it was lost")
    if took[case.name] > SECONDS:
        faults.append(f"{case.name}: took {took[case.name]:.0f} s")
    if server.asked[case.name] > max(case.requests, case.source.get("visit_requests", 0)) + 2:
        faults.append(f"{case.name}: {server.asked[case.name]} requests")
    (state,) = [line["state"] for line in lines if line["event"] == "source state" and line["source"] == case.name]
    if case.state and state != case.state:
        faults.append(f"{case.name}: is {state}, not {case.state}")
    for field, value in case.text.items():
        if "bad" in posts and (found := getattr(posts["bad"], field)) != value:
            faults.append(f"{case.name}: {field} is {found[:80]!r}, not {value!r}")
    return faults


def _published(settings) -> list:
    return published(settings) if (settings.data / "log.db").exists() else []


def _time(line: dict) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def _archive_is_whole(settings) -> None:
    """Whatever the headers and bodies were, a reader that knows nothing of us finds whole records with the right digests."""
    for file in sorted((settings.data / "warc").rglob("*.warc.gz")):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()
