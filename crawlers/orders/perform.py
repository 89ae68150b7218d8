"""One order from its address to its result: the page as a record kept for ever, then the picture and what recognises its images."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

import structlog
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response, TextResponse

import humiao
from crawlers.clock import utc_now
from crawlers.orders import camera
from crawlers.orders.errand import Ask, MetWall, OrderVisit, WithinPage, order_settings, run_errand
from crawlers.orders.parts import Parts, content_type, media_type, recognised
from crawlers.orders.permit import Refusal, permit
from crawlers.polite.host_names import host_of
from crawlers.polite.hosts import HostRests, Hosts
from crawlers.polite.pace import Outcome as Health
from crawlers.sharing.authority import Authority, NotNow
from crawlers.source import Source
from crawlers.walls import find_wall
from crawlers.warc import WarcFiles
from humiao.blobs import Blobs
from humiao.capture_order import CaptureOrder, CaptureResult, NoPicture, Outcome, PageImage, Screenshot
from humiao.post import Capture
from humiao.settings import Settings

PAGE_SECONDS: Final = 50.0
"""For the page itself, robots.txt and redirects included."""
LONGEST_DEBT: Final = 120.0
"""Seconds for which a host is left alone at most, for the requests that one page took in advance."""
HEALTH: Final = {Outcome.UNREACHABLE: Health.FAILED, Outcome.THROTTLED: Health.BUSY, Outcome.FAILED: Health.UNKNOWN}
SHOWABLE: Final = ("text/html", "application/xhtml+xml", "text/plain")

_lines = structlog.get_logger()


@dataclass(frozen=True)
class Workshop:
    """What carrying out orders takes."""

    settings: Settings
    sources: Sequence[Source]
    runner: AsyncCrawlerRunner
    archive: WarcFiles
    hosts: Hosts
    """Pace of the hosts, shared with all that this process crawls."""
    crawler: str
    """Name of this process in results."""
    may_ask: Callable[[str], bool]
    """Whether this process may ask a host at present."""
    clock: Callable[[], datetime] = utc_now
    debts: set["asyncio.Task[None]"] = field(default_factory=set)

    def pay_back(self, host: str, seconds: float) -> None:
        """Leave the host alone for as long as the parts of a page would have taken at the rate agreed on."""
        if seconds > 0:
            task = asyncio.create_task(self._rest(host, seconds))
            self.debts.add(task)
            task.add_done_callback(self.debts.discard)

    async def _rest(self, host: str, seconds: float) -> None:
        with contextlib.suppress(HostRests):
            async with self.hosts.turn(host):
                await asyncio.sleep(seconds)

    @property
    def blobs(self) -> Blobs:
        """What is kept for ever."""
        return Blobs(self.settings.data / "blobs")

    @property
    def warc(self) -> Path:
        """The crawler's WARC files."""
        return self.settings.data / "warc"


@dataclass
class _Gathering:
    """What a page brought so far."""

    started_at: datetime
    outcome: Outcome = Outcome.CAPTURED
    detail: str = ""
    final_url: str = ""
    redirects: tuple[str, ...] = ()
    status: int = 0
    records: tuple[Capture, ...] = ()
    screenshot: Screenshot | None = None
    no_picture: NoPicture | None = None
    images: list[PageImage] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


async def perform(order: CaptureOrder, workshop: Workshop) -> CaptureResult:
    """Carry out `order`; every way it can end is a result.

    Raises:
        NotNow: another process has the site now, and will carry it out.
    """
    got = _Gathering(workshop.clock())
    rules = permit(order, workshop.sources, got.started_at)
    if isinstance(rules, Refusal):
        got.outcome, got.detail = rules.outcome, rules.detail
    else:
        await _under(rules, order, workshop, got)
    if not got.screenshot and not got.no_picture:
        got.no_picture = NoPicture.NO_PAGE if order.screenshot else NoPicture.NOT_WANTED
    return CaptureResult(
        order=order,
        outcome=got.outcome,
        detail=got.detail[:500],
        started_at=got.started_at,
        ended_at=workshop.clock(),
        crawler=workshop.crawler,
        software=f"humiao {humiao.__version__}",
        final_url=got.final_url,
        redirects=got.redirects,
        status=got.status,
        records=got.records,
        screenshot=got.screenshot,
        no_picture=got.no_picture,
        images=tuple(got.images),
        left_out=tuple(got.left_out),
    )


