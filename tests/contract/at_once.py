"""Several callers at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Run `acts` in a thread each, begun together; what each returned. The first exception is raised when all have ended."""
    return [result.result() for result in _started(acts)]


def outcomes_at_once(*acts: Callable[[], T]) -> list[T | BaseException]:
    """Like `at_once`, with exceptions in the place of results."""
    return [result.exception() or result.result() for result in _started(acts)]


def _started(acts):
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [pool.submit(run, act) for act in acts]
