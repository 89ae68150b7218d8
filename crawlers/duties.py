"""What a crawl process does besides visiting sources: a short list of chores, each at its own interval."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from humiao.errors import Unavailable

_lines = structlog.get_logger()


@dataclass(frozen=True)
class Duty:
    """Something done again and again, in a thread; what it raises is logged and harms nothing else."""

    name: str
    every: float
    """Seconds between the end of one round and the beginning of the next."""
    act: Callable[[], object]
    at_start: bool = False
    """The first round comes at once, before any source is visited."""


async def start_duties(duties: Sequence[Duty]) -> list["asyncio.Task[None]"]:
    """Begin them; each ends when its task is cancelled."""
    for duty in duties:
        if duty.at_start:
            await _round(duty)
    return [asyncio.create_task(_keep_doing(duty), name=duty.name) for duty in duties]


async def _keep_doing(duty: Duty) -> None:
    while True:
        await asyncio.sleep(duty.every)
        await _round(duty)


async def _round(duty: Duty) -> None:
    try:
        await asyncio.to_thread(duty.act)
    except Unavailable as error:
        _lines.warning("put off until the store answers", duty=duty.name, reason=str(error))
    except Exception:  # noqa: BLE001 (a chore must not end the crawl; the next round may succeed)
        _lines.exception("a duty failed", duty=duty.name)
