"""Several people act on one alert at the same moment, each with a store of their own."""

import threading
from collections.abc import Callable
from pathlib import Path

from humiao.errors import Conflict
from humiao.settings import Settings
from humiao.store import Store, open_store


def at_once(data: Path, act: Callable[[Store, int], object]) -> tuple[list[int], list[str]]:
    """Six threads do `act`; returns the numbers (0 to 5) of those that did it, and what the conflicts of the others said."""
    won: list[int] = []
    lost: list[str] = []
    ready = threading.Barrier(6)

    def run(number: int) -> None:
        with open_store(Settings(data=data)) as store:
            ready.wait()
            try:
                act(store, number)
                won.append(number)
            except Conflict as error:
                lost.append(str(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost
