"""A crawl process with its capture desk, a site on loopback that it may read, and orders as the console writes them."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult, order_key
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.crawlers.processes import Process, until
from tests.crawlers.site import Site

FEED = '<rss version="2.0"><channel><title>t</title><link>x</link><description>d</description></channel></rss>'
SOURCE = """
name: near
family: feed
platform: near
start: [{url}/feed.xml]
owner: the tests
permission: our own machine
rate: {{delay: 0.05}}
interval: 3600
contact: desk@example.org
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site that the source file names."""
    with Site() as opened:
        opened.html("/feed.xml", FEED, Content_Type="application/rss+xml")
        opened.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\n")
        yield opened


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Settings:
    """An installation with that one source."""
    data = tmp_path_factory.mktemp("orders") / "data"
    (data / "sources").mkdir(parents=True)
    (data / "sources" / "near.yaml").write_text(SOURCE.format(url=site.url), encoding="utf-8")
    return Settings(data=data)


@pytest.fixture(scope="module")
def store(installation: Settings) -> Iterator[Store]:
    """Its store."""
    with open_store(installation) as opened:
        yield opened


@pytest.fixture(scope="module")
def stage(installation: Settings, store: Store) -> Iterator[Process]:
    """A running crawl stage."""
    with Process("crawl", data=installation.data) as process:
        process.first_line()
        yield process


def place(store: Store, url: str, **over: object) -> str:
    """Write an order as the console does; returns its key."""
    now = datetime.now(UTC)
    order = CaptureOrder(**({"url": url, "asked_by": "patrol1", "asked_at": now, "why": "alert", "alert": "a" * 32} | over))
    key = order_key(url, str(time.monotonic_ns()))
    store.put_note(ORDERS, key, order.model_dump_json(), None)
    return key


def result(store: Store, key: str, timeout: float = 50) -> CaptureResult:
    """What came of an order."""
    until(lambda: store.note(RESULTS, key), timeout)
    return CaptureResult.model_validate_json(store.note(RESULTS, key).value)


@pytest.fixture
def capture(stage: Process, store: Store) -> Callable[..., CaptureResult]:
    """Order a page and wait for the result."""

    def ordered(url: str, **over: object) -> CaptureResult:
        timeout = over.pop("timeout", 50)
        return result(store, place(store, url, **over), timeout)

    return ordered


def files_of(data: Path, pattern: str) -> list[Path]:
    return sorted(data.rglob(pattern))
