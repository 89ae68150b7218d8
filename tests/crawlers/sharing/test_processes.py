"""Real crawl processes on one store and one log, each with a data folder of its own, as on machines of their own."""

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from crawlers.state_copy import kind
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from humiao.store import open_store
from tests.crawlers.processes import Process, until
from tests.crawlers.sharing.sites import Sites, clashes, name, turns

LEASE = 3
NUMBER = 9
PATIENCE = 60


class Fleet:
    """Processes by name."""

    def __init__(self, tmp_path: Path, sites: Sites, store: str) -> None:
        self._folder, self.sites = tmp_path, sites
        self.settings = Settings(data=tmp_path, log=f"sqlite:///{tmp_path}/shared/log.db", store=store)
        sites.write_sources(tmp_path / "sources")
        self.processes: dict[str, Process] = {}

    def start(self, name: str, *arguments: str) -> Process:
        self.processes[name] = Process(
            "crawl", *arguments, data=self._folder / name, HUMIAO_LOG=self.settings.log, HUMIAO_STORE=self.settings.store,
            HUMIAO_CRAWL__SOURCES=str(self._folder / "sources"), HUMIAO_CRAWL__INTERVAL="1", HUMIAO_CRAWL__LEASE=str(LEASE),
            HUMIAO_CRAWL__CONTACT=name,
        )  # fmt: skip
        return self.processes[name]

    def published(self) -> Counter[str]:
        """How often each post stands in the log."""
        with open_log(self.settings) as log:
            posts = (Post.from_json(message.value) for message in log.read(POSTS))
            return Counter(f"{post.source} {post.native_id}" for post in posts)

    def holders(self) -> Counter[str]:
        """How many hosts each process asked last."""
        return Counter(by[-1] for host in self.sites.posts if (by := turns(list(self.sites.asked), host)))

    def is_saved(self) -> bool:
        """Whether the store's copy knows every post that the log has."""
        with open_store(self.settings) as store:
            for host, number in self.sites.posts.items():
                threads = [note.value for key, note in store.notes(kind(name(host))).items() if key.startswith("t ")]
                if sum(len(json.loads(thread)["posts"]) for thread in threads) < self.sites.threads * number:
                    return False
        return True


@pytest.fixture
def sites():
    with Sites(NUMBER) as running:
        yield running


@pytest.fixture
def fleet(tmp_path, sites):
    running = Fleet(tmp_path, sites, f"sqlite:///{tmp_path}/shared/store.db")
    yield running
    for process in running.processes.values():
        process.__exit__()


def everything_is_read(fleet: Fleet) -> bool:
    return fleet.sites.expected() <= set(fleet.published())


@pytest.mark.slow
def test_three_processes_share_the_sites_and_replace_one_that_is_killed(fleet, sites):
    for one in ("a", "b", "c"):
        fleet.start(one)
    until(lambda: everything_is_read(fleet), PATIENCE)
    until(lambda: fleet.holders() == Counter(a=3, b=3, c=3), PATIENCE)

    sites.grow()
    until(lambda: everything_is_read(fleet) and fleet.is_saved(), PATIENCE)
    assert set(fleet.published().values()) == {1}

    orphans = [host for host in sites.posts if turns(list(sites.asked), host)[-1] == "b"]
    fleet.processes["b"].kill()
    killed = time.monotonic()
    sites.grow()
    until(lambda: everything_is_read(fleet), PATIENCE)
    first = {host: min(one.began for one in sites.asked if one.host == host and one.began > killed) for host in orphans}
    assert max(first.values()) - killed < 2 * LEASE + 5  # machines are slow in tests; a dead process is seen within a lease
    assert set(fleet.published().values()) == {1}  # the state came along: nothing was read as new again

    fleet.start("d")
    until(lambda: fleet.holders() == Counter(a=3, c=3, d=3), PATIENCE)
    assert fleet.processes["a"].stop() < 6
    sites.grow()
    until(lambda: everything_is_read(fleet), PATIENCE)
    assert clashes(sites.asked) == []
    assert set(fleet.published().values()) == {1}


