"""Addresses fetched by the crawl stage's own downloader, in a process of its own: ``fetching.py DATA URL…``.

Prints what each request was answered with, as JSON lines: ``{"url", "status", "body" (SHA-256), "capture"}``.
"""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response

from crawlers.capture import CAPTURE
from crawlers.polite.addresses import Named
from crawlers.polite.resolver import install
from crawlers.scrapy_settings import scrapy_settings
from crawlers.source import Source
from crawlers.spider import SourceSpider
from crawlers.stage import run_in_reactor
from crawlers.state import CrawlState
from crawlers.visit import Visit
from crawlers.warc import Archive, Window
from humiao.settings import Settings


class Fetcher(SourceSpider):
    urls: tuple[str, ...] = ()

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, self.answered, dont_filter=True, meta={"handle_httpstatus_list": [200, 304, 403, 404]})

    def answered(self, response: Response) -> None:
        capture = response.meta[CAPTURE].model_dump(mode="json")
        body = hashlib.sha256(response.body).hexdigest()
        print(json.dumps({"url": response.url, "status": response.status, "body": body, "capture": capture}), flush=True)  # noqa: T201

    def go_on(self) -> None:
        """Nothing but the addresses given."""

    def closed(self, reason: str) -> None:
        """Nothing is learned from them."""


class NoSink:
    async def put(self, item: Any) -> None:
        raise AssertionError(item)


def main(data: Path, *urls: str) -> None:
    start = "{0.scheme}://{0.netloc}/".format(urlsplit(urls[0]))
    source = Source.model_validate(
        {"name": "answering", "family": "html", "platform": "x", "start": [start], "owner": "某公司", "permission": "书面同意",
         "rate": {"delay": 0.01}, "selectors": {"list": {"row": "li", "link": "a"}, "thread": {"post": "p", "body": "p", "time": "i"}}}
    )  # fmt: skip

    async def fetch() -> None:
        state = CrawlState(data / "crawl.db")
        install(Named([source], proxies=frozenset()))
        archive = Archive(data / "warc", Window(), 1 << 40)
        await asyncio.to_thread(archive.sweep, datetime.now(UTC))
        Fetcher.urls = urls
        visit = Visit(source, state, archive.folder, archive.files(source.name), NoSink())
        await AsyncCrawlerRunner({}).crawl(Crawler(Fetcher, scrapy_settings(source, Settings().crawl)), visit=visit)
        archive.close()
        state.close()

    run_in_reactor(fetch)


def fetched(data: Path, *urls: str, env: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What `main` prints, in a process of its own."""
    command = [sys.executable, "-m", "tests.crawlers.capture.fetching", str(data), *urls]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"url"')]
    assert len(lines) == len(urls), done.stderr
    return lines


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
