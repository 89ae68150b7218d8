"""The browser's side of a screenshot: a process of its own (``python -m crawlers.orders.browser``), which may hang or die.

One JSON line on stdin says what to show. The browser has no network: its proxy is a closed port and every name is unknown to it.
Each part of the page that it wants is asked for on stdout and answered on stdin, so that only the crawler's guarded doors lead out.
"""

import asyncio
import json
import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crawlers.orders.process_tree import adopt_orphans
from humiao.capture_order import NoPicture

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Playwright, Route

WIDTH: Final = 1280
"""Of the viewport, in CSS pixels."""
HEIGHT: Final = 900
"""Of the viewport, in CSS pixels."""
TALLEST: Final = 12_000
"""Pixels of a picture's height; a longer page is cut there."""
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of the PNG; a larger one is taken again of the first SHORT pixels."""
SHORT: Final = 4_000
WANTED: Final = frozenset({"document", "stylesheet", "script", "image", "font", "xhr", "fetch"})
SWITCHES: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--disable-sync",
    "--no-pings",
    "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--deny-permission-prompts",
    "--js-flags=--max-old-space-size=256",
    "--disable-dev-shm-usage",
)
NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that is not there, also for loopback."""
PATIENCE: Final = 2.0
"""Seconds in which a page that is not stuck answers a simple question."""


@dataclass
class Sitting:
    """What to show, and the talk with the process that fetches."""

    spec: dict[str, Any]
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    ends: float = 0.0
    """When all must be done (monotonic clock, seconds)."""

    def left(self, most: float = 1e9) -> float:
        """Seconds left, at most `most`."""
        return max(0.1, min(most, self.ends - time.monotonic()))

    def say(self, message: dict[str, Any]) -> None:
        """One line to the other side."""
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    async def ask(self, url: str, kind: str) -> dict[str, Any]:
        """Have `url` fetched."""
        number = len(self.waiting)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        self.say({"ask": number, "url": url, "kind": kind})
        return await self.waiting[number]

    async def listen(self) -> None:
        """Take answers until the other side is gone, then end: nobody wants the picture any more."""
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answer = json.loads(line)
            if not (future := self.waiting[answer["answer"]]).done():
                future.set_result(answer)
        os._exit(1)


def main() -> None:
    """Show the page that stdin names and say what came of it."""
    adopt_orphans()
    sitting = Sitting(json.loads(sys.stdin.readline()))
    sitting.ends = time.monotonic() + sitting.spec["seconds"]
    try:
        from playwright.async_api import async_playwright  # noqa: PLC0415 (an optional extra)
    except ImportError:
        sitting.say(_failed(NoPicture.NO_BROWSER, "Playwright is not installed; install humiao[capture]"))
        return
    asyncio.run(_sit(sitting, async_playwright))
    sys.stdout.flush()
    os._exit(0)  # the thread that reads stdin would keep us


async def _sit(sitting: Sitting, playwright: Any) -> None:
    listener = asyncio.create_task(sitting.listen())
    async with playwright() as player:
        try:
            browser = await _launch(player, sitting)
        except Exception as error:  # noqa: BLE001 (whatever keeps it from starting, the page itself is kept already)
            sitting.say(_failed(NoPicture.NO_BROWSER, f"Chromium could not be started: {_first_line(error)}"))
            return
        sitting.say(await _picture(browser, sitting))
    listener.cancel()


async def _launch(player: "Playwright", sitting: Sitting) -> "Browser":
    path = sitting.spec["browser"] or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG", "FONTCONFIG_PATH") if name in os.environ}
    return await player.chromium.launch(
        executable_path=path,
        args=list(SWITCHES),
        chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to build one for root
        proxy={"server": NOWHERE, "bypass": "<-loopback>"},
        env=dict(clean),
        timeout=sitting.left(15) * 1000,
    )


async def _picture(browser: "Browser", sitting: Sitting) -> dict[str, Any]:
    """With the page's scripts; if those keep the browser busy, once more without them."""
    problem = _failed(NoPicture.TIMEOUT, "the page was not shown in time")
    for scripts, share in ((True, 0.55), (False, 1.0)):
        try:
            async with asyncio.timeout(sitting.left() * share):
                return await _shoot(browser, sitting, scripts=scripts)
        except TimeoutError:
            continue
        except Exception as error:  # noqa: BLE001 (a page may break a browser in any way)
            problem = _failed(NoPicture.CRASHED, _first_line(error))
            if not browser.is_connected():
                break
    return problem


