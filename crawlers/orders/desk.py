"""The capture desk of a crawl process: looks for orders, carries them out a few at a time, and writes down what came of each."""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import structlog
from scrapy.crawler import AsyncCrawlerRunner

import humiao
from crawlers.clock import utc_now
from crawlers.orders.claims import ATTEMPTS, CLAIM, Claimed, Claims
from crawlers.orders.perform import Workshop, perform
from crawlers.polite.host_names import host_of
from crawlers.polite.hosts import Hosts
from crawlers.sharing.authority import NotNow
from crawlers.source import Source
from crawlers.warc import Archive
from humiao import metrics
from humiao.capture_order import CaptureOrder, CaptureResult, NoPicture, Outcome
from humiao.errors import Unavailable
from humiao.settings import Settings
from humiao.store import Store

GLANCE: Final = 1.0
"""Seconds between two looks for orders."""
AT_ONCE: Final = 1
"""Orders carried out at the same time: a browser takes a core and much memory."""
PATIENCE: Final = 5.0
"""Seconds between two tries while the store does not answer."""

T = TypeVar("T")
_lines = structlog.get_logger()


class CaptureDesk:
    """Part of the crawl stage, on its event loop; the store is used from threads."""

    def __init__(
        self,
        settings: Settings,
        sources: Sequence[Source],
        open_store: Callable[[], Store],
        runner: AsyncCrawlerRunner,
        hosts: Hosts,
        archive: Archive,
        *,
        holds: Callable[[str], bool] = lambda _host: True,
    ) -> None:
        """`hosts`: the pace of this process; `holds`: whether this process may ask a host of the sources at present."""
        self._settings, self._sources, self._runner, self._holds = settings, sources, runner, holds
        self._open_store, self._hosts, self._archive = open_store, hosts, archive
        self.crawler = f"{socket.gethostname()[:60]}-{secrets.token_hex(4)}-{os.getpid()}"
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self, stopped: asyncio.Event) -> None:
        """Until `stopped`; an order in hand is then left to whoever comes next."""
        await asyncio.to_thread(_sweep)
        store = await self._insist(lambda: asyncio.to_thread(self._open_store), stopped)
        if store is None:
            return
        self._claims = Claims(store, self.crawler, utc_now)
        files = self._archive.files("orders")
        workshop = Workshop(self._settings, self._sources, self._runner, files, self._hosts, self.crawler, self._may_ask)
        try:
            while not stopped.is_set():
                await self._look(workshop)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), GLANCE)
        finally:
            leftover = [*self._busy.values(), *workshop.debts]
            for task in leftover:
                task.cancel()
            await asyncio.gather(*leftover, return_exceptions=True)
            store.close()

    async def _look(self, workshop: Workshop) -> None:
        try:
            while len(self._busy) < AT_ONCE:
                claimed = await asyncio.to_thread(self._claims.take, set(self._busy), self._mine)
                if claimed is None:
                    return
                task = asyncio.create_task(self._carry_out(claimed, workshop))
                self._busy[claimed.key] = task
                task.add_done_callback(lambda _, key=claimed.key: self._busy.pop(key, None))  # type: ignore[misc]
        except Unavailable as error:
            _lines.warning("waiting for the store", reason=str(error), seconds=PATIENCE)

    def _mine(self, order: CaptureOrder) -> bool:
        return self._may_ask(host_of(order.url))

    def _may_ask(self, host: str) -> bool:
        """A host of the sources belongs to one process at a time; any other to whoever claims the order."""
        return self._holds(host) or not any(host in source.allowed_hosts for source in self._sources)

    async def _carry_out(self, claimed: Claimed, workshop: Workshop) -> None:
        work = asyncio.create_task(self._result(claimed.order, workshop))
        holding = _Holding(claimed)
        keeping = asyncio.create_task(self._keep_claim(holding, work))
        try:
            result = await work
        except (asyncio.CancelledError, NotNow):
            work.cancel()
            with contextlib.suppress(Unavailable):
                await asyncio.shield(asyncio.to_thread(self._claims.release, holding.claimed))
            return
        finally:
            keeping.cancel()
        if await self._insist(lambda: asyncio.to_thread(self._claims.finish, claimed.key, result)):
            metrics.CAPTURE_ORDERS.labels(result.outcome.value).inc()
            picture = "made" if result.screenshot else (result.no_picture or NoPicture.NO_PAGE).value
            metrics.SCREENSHOTS.labels(picture).inc()
            _lines.info("captured", key=claimed.key, outcome=result.outcome.value, screenshot=picture)

    async def _result(self, order: CaptureOrder, workshop: Workshop) -> CaptureResult:
        if order.attempts > ATTEMPTS:
            now = utc_now()
            return CaptureResult(
                order=order, outcome=Outcome.FAILED, detail=f"given up after {ATTEMPTS} attempts that ended the crawl process",
                started_at=now, ended_at=now, crawler=self.crawler, software=f"humiao {humiao.__version__}",
                no_picture=NoPicture.NO_PAGE,
            )  # fmt: skip
        return await perform(order, workshop)

    async def _keep_claim(self, holding: "_Holding", work: "asyncio.Task[CaptureResult]") -> None:
        """Renew the claim while the work goes on; without it another process may have begun, so the work is ended."""
        while True:
            await asyncio.sleep(CLAIM.total_seconds() / 4)
            with contextlib.suppress(Unavailable):
                renewed = await asyncio.to_thread(self._claims.renew, holding.claimed)
                if renewed is None:
                    work.cancel()
                    return
                holding.claimed = renewed

    async def _insist(self, act: Callable[[], Awaitable[T]], stopped: asyncio.Event | None = None) -> T | None:
        """Do `act` until the store answers; None when stopped before that."""
        while stopped is None or not stopped.is_set():
            try:
                return await act()
            except Unavailable as error:
                _lines.warning("waiting for the store", reason=str(error), seconds=PATIENCE)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for((stopped or asyncio.Event()).wait(), PATIENCE)
        return None


@dataclass
class _Holding:
    """The claim as it was last renewed."""

    claimed: Claimed


def _sweep() -> None:
    """Remove folders of crawl processes that were killed in the middle of an order."""
    for folder in Path(tempfile.gettempdir()).glob("humiao-order-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
