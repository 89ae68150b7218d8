"""Whether kept evidence is still there and still what it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from humiao.blobs import Blobs
from humiao.errors import NotFound
from humiao.event import canonical_sha256
from humiao.evidence import Evidence
from humiao.post import Capture

BlobState = Literal["whole", "missing", "altered", "none"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One piece of evidence and its state now."""

    evidence: Evidence
    blob: BlobState
    """``none``: the post came without a captured page (clue file, partner)."""
    record_whole: bool
    """The stored post still has the hash noted when it was kept."""


def inspect(evidence: Evidence, blobs: Blobs) -> Kept:
    """Read the blob and hash it again; hash the post again."""
    record_whole = canonical_sha256(evidence.post.model_dump(mode="json")) == evidence.post_sha256
    return Kept(evidence, _blob_state(evidence, blobs), record_whole)


def are_whole(records: Iterable[Capture], blobs: Blobs) -> bool:
    """Whether every record is there and still has its hash."""
    try:
        for record in records:
            blobs.get(record.sha256)
    except NotFound:
        return False
    return True


def _blob_state(evidence: Evidence, blobs: Blobs) -> BlobState:
    if not evidence.blob:
        return "missing" if evidence.capture else "none"
    if not blobs.path(evidence.blob).exists():
        return "missing"
    try:
        blobs.get(evidence.blob)
    except NotFound:
        return "altered"
    return "whole"
