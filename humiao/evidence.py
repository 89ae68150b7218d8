"""Evidence: what proves one revision of one post of an alert."""

import hashlib

from pydantic import Field

from humiao.post import Capture, Frozen, Post, Time
from humiao.verdict import Verdict


class Evidence(Frozen):
    """What proves one revision of one post of an alert."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    """First 32 hex digits of SHA-256 over post id and revision."""
    alert: str = Field(pattern="^[0-9a-f]{32}$")
    post: Post
    """The post as seen, author included."""
    verdict: Verdict
    capture: Capture | None
    """Where the crawler kept the page that shows it; none for a post that came by a clue file or partner."""
    blob: str = ""
    """SHA-256 of the copy in the blob store of what `capture` points to; that copy is never deleted (empty without capture)."""
    post_sha256: str
    """SHA-256 of the canonical JSON of `post`."""
    kept_at: Time
    """When the copy was made (UTC)."""


def evidence_id(post: Post) -> str:
    """Deterministic id of the evidence for this revision of the post."""
    return hashlib.sha256(f"evidence\x1f{post.id}\x1f{post.revision}".encode()).hexdigest()[:32]
