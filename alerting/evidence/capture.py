"""Keeping for ever what proves a post: the WARC records of its page, copied out of the crawler's files into the blob store.

Those files are deleted after some days; the copy is not.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from humiao.blobs import Blobs
from humiao.event import canonical_sha256
from humiao.evidence import Evidence, evidence_id
from humiao.post import Capture, Post
from humiao.verdict import Verdict


class Captures:
    """The crawler's WARC files and the blob store of one data folder."""

    def __init__(self, data: Path) -> None:
        """`data` holds ``warc/`` and ``blobs/``."""
        self._warc = (data / "warc").absolute()
        self.blobs = Blobs(data / "blobs")

    def promote(self, post: Post, verdict: Verdict, alert: str, now: datetime) -> tuple[Evidence, str]:
        """Evidence of this revision, its page (response, request, circumstances) copied to the blobs; and why not, else "".

        Doing it again copies nothing again: the copy's name is its hash.
        """
        blob, missing = ("", "") if post.capture is None else self._copied(post.capture)
        evidence = Evidence(
            id=evidence_id(post),
            alert=alert,
            post=post,
            verdict=verdict,
            capture=post.capture,
            blob=blob,
            post_sha256=canonical_sha256(post.model_dump(mode="json")),
            kept_at=now,
        )
        return evidence, missing

    def blob(self, sha256: str) -> bytes:
        """A kept record; raises NotFound if it is gone or altered."""
        return self.blobs.get(sha256)

    def _copied(self, capture: Capture) -> tuple[str, str]:
        path = (self._warc / capture.file).resolve()
        if not path.is_relative_to(self._warc.resolve()):
            return "", "outside_warc_folder"
        if self.blobs.path(capture.sha256).is_file():  # also when the crawler's file has been deleted since
            return capture.sha256, ""
        try:
            with path.open("rb") as file:
                file.seek(capture.offset)
                record = file.read(capture.length)
        except OSError:
            return "", "file_missing"
        if hashlib.sha256(record).hexdigest() != capture.sha256:
            return "", "hash_differs"
        return self.blobs.put(record), ""


def moved(evidence: Iterable[Evidence], alert: str) -> list[Evidence]:
    """The same evidence, belonging to `alert`."""
    return [one.model_copy(update={"alert": alert}) for one in evidence]