async def _shoot(browser: "Browser", sitting: Sitting, *, scripts: bool) -> dict[str, Any]:
    started = datetime.now(UTC)
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        user_agent=sitting.spec["user_agent"],
        accept_downloads=False,
        service_workers="block",
        java_script_enabled=scripts,
        permissions=[],
        ignore_https_errors=False,
    )
    page = await context.new_page()
    await _guard(context, page, sitting)
    from playwright.async_api import Error  # noqa: PLC0415 (an optional extra)

    with suppress(Error):  # a part that never comes, or a page that answers as a download: what is there is shown
        await page.goto(sitting.spec["url"], wait_until="load", timeout=sitting.left(12) * 1000)
    async with asyncio.timeout(PATIENCE):
        await page.evaluate("1")
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(sitting.left(4)):
            await _scroll(page)
            await page.wait_for_load_state("networkidle")
    height = await _height(page)
    picture = Path(sitting.spec["folder"]) / "page.png"
    shown = await _save(page, picture, min(height, TALLEST))
    if picture.stat().st_size > LARGEST:
        shown = await _save(page, picture, min(height, SHORT))
    if picture.stat().st_size > LARGEST:
        return _failed(NoPicture.TOO_LARGE, f"the picture has {picture.stat().st_size:,} bytes")
    return {
        "picture": {
            "width": WIDTH,
            "height": shown,
            "cut": height > shown,
            "scripts": scripts,
            "started_at": started.isoformat(),
            "ended_at": datetime.now(UTC).isoformat(),
            "browser": f"Chromium {browser.version}",
            "viewport": f"{WIDTH}x{HEIGHT}",
        }
    }


async def _guard(context: "BrowserContext", page: "Page", sitting: Sitting) -> None:
    """No way out but through `sitting`; no second window, no second page in this one."""
    first = True

    async def handle(route: "Route") -> None:
        nonlocal first
        request = route.request
        try:
            whole = request.is_navigation_request() and request.frame.parent_frame is None
            if whole and not (first and request.frame == page.main_frame):
                await route.fulfill(status=204)  # the browser stays where it is: only the page that was ordered is shown
            elif whole:
                first = False
                await route.fulfill(
                    status=sitting.spec["status"], content_type=sitting.spec["content_type"], path=sitting.spec["body"]
                )
            elif request.method != "GET" or request.resource_type not in WANTED:
                await route.abort("blockedbyclient")
            else:
                answer = await sitting.ask(request.url, request.resource_type)
                if "body" in answer:
                    await route.fulfill(status=answer["status"], content_type=answer["content_type"], path=answer["body"])
                else:
                    await route.abort("blockedbyclient")
        except Exception:  # noqa: BLE001 (the request's frame or page is gone; then nobody waits for it)
            with suppress(Exception):
                await route.abort("failed")

    async def close(extra: "Page") -> None:
        if extra != page:
            with suppress(Exception):
                await extra.close()

    await context.route("**/*", handle)
    await context.route_web_socket("**/*", lambda socket: socket.close())
    context.on("page", lambda extra: asyncio.ensure_future(close(extra)))


async def _scroll(page: "Page") -> None:
    """Bring into sight what is loaded only then, as far as the picture goes."""
    for step in range(1, TALLEST // HEIGHT + 1):
        await page.evaluate(f"scrollTo(0, {step * HEIGHT})")
        if await page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight"):
            break
    await page.evaluate("scrollTo(0, 0)")


async def _height(page: "Page") -> int:
    found = await page.evaluate("Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0)")
    return max(HEIGHT, int(found or 0))


async def _save(page: "Page", file: Path, height: int) -> int:
    await page.screenshot(
        path=file,
        full_page=True,
        clip={"x": 0, "y": 0, "width": WIDTH, "height": height},
        animations="disabled",
        timeout=20_000,
    )
    return height


def _failed(why: NoPicture, detail: str) -> dict[str, Any]:
    return {"failed": why.value, "detail": detail[:300]}


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]


if __name__ == "__main__":
    main()
