"""The WARC files of one source, written record by record."""

import fcntl
import hashlib
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crawlers.warc import records
from crawlers.warc.disk import DiskUse
from crawlers.warc.exchange import Fetched
from crawlers.warc.names import FileName, new_name, seal
from crawlers.warc.window import Window
from humiao import metrics
from humiao.errors import NotFound
from humiao.post import Capture

MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes after which a new file is begun."""


class WarcFile:
    """A file in hand: locked while it is, so that others can tell it from one that a kill left behind. Never reopened.

    Its modification time says when something was last written to it, or when the latest file was begun that refers to it.
    """

    def __init__(self, folder: Path, name: FileName, now: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while True:
            number += 1
            self.name = new_name(name, os.getpid(), number)
            self.path = folder / self.name
            try:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            except FileExistsError:  # two begun within a second
                continue
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            if os.fstat(self._fd).st_nlink:  # else another process took it for an abandoned one before the lock was there
                break
            os.close(self._fd)
        self.begun = name.begun
        self.size = 0
        try:
            self.append(records.warcinfo(self.name, name.source, now), now)
            os.fsync(self._fd)
            _make_names_durable(folder)
        except OSError:
            self.path.unlink()
            os.close(self._fd)
            raise
        self.durable = True

    def append(self, content: bytes, now: datetime) -> int:
        """Write at the end; returns the offset. A write that fails (disk full) leaves nothing behind."""
        offset, rest = self.size, memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            os.ftruncate(self._fd, offset)
            os.lseek(self._fd, offset, os.SEEK_SET)
            raise
        self.size += len(content)
        self.durable = False
        os.utime(self._fd, (now.timestamp(), now.timestamp()))
        return offset

    def handle(self) -> int:
        """A second descriptor, to make the file durable while others go on writing."""
        return os.dup(self._fd)

    def finish(self) -> None:
        """Make durable, mark as finished and let go; where the disk refuses that, the next sweep finishes it."""
        try:
            os.fsync(self._fd)
            seal(self.path)
        finally:
            os.close(self._fd)


class WarcFiles:
    """Appends records to files of one source: pages in some, notes that pages had not changed in others. Thread-safe."""

    def __init__(
        self, folder: Path, source: str, *, max_file: int = MAX_FILE, window: Window | None = None, use: DiskUse | None = None
    ) -> None:
        """`use`: the account of `folder`; without one, the next sweep finds the files."""
        self._folder, self._source, self._max_file = folder, source, max_file
        self.window = window or Window()
        self._use = use
        self._lock = threading.Lock()
        self._pages: WarcFile | None = None
        self._revisits: WarcFile | None = None
        self._refused: OSError | None = None
        """Why a file could not be made durable when it was finished: the next `commit` has to say so."""
        self._referred: set[str] = set()
        """Files that are known to stay as long as the file of revisits in hand."""

    def keep(self, fetched: Fetched, now: datetime) -> Capture:
        """Like `write`, and durable when it returns."""
        capture = self.write(fetched, now)
        self.commit()
        return capture

    def write(self, fetched: Fetched, now: datetime) -> Capture:
        """Keep a page in full; returns where response, request and metadata lie. `now` is the time of the answer.

        After the next `commit` no crash can take it away; before, only a crash of the whole machine could.
        """
        record_id, span = records.kept_in_full(fetched, now)
        with self._lock:
            file = self._pages_file(now)
            offset = file.append(span, now)
            self._account(file)
        metrics.WARC_RECORDS.labels(self._source, "response").inc()
        return Capture(
            file=file.name,
            record_id=record_id,
            offset=offset,
            length=len(span),
            sha256=hashlib.sha256(span).hexdigest(),
            payload_sha256=hashlib.sha256(fetched.body).hexdigest(),
            url=fetched.url,
            captured_at=now,
        )

    def revisit(self, fetched: Fetched, original: Capture, now: datetime) -> None:
        """Note that the page still has the content of `original`, which stays as long as this note.

        Raises:
            NotFound: the file of `original` is gone, so that the page has to be kept in full.
        """
        note = records.revisit(fetched, original, now)
        with self._lock:
            file = self._revisits_file(now)
            self._need(original.file, file.begun)
            file.append(note, now)
            self._account(file)
        metrics.WARC_RECORDS.labels(self._source, "revisit").inc()

    def commit(self) -> None:
        """All pages written before are durable when it returns; notes that a page had not changed become so within the hour.

        Raises:
            OSError: the disk refused some of them.
        """
        with self._lock:
            if self._refused:
                error, self._refused = self._refused, None
                raise error
            if self._pages is None or self._pages.durable:
                return
            file, handle = self._pages, self._pages.handle()
            file.durable = True  # whoever writes meanwhile says otherwise
        try:
            os.fdatasync(handle)
        except OSError:
            file.durable = False
            raise
        finally:
            os.close(handle)

    def finish_old(self, now: datetime) -> None:
        """Finish files past their hour: those of a source that is no longer read would never be."""
        with self._lock:
            if self._pages and self._is_over(self._pages, now):
                self._finish_pages()
            if self._revisits and self._is_over(self._revisits, now):
                self._finish_revisits()

    def close(self) -> None:
        """Finish the files in hand."""
        with self._lock:
            self._finish_pages()
            self._finish_revisits()

    def _pages_file(self, now: datetime) -> WarcFile:
        if self._pages and self._is_over(self._pages, now):
            self._finish_pages()
        self._pages = self._pages or self._begin(now, revisits=False)
        return self._pages

    def _revisits_file(self, now: datetime) -> WarcFile:
        if self._revisits and self._is_over(self._revisits, now):
            self._finish_revisits()
        if not self._revisits:
            self._revisits, self._referred = self._begin(now, revisits=True), set()
        return self._revisits

    def _begin(self, now: datetime, *, revisits: bool) -> WarcFile:
        return WarcFile(self._folder, FileName(self._source, now.astimezone(UTC).replace(microsecond=0), revisits), now)

    def _finish_pages(self) -> None:
        file, self._pages = self._pages, None
        if file:
            try:
                file.finish()
            except OSError as error:
                self._refused = error
                raise

    def _finish_revisits(self) -> None:
        file, self._revisits = self._revisits, None
        if file:
            file.finish()

    def _is_over(self, file: WarcFile, now: datetime) -> bool:
        return file.size >= self._max_file or now - file.begun >= self.window.file_age

    def _account(self, file: WarcFile) -> None:
        if self._use:
            self._use.note(file.name, file.size)

    def _need(self, file: str, until: datetime) -> None:
        """Keep `file` as long as a file begun at `until`."""
        if file in self._referred:
            return
        path = self._folder / file
        try:
            if path.stat().st_mtime < until.timestamp():
                os.utime(path, (until.timestamp(), until.timestamp()))
        except FileNotFoundError as error:
            raise NotFound(f"{path}: is gone") from error
        self._referred.add(file)


def _make_names_durable(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
