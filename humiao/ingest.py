"""Clue files and history: JSON lines into the log; bad lines are named, the rest goes in."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from humiao import metrics
from humiao.errors import BadInput
from humiao.log import DEAD_SUFFIX, POSTS, SCORED, Log, Record
from humiao.post import MAX_LINE, Post
from humiao.store import Store

BATCH = 500


@dataclass
class Ingested:
    """What became of a file's lines."""

    appended: dict[str, str] = field(default_factory=dict)
    """Revision by id of the posts that went to the log."""
    known: int = 0
    """Good lines whose post the store already has in this revision, or that stood in the file before."""
    bad: int = 0


def ingest(log: Log, store: Store, file: Path, source: str, report: Callable[[str], None]) -> Ingested:
    """Validate each line of `file` and append the new posts to the log.

    A line that is no post is reported as ``FILE:LINE: reason`` and left out.

    Raises:
        BadInput: the file can't be read.
        Unavailable: log or store does not answer; ingesting the file again is safe.
    """
    result = Ingested()
    now = datetime.now(UTC)
    batch: list[Post] = []
    for number, line in _lines(file):
        try:
            post = Post.from_json(line).model_copy(update={"source": source, "fetched_at": now, "capture": None})
        except BadInput as error:
            report(f"{file}:{number}: {error}")
            metrics.INGEST_LINES.labels("bad").inc()
            result.bad += 1
            continue
        batch.append(post)
        if len(batch) == BATCH:
            _append(log, store, batch, result)
            batch = []
    _append(log, store, batch, result)
    return result


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Lines without their end; of an overlong one only the start, which is enough to refuse it."""
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(MAX_LINE + 2):
                number += 1
                while not line.endswith(b"\n") and (rest := stream.readline(MAX_LINE)):
                    if rest.endswith(b"\n"):
                        break
                yield number, line.rstrip(b"\r\n")
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror})") from error


def _append(log: Log, store: Store, batch: list[Post], result: Ingested) -> None:
    stored = store.posts([post.id for post in batch])
    fresh: list[Post] = []
    for post in batch:
        before = stored.get(post.id)
        if result.appended.get(post.id) == post.revision or (before is not None and before.post.revision == post.revision):
            result.known += 1
            metrics.INGEST_LINES.labels("known").inc()
            continue
        result.appended[post.id] = post.revision
        fresh.append(post)
    log.publish(POSTS, [Record(post.id, post.to_json()) for post in fresh])
    metrics.INGEST_LINES.labels("appended").inc(len(fresh))


def wait_until_handled(log: Log, store: Store, appended: dict[str, str], waiting: Callable[[int], None]) -> int:
    """Return when alerting has handled every post of `appended` or it lies in the dead letters; returns how many are dead.

    `waiting` is told about twice a second how many are still on their way.
    """
    pending = dict(appended)
    dead = 0
    while pending:
        ids = list(pending)
        for start in range(0, len(ids), BATCH):
            for id, stored in store.posts(ids[start : start + BATCH]).items():
                if stored.post.revision == pending[id]:
                    del pending[id]
        buried = {message.key for topic in (POSTS, SCORED) for message in log.read(topic + DEAD_SUFFIX)} & set(pending)
        for id in buried:
            del pending[id]
        dead += len(buried)
        if pending:
            waiting(len(pending))
            time.sleep(0.5)
    return dead
