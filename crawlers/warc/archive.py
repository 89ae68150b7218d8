"""The WARC files of all sources of one folder, and the order in it."""

import resource
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

from crawlers.warc.disk import DiskUse
from crawlers.warc.files import WarcFiles
from crawlers.warc.sweep import Swept, sweep
from crawlers.warc.window import Window

_AT_ONCE: Final = 8
"""Files made durable at a time: the file system then writes them together."""
_OPEN_FILES: Final = 65_536


class Archive:
    """What one crawl process keeps. Thread-safe."""

    def __init__(self, folder: Path, window: Window, keep_bytes: int) -> None:
        """`keep_bytes`: of all files together; beyond, the oldest go before their time."""
        self.folder, self._window, self._keep_bytes = folder, window, keep_bytes
        self.use = DiskUse(folder)
        self._lock = threading.Lock()
        self._sources: dict[str, WarcFiles] = {}
        self._syncing = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="warc")
        _allow_open_files()

    def files(self, source: str) -> WarcFiles:
        """Where the pages of `source` go; always the same for a source."""
        with self._lock:
            if source not in self._sources:
                self._sources[source] = WarcFiles(self.folder, source, window=self._window, use=self.use)
            return self._sources[source]

    def commit(self, sources: Iterable[str]) -> None:
        """All pages of these sources that were written before are durable when it returns.

        Raises:
            OSError: the disk refused them, so nothing that was read from them may be published.
        """
        with self._lock:
            wanted = [files for source in set(sources) if (files := self._sources.get(source))]
        if len(wanted) == 1:
            wanted[0].commit()
        else:
            list(self._syncing.map(WarcFiles.commit, wanted))

    def sweep(self, now: datetime) -> Swept:
        """Finish files past their hour and files of killed processes, delete what the window has left, correct the account."""
        with self._lock:
            sources = list(self._sources.values())
        for files in sources:
            files.finish_old(now)
        return sweep(self.folder, self._window, self._keep_bytes, self.use, now)

    def close(self) -> None:
        """Finish all files in hand."""
        with self._lock:
            sources = list(self._sources.values())
        for files in sources:
            files.close()
        self._syncing.shutdown()


def _allow_open_files() -> None:
    """Two files a source stand open, and a connection: more than the usual limit of 1,024 allows for 500 sources."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