async def _under(rules: Source, order: CaptureOrder, workshop: Workshop, got: _Gathering) -> None:
    """Visit the page under the rules of a source. Meanwhile nobody else in this process asks its host."""
    host = host_of(order.url)
    visit = OrderVisit(
        rules,
        workshop.archive,
        WithinPage(workshop.hosts),
        Authority(lambda: workshop.may_ask(host)),
        text_only=not order.screenshot,
    )
    workshop.hosts.agree(host, rules.rate.seconds)
    try:
        async with workshop.hosts.turn(host) as turn:
            await run_errand(workshop.runner, visit, workshop.settings.crawl, lambda ask: _visit(order, visit, workshop, got, ask))
            turn.outcome, turn.reason = HEALTH.get(got.outcome, Health.ANSWERED), got.detail[:120]
    except NotNow:
        raise
    except HostRests as rest:
        got.outcome, got.detail = Outcome(rest.state.value), rest.evidence
    except MetWall as met:
        if not got.records:
            got.outcome = Outcome(met.wall.state.value)
        got.detail = met.wall.evidence
    except Exception as error:  # noqa: BLE001 (an order that breaks must not break the stage; the result tells of it)
        _lines.exception("order failed", host=host)
        if not got.records:
            got.outcome = Outcome.FAILED
        got.detail = f"{type(error).__name__}: {error}"
    workshop.pay_back(host, min(LONGEST_DEBT, (visit.answers - 1) * rules.rate.seconds))


async def _visit(order: CaptureOrder, visit: OrderVisit, workshop: Workshop, got: _Gathering, ask: Ask) -> bool:
    try:
        async with asyncio.timeout(PAGE_SECONDS):
            response = await ask(order.url, True)
    except (NotNow, HostRests):
        raise
    except Exception as error:  # noqa: BLE001 (whatever the network or the site did)
        got.outcome, got.detail = _unanswered(error)
        return False
    await asyncio.to_thread(_keep, response, visit, workshop, got)
    if got.outcome is not Outcome.CAPTURED or not order.screenshot:
        return False
    if not visit.kept.get(response.url) or not _is_page(response):
        got.no_picture = NoPicture.NOT_A_PAGE
        return False
    folder = Path(tempfile.mkdtemp(prefix=f"humiao-order-{workshop.crawler.rpartition('-')[2]}-"))
    try:
        await _show(response, visit, workshop, got, ask, folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return True


def _keep(response: Response, visit: OrderVisit, workshop: Workshop, got: _Gathering) -> None:
    """The records of the way to the page go to the blobs, whatever they show: a wall is evidence too."""
    assert response.request
    hops = tuple(response.request.meta.get("redirect_urls", ()))
    got.redirects, got.final_url, got.status = hops[1:], response.url, response.status
    kept = [visit.kept[url] for url in (*hops, response.request.url) if url in visit.kept]
    for capture in kept:
        with (workshop.warc / capture.file).open("rb") as file:
            file.seek(capture.offset)
            workshop.blobs.put(file.read(capture.length))
    got.records = tuple(kept)
    if response.request.url not in visit.kept:  # a picture
        got.images.append(recognised(response.url, response.body))
    if "Location" in response.headers and HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        to = response.headers["Location"] or b""
        got.outcome, got.detail = Outcome.REFUSED, f"leads to no web address: {to.decode('latin-1')[:200]}"
        return
    wall = find_wall(response) if isinstance(response, TextResponse) else None
    if wall:
        got.outcome, got.detail = Outcome(wall.state.value), wall.evidence
    elif response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        got.outcome, got.detail = Outcome.UNREACHABLE, f"HTTP {response.status}"


async def _show(response: Response, visit: OrderVisit, workshop: Workshop, got: _Gathering, ask: Ask, folder: Path) -> None:
    parts = Parts(visit.source, ask, folder, got.left_out)
    page = folder / "page"
    await asyncio.to_thread(page.write_bytes, response.body)
    shown = camera.Shown(
        url=response.url,
        status=response.status,
        content_type=content_type(response, visit.source),
        body=page,
        folder=folder,
        user_agent=order_settings(visit.source, workshop.settings.crawl)["USER_AGENT"],
        browser=workshop.settings.crawl.browser,
    )
    picture = await camera.take(shown, parts.fetch)
    if isinstance(picture, camera.Failed):
        got.no_picture, got.detail = picture.why, picture.detail
    else:
        got.screenshot = Screenshot(
            sha256=await asyncio.to_thread(workshop.blobs.put, picture.png),
            bytes=len(picture.png),
            width=picture.width,
            height=picture.height,
            cut=picture.cut,
            scripts=picture.scripts,
            started_at=picture.started_at,
            ended_at=picture.ended_at,
            browser=picture.browser,
            viewport=picture.viewport,
        )
    got.images += await parts.images()


def _is_page(response: Response) -> bool:
    attached = (response.headers.get("Content-Disposition") or b"").lower().startswith(b"attachment")
    return not attached and media_type(response) in SHOWABLE


def _unanswered(error: Exception) -> tuple[Outcome, str]:
    """What it means that there is no page."""
    said = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, DownloadCancelledError):
        return Outcome.REFUSED, f"the page is larger than is read: {error}"
    if isinstance(error, TimeoutError):
        return Outcome.UNREACHABLE, f"no whole answer within {PAGE_SECONDS:.0f} seconds"
    if not isinstance(error, IgnoreRequest):
        return Outcome.UNREACHABLE, said
    reason = str(error)
    if "robots" not in reason:
        return Outcome.REFUSED, reason
    unread = "could not be read" in reason or "answered" in reason
    return (Outcome.UNREACHABLE if unread else Outcome.ROBOTS_FORBIDDEN), reason
