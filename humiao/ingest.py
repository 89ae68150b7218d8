"""Clue files and history into the log: bad lines are named, the rest goes in, and the same file again adds nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from humiao import metrics
from humiao.blobs import Blobs
from humiao.intake.how import HowToRead
from humiao.intake.ledger import Ledger
from humiao.intake.reading import FileReader
from humiao.log import POSTS, Log, Record
from humiao.post import MAX_ATTACHMENTS, Post
from humiao.store import Store

BATCH: Final = 500


@dataclass
class Ingested:
    """What became of a file's lines: appended + known + bad = read."""

    began: datetime
    """UTC."""
    appended: int = 0
    known: int = 0
    """Good lines whose post the store already has in this revision, or that stood in the file before."""
    bad: int = 0
    remarks: int = 0
    """Things that went wrong without costing a post, such as a picture that is missing."""
    hidden: int = 0
    """Rows among those read that the workbook does not show."""
    pending: Ledger = field(default_factory=Ledger)
    """The posts that went to the log, for who waits until they are handled."""

    @property
    def read(self) -> int:
        """Lines, or rows that have something in them."""
        return self.appended + self.known + self.bad


def ingest(
    log: Log, store: Store, blobs: Blobs, file: Path, source: str, report: Callable[[str], None], how: HowToRead | None = None
) -> Ingested:
    """Validate each line of `file` and append the new posts to the log.

    A line that is no post is reported as ``FILE:LINE: reason`` and left out. The file may have any length.

    Args:
        log: where posts go.
        store: what is known already.
        blobs: where pictures go.
        file: JSON lines, a sheet (CSV and the like, XLSX, XLSM), or a ZIP file of a sheet and its pictures.
        source: name of where it comes from, kept with each post.
        report: takes lines for people.
        how: what the person says about the file.

    Raises:
        BadInput: the file can't be read, or what was said about it does not fit.
        MapNeeded: it is a sheet, and nobody confirmed what its columns are; nothing went in.
        Unavailable: log or store does not answer; ingesting the file again is safe.
    """
    result = Ingested(datetime.now(UTC))
    batch: list[Post] = []
    added = {"source": source, "fetched_at": result.began, "capture": None}
    for line in FileReader(file, how or HowToRead(), blobs, result.began, report).lines():
        result.hidden += line.hidden
        for remark in line.remarks:
            report(f"{line.where}: {remark}")
            result.remarks += 1
        if line.post is None:
            report(f"{line.where}: {line.reason}")
            metrics.INGEST_LINES.labels("bad").inc()
            result.bad += 1
            continue
        batch.append(line.post.model_copy(update=added))
        if len(batch) == BATCH:
            _append(log, store, batch, result)
            batch = []
    _append(log, store, batch, result)
    return result


def _append(log: Log, store: Store, batch: list[Post], result: Ingested) -> None:
    ids = [post.id for post in batch]
    stored, before = store.posts(ids), result.pending.revisions(ids)
    fresh: list[Post] = []
    for post in batch:
        held = stored[post.id].post if post.id in stored else None
        if before.get(post.id) == post.revision or (held and held.revision == post.revision and _adds_nothing(post, held)):
            result.known += 1
            continue
        before[post.id] = post.revision
        fresh.append(_with_pictures_of(held, post) if held else post)
    log.publish(POSTS, [Record(post.id, post.to_json()) for post in fresh])
    result.pending.note({post.id: post.revision for post in fresh})
    result.appended += len(fresh)
    metrics.INGEST_LINES.labels("known").inc(len(batch) - len(fresh))
    metrics.INGEST_LINES.labels("appended").inc(len(fresh))


def _adds_nothing(post: Post, held: Post) -> bool:
    return set(post.attachments) <= set(held.attachments)


def _with_pictures_of(held: Post, post: Post) -> Post:
    together = tuple(dict.fromkeys(held.attachments + post.attachments))[:MAX_ATTACHMENTS]
    return post.model_copy(update={"attachments": together}) if held.attachments else post
