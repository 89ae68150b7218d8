"""Our side of a screenshot: starts the browser's process, fetches what it wants, and ends it when it takes too long or too much."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from crawlers.orders.process_tree import kill_tree, memory
from humiao.capture_order import NoPicture

SECONDS: Final = 30.0
"""For a picture, from starting the browser to the PNG."""
MEMORY: Final = 1024 * 1024 * 1024
"""Bytes that the browser with all its processes may hold."""
GLANCE: Final = 0.2
"""Seconds between two looks at its memory."""
LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes of one message; addresses of a page may be long."""


@dataclass(frozen=True)
class Shown:
    """The page to be shown, as it was fetched."""

    url: str
    status: int
    content_type: str
    body: Path
    folder: Path
    """Where files for the browser go; removed by the caller."""
    user_agent: str
    browser: str = ""
    """Path of Chromium; empty = found by itself."""


@dataclass(frozen=True)
class Part:
    """A part of the page, as it was fetched."""

    status: int
    content_type: str
    body: Path


@dataclass(frozen=True)
class Picture:
    """The picture, and under what conditions it was taken."""

    png: bytes
    width: int
    height: int
    cut: bool
    scripts: bool
    started_at: datetime
    ended_at: datetime
    browser: str
    viewport: str


@dataclass(frozen=True)
class Failed:
    """Why there is none."""

    why: NoPicture
    detail: str


Fetch = Callable[[str, str], Awaitable[Part | None]]
"""Address and kind of a part → the part, or None if it is not to be had."""


async def take(shown: Shown, fetch: Fetch, *, seconds: float = SECONDS, most_memory: int = MEMORY) -> Picture | Failed:
    """The picture of a page. Whatever the page does, this returns within `seconds` and a little, and leaves no process behind."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crawlers.orders.browser",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=_environment(shown.folder), limit=LONGEST_LINE, start_new_session=True,
    )  # fmt: skip
    talk = asyncio.create_task(_talk(process, shown, fetch, seconds))
    try:
        return await _watch(process, talk, seconds + 1, most_memory)
    finally:
        talk.cancel()
        await asyncio.to_thread(kill_tree, process.pid)
        await process.wait()


async def _watch(
    process: asyncio.subprocess.Process, talk: "asyncio.Task[Picture | Failed]", seconds: float, most_memory: int
) -> Picture | Failed:
    ends = time.monotonic() + seconds
    while not talk.done():
        if time.monotonic() > ends:
            return Failed(NoPicture.TIMEOUT, f"the page was not shown within {seconds:.0f} seconds")
        if (held := await asyncio.to_thread(memory, process.pid)) > most_memory:
            return Failed(NoPicture.MEMORY, f"the page made the browser hold {held // 2**20} MiB")
        await asyncio.wait({talk}, timeout=GLANCE)
    if error := talk.exception():
        return Failed(NoPicture.CRASHED, f"{type(error).__name__}: {error}"[:300])
    return talk.result()


async def _talk(process: asyncio.subprocess.Process, shown: Shown, fetch: Fetch, seconds: float) -> Picture | Failed:
    assert process.stdin
    assert process.stdout
    spec = {
        "url": shown.url, "status": shown.status, "content_type": shown.content_type, "body": str(shown.body),
        "folder": str(shown.folder), "user_agent": shown.user_agent, "browser": shown.browser, "seconds": seconds,
    }  # fmt: skip
    _send(process, spec)
    answering: set[asyncio.Task[None]] = set()
    try:
        while line := await process.stdout.readline():
            message = json.loads(line)
            if "ask" not in message:
                return await asyncio.to_thread(_outcome, message, shown.folder)
            task = asyncio.create_task(_answer(process, message, fetch))
            answering.add(task)
            task.add_done_callback(answering.discard)
    finally:
        for task in answering:
            task.cancel()
    return Failed(NoPicture.CRASHED, "the browser ended by itself")


async def _answer(process: asyncio.subprocess.Process, message: dict[str, Any], fetch: Fetch) -> None:
    part = await fetch(str(message["url"]), str(message["kind"]))
    found = {"status": part.status, "content_type": part.content_type, "body": str(part.body)} if part else {}
    _send(process, {"answer": message["ask"]} | found)


def _send(process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
    assert process.stdin
    with contextlib.suppress(ConnectionError, RuntimeError):  # it ended; reading its output tells
        process.stdin.write(json.dumps(message).encode() + b"\n")


def _outcome(message: dict[str, Any], folder: Path) -> Picture | Failed:
    if "failed" in message:
        return Failed(NoPicture(message["failed"]), str(message["detail"]))
    said = message["picture"]
    return Picture(
        png=(folder / "page.png").read_bytes(),
        started_at=datetime.fromisoformat(said.pop("started_at")),
        ended_at=datetime.fromisoformat(said.pop("ended_at")),
        **said,
    )


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours that a page could want: no settings, no proxies, and a home that is thrown away."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV"}}
    return kept | {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
