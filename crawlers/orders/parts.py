"""The parts of an ordered page (styles, scripts, images): only those of its own site, within limits, each asked for once."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from scrapy.http import Response

from crawlers.images import image_facts
from crawlers.orders import camera
from crawlers.orders.errand import Ask
from crawlers.polite.actions import acts
from crawlers.polite.host_names import host_of
from crawlers.source import Source
from humiao.capture_order import PageImage

MOST_PARTS: Final = 80
"""Parts of a page that are asked for."""
MOST_BYTES: Final = 40 * 1024 * 1024
"""Bytes of all parts together."""
MOST_HOPS: Final = 4
"""Requests for one part, redirects included."""
MOST_LEFT_OUT: Final = 20
"""Hosts named in a result."""


class Parts:
    """Parts of one page: each asked for once, only from the source's hosts, within limits of number and size."""

    def __init__(self, source: Source, ask: Ask, folder: Path, left_out: list[str]) -> None:
        self._source, self._ask, self._folder, self._left_out = source, ask, folder, left_out
        self._known: dict[str, asyncio.Task[camera.Part | None]] = {}
        self._pictures: dict[str, Path] = {}
        self._bytes = 0

    async def fetch(self, url: str, kind: str) -> camera.Part | None:
        """The part, or None: another host, robots.txt, too many, too much, no answer."""
        url = url.partition("#")[0]
        host = host_of(url)
        if host not in self._source.allowed_hosts:
            if host not in self._left_out and len(self._left_out) < MOST_LEFT_OUT:
                self._left_out.append(host)
            return None
        if url not in self._known:
            if len(self._known) >= MOST_PARTS or self._bytes >= MOST_BYTES:
                return None
            self._known[url] = asyncio.create_task(self._fetch(url, kind, len(self._known)))
        return await asyncio.shield(self._known[url])

    async def _fetch(self, url: str, kind: str, number: int) -> camera.Part | None:
        try:
            response = await self._follow(url)
        except Exception:  # noqa: BLE001 (a page is shown with what is to be had)
            return None
        if response is None:
            return None
        self._bytes += len(response.body)
        file = self._folder / f"part-{number}"
        await asyncio.to_thread(file.write_bytes, response.body)
        if kind == "image":
            self._pictures[url] = file
        return camera.Part(response.status, content_type(response, self._source), file)

    async def _follow(self, url: str) -> Response | None:
        """The answer at the end of a few redirects within the source's hosts."""
        for _ in range(MOST_HOPS):
            if host_of(url) not in self._source.allowed_hosts or acts(url):
                return None
            response = await self._ask(url, False)
            location = response.headers.get("Location")
            if not (location and HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST):
                return response
            url = urljoin(url, location.decode("latin-1"))
        return None

    async def images(self) -> list[PageImage]:
        """What recognises the images that were loaded."""
        for task in self._known.values():
            task.cancel()
        return await asyncio.to_thread(lambda: [recognised(url, file.read_bytes()) for url, file in self._pictures.items()])


def recognised(url: str, content: bytes) -> PageImage:
    """What recognises a picture."""
    facts = image_facts(content)
    return PageImage(
        url=url[:2000], sha256=facts.sha256, phash=facts.phash, bytes=facts.bytes, width=facts.width, height=facts.height
    )


def media_type(response: Response) -> str:
    """As the site says it, without parameters; a page if it says nothing."""
    return (response.headers.get("Content-Type") or b"text/html").decode("latin-1").partition(";")[0].strip().lower()


def content_type(response: Response, source: Source) -> str:
    """As the site says it, with the encoding that the source file knows better."""
    if source.encoding and media_type(response).startswith("text/"):
        return f"{media_type(response)}; charset={source.encoding}"
    return (response.headers.get("Content-Type") or b"text/html").decode("latin-1")