@pytest.mark.slow
def test_a_process_halted_for_longer_than_a_lease_asks_nothing_that_is_no_longer_its_own(fleet, sites):
    sites.seconds = 0.05
    for one in ("a", "b"):
        fleet.start(one)
    until(lambda: everything_is_read(fleet) and len(fleet.holders()) == 2, PATIENCE)
    halted = fleet.processes["a"]._popen.pid
    os.kill(halted, signal.SIGSTOP)
    sites.grow()
    until(lambda: everything_is_read(fleet) and fleet.holders() == Counter(b=NUMBER), PATIENCE)
    woken = time.monotonic()
    os.kill(halted, signal.SIGCONT)
    until(lambda: any("declared dead" in line for line in fleet.processes["a"].err), PATIENCE)
    until(lambda: len(fleet.holders()) == 2, PATIENCE)  # it takes part again
    sites.grow()
    until(lambda: everything_is_read(fleet), PATIENCE)
    assert clashes(sites.asked) == []
    for host in sites.posts:  # what it asked after waking up, it asked in a turn of its own
        assert len(turns([one for one in sites.asked if one.began > woken], host)) <= 2


@pytest.mark.slow
def test_killed_in_the_middle_of_work_nothing_is_lost_and_only_the_last_seconds_are_repeated(fleet, sites):
    for one in ("a", "b"):
        fleet.start(one)
    until(lambda: everything_is_read(fleet) and fleet.is_saved() and len(fleet.holders()) == 2, PATIENCE)
    known = fleet.published()
    for victim in ("a", "b"):
        sites.grow(5)
        until(lambda known=known: len(set(fleet.published()) - set(known)) > 5, PATIENCE)
        fleet.processes[victim].kill()
        fleet.start(victim + "2")
        until(lambda: everything_is_read(fleet) and fleet.is_saved(), PATIENCE)
        counted = fleet.published()
        assert {post: counted[post] for post in known} == known  # what the store's copy had is not published again
        assert max(counted.values()) <= 2
        known = counted
    assert clashes(sites.asked) == []


@pytest.mark.slow
def test_while_the_store_does_not_answer_nothing_is_asked_and_then_all_goes_on(fleet, sites):
    sites.seconds = 0.05
    process = fleet.start("a")
    until(lambda: everything_is_read(fleet) and fleet.is_saved(), PATIENCE)
    with closing(sqlite3.connect(fleet.settings.data / "shared/store.db", isolation_level=None, timeout=PATIENCE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        until(lambda: any("so nothing is asked" in line for line in process.err), PATIENCE)
        silent = time.monotonic()
        sites.grow()
        until(lambda: any("does not answer" in line for line in process.err), PATIENCE)  # the store's own patience is over too
        assert not [one for one in sites.asked if one.began > silent + 0.5]
        other.execute("ROLLBACK")
    until(lambda: everything_is_read(fleet), PATIENCE)
    assert set(fleet.published().values()) == {1}
    assert process.stop() < 6


@pytest.mark.slow
def test_one_pass_beside_a_running_process_says_who_crawls_and_asks_nothing(fleet, sites):
    fleet.start("a")
    until(lambda: everything_is_read(fleet), PATIENCE)
    beside = fleet.start("once", "--once", "--source", "site-1-1")
    assert beside.wait(PATIENCE) == 1
    (said,) = [json.loads(line) for line in beside.err if "crawled by another process" in line]
    assert said["source"] == "site-1-1"
    assert said["crawler"].endswith(f":{fleet.processes['a']._popen.pid}")
    assert {one.by for one in sites.asked} == {"a"}
    assert fleet.processes["a"].stop() < 6
    assert fleet.start("after", "--once", "--source", "site-1-1").wait(PATIENCE) == 0


@pytest.mark.slow
@pytest.mark.servers
def test_the_same_on_elasticsearch(tmp_path, sites, elasticsearch):
    fleet = Fleet(tmp_path, sites, elasticsearch)
    os.environ["HUMIAO_PREFIX"] = f"sharing-{os.getpid()}-"
    fleet.settings = fleet.settings.model_copy(update={"prefix": os.environ["HUMIAO_PREFIX"]})
    try:
        for one in ("a", "b"):
            fleet.start(one)
        until(lambda: everything_is_read(fleet) and fleet.is_saved() and len(fleet.holders()) == 2, 2 * PATIENCE)
        fleet.processes["a"].kill()
        sites.grow()
        until(lambda: everything_is_read(fleet) and fleet.holders() == Counter(b=NUMBER), 2 * PATIENCE)
        assert clashes(sites.asked) == []
        assert set(fleet.published().values()) == {1}
    finally:
        del os.environ["HUMIAO_PREFIX"]
        for process in fleet.processes.values():
            process.__exit__()
