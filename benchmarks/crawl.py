"""How fast, how steady and how fair the crawl stage is: ``python benchmarks/crawl.py [--quick]``.

1. Pages a second beside a bare Scrapy spider that only parses the same pages (`bare_spider.py`), in turn, on the same site
   (`fast_site.py`, a process of its own): everything is on here: robots.txt, limits, capture, state, publishing.
2. Memory of one process over 50,000 pages (not with ``--quick``): megabytes for each further 10,000 pages, by a straight line.
3. Fair shares: 500 sources (100 with ``--quick``) in one process; requests by source over a fixed time, Jain's index
   (R. Jain, D. Chiu, W. Hawe 1984: 1 = all alike, 1/n = one has everything).

Prints a table, then one JSON object. Medians with the lowest and highest round.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from fast_site import PAGES, PER_LIST, address  # noqa: E402 (beside this file)

SITES = 8
"""Hosts in the comparison: politeness allows one request at a time on each."""


def source(number: int, port: int, interval: float) -> dict:
    root = f"http://{address(number)}:{port}/"
    return {
        "name": f"site-{number}", "family": "html", "platform": f"site-{number}", "start": [root], "owner": "本机测试",
        "permission": "本机测试", "rate": {"delay": 0.0001}, "interval": interval, "list_pages": 1000, "thread_pages": PAGES,
        "recheck": 86400,
        "selectors": {
            "list": {"row": "li.row", "link": "a::attr(href)", "activity": "i", "next": "a.next::attr(href)"},
            "thread": {"title": "h1", "post": "article", "id": "article::attr(id)", "author": "b", "time": "time",
                       "body": "div.body", "next": "a.next::attr(href)"},
        },
    }  # fmt: skip


class Site:
    """The served sites and what they counted."""

    def __init__(self, hosts: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, str(HERE / "fast_site.py"), str(self.port), str(hosts)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def limit(self, threads: int) -> None:
        """Every site has so many threads; counting begins anew."""
        self._get(f"/limit?{threads}")

    def counts(self) -> dict:
        return json.loads(self._get("/counts"))

    def _get(self, path: str) -> str:
        return urllib.request.urlopen(f"http://{address(0)}:{self.port}{path}", timeout=60).read().decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def write_sources(folder: Path, numbers: range, port: int, interval: float = 3600.0) -> None:
    folder.mkdir(parents=True)
    for number in numbers:
        (folder / f"site-{number}.yaml").write_text(yaml.safe_dump(source(number, port, interval), allow_unicode=True))


def crawl_command(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environment = os.environ | {
        "HUMIAO_DATA": str(folder), "HUMIAO_CRAWL__SOURCES": str(folder / "sources"), "HUMIAO_CRAWL__METRICS_PORT": "0",
        "HUMIAO_LOG_LEVEL": "error",
    }  # fmt: skip
    return [sys.executable, "-m", "humiao", "crawl", *arguments], environment


def pages_a_second(site: Site, threads: int, *, bare: bool) -> float:
    """All pages of all sites once, from the first request to the last."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sources(folder / "sources", range(SITES), site.port)
        site.limit(threads)
        if bare:
            done = subprocess.run(
                [sys.executable, str(HERE / "bare_spider.py"), str(folder / "sources")], capture_output=True, text=True, check=True
            )
            assert int(done.stdout) == SITES * threads * PAGES * 10, done.stdout
        else:
            command, environment = crawl_command(folder, "--once")
            subprocess.run(command, env=environment, check=True, capture_output=True)
        counted = site.counts()
    asked = sum(counted["hosts"].values())
    expected = SITES * (threads * PAGES + -(-threads // PER_LIST))
    assert asked == expected, (asked, expected)
    return asked / (counted["last"] - counted["first"])


def compare(site: Site, rounds: int, threads: int) -> dict[str, object]:
    rates: dict[str, list[float]] = {"bare": [], "humiao": []}
    for _ in range(rounds):
        for name, found in rates.items():
            found.append(pages_a_second(site, threads, bare=name == "bare"))
    ratios = [ours / bare for ours, bare in zip(rates["humiao"], rates["bare"], strict=True)]
    return {
        "pages a second, bare Scrapy": spread(rates["bare"]),
        "pages a second, crawl stage": spread(rates["humiao"]),
        "ratio": spread(ratios),
    }


def memory(site: Site, pages: int) -> dict[str, object]:
    """Resident memory of the crawl stage by pages fetched."""
    points: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sources(folder / "sources", range(SITES), site.port)
        site.limit(pages // SITES // PAGES)
        command, environment = crawl_command(folder, "--once")
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            time.sleep(2)
            try:
                size = watched.memory_info().rss / 2**20
            except psutil.NoSuchProcess:
                break
            if size:  # a process that has ended has none until it is waited for
                points.append((sum(site.counts()["hosts"].values()), size))
    late = [(asked, size) for asked, size in points if asked > pages // 5]  # caches and pools are filled by then
    slope, _ = statistics.linear_regression([asked for asked, _ in late], [size for _, size in late])
    return {
        "pages": points[-1][0],
        "MiB after a fifth": round(late[0][1]),
        "MiB at the end": round(points[-1][1]),
        "peak MiB": round(max(size for _, size in points)),
        "MiB for each further 10,000 pages": round(slope * 10_000, 1),
        "points": [[asked, round(size, 1)] for asked, size in points[:: max(1, len(points) // 50)]],
    }


def fairness(site: Site, sources: int, seconds: float) -> dict[str, object]:
    """Requests by source in `seconds`, from when every source had its first one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sources(folder / "sources", range(sources), site.port, 1.0)
        site.limit(10**6)  # endless: no source is ever done
        command, environment = crawl_command(folder)
        began = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while len(site.counts()["hosts"]) < sources and time.monotonic() - began < 120:
                time.sleep(0.5)
            reached = time.monotonic() - began
            before = site.counts()["hosts"]
            time.sleep(seconds)
            after = site.counts()["hosts"]
            peak = psutil.Process(process.pid).memory_info().rss / 2**20
        finally:
            process.terminate()
            process.wait()
    asked = [after.get(address(number), 0) - before.get(address(number), 0) for number in range(sources)]
    return {
        "sources": sources,
        "seconds until each was asked": round(reached, 1),
        "requests in the time measured": sum(asked),
        "fewest": min(asked),
        "most": max(asked),
        "Jain's index": round(sum(asked) ** 2 / (sources * sum(one * one for one in asked)), 4),
        "MiB": round(peak),
    }


def spread(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 3), "lowest": round(min(values), 3), "highest": round(max(values), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within 50 s")
    parser.add_argument("--only", choices=["compare", "memory", "fairness"])
    given = parser.parse_args()
    sources = 100 if given.quick else 500
    site = Site(max(SITES, sources))
    found: dict[str, dict[str, object]] = {}
    try:
        if given.only in {None, "compare"}:
            found["compare"] = compare(site, 1 if given.quick else 5, 20 if given.quick else 60)
        if given.only in {None, "memory"} and not given.quick:
            found["memory"] = memory(site, 50_000)
        if given.only in {None, "fairness"}:
            found["fairness"] = fairness(site, sources, 8 if given.quick else 60)
    finally:
        site.close()
    for part, facts in found.items():
        print(part)
        for name, value in facts.items():
            if name != "points":
                shown = re.sub(r"[{}']", "", str(value))
                print(f"  {name:<36} {shown}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
