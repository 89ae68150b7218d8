"""How many bytes the WARC files of each source have, equal at any time to what the file system says."""

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from crawlers.warc.names import FileName
from humiao import metrics


class DiskUse:
    """An account of one folder. Thread-safe; what other processes write there is met by `correct`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: dict[str, int] = {}
        self._sources: Counter[str] = Counter()

    def of(self, source: str) -> int:
        """Bytes of a source's files."""
        with self._lock:
            return self._sources[source]

    def total(self) -> int:
        """Bytes of all files."""
        with self._lock:
            return self._sources.total()

    def note(self, file: str, size: int) -> None:
        """A file has `size` bytes now; 0 = it is gone."""
        with self._lock:
            self._note(file, size)

    def correct(self, found: Mapping[str, int], growing: set[str]) -> None:
        """Take over a listing of the folder, `growing` being the files that may have changed since it was made."""
        with self._lock:
            for file in growing | (set(self._files) - set(found)):
                path = self._folder / file
                self._note(file, path.stat().st_size if path.exists() else 0)
            for file, size in found.items():
                if file not in growing:
                    self._note(file, size)

    def _note(self, file: str, size: int) -> None:
        name = FileName.of(file)
        if name is None:
            return
        before = self._files.pop(file, 0)
        if size:
            self._files[file] = size
        if size != before:
            self._sources[name.source] += size - before
            metrics.WARC_BYTES.labels(name.source).set(self._sources[name.source])
