"""What the store keeps of a post once it is handled: which revision, under which author, with which outcome.

A pure choice, the same in whatever order revisions arrive: the latest seen revision is kept; a post that any revision led to an
alert stays alerted; the author's name stays only where a flagged revision carries it, all others get a pseudonym.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from alerting.pseudonyms import Pseudonyms
from humiao.alert import StoredPost
from humiao.verdict import Scored

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def rank(scored: Scored | StoredPost) -> tuple[datetime, datetime, str, str]:
    """Of two revisions of a post the one with the higher rank counts: later seen, then later dated, then by content."""
    post, verdict = scored.post, scored.verdict
    plain = post.model_copy(update={"author": ""})  # the stored name may be a pseudonym
    return post.fetched_at or _NEVER, post.ts, post.revision, plain.model_dump_json() + verdict.model_dump_json()


def same(scored: Scored, stored: StoredPost) -> bool:
    """Whether `stored` shows exactly this revision."""
    return rank(scored) == rank(stored)


def filed(
    arrived: Sequence[Scored], stored: StoredPost | None, alert: str, named: Collection[str], pseudonyms: Pseudonyms, now: datetime
) -> StoredPost | None:
    """The post to store, or None if what is stored is that already.

    Args:
        arrived: revisions of one post that just arrived.
        stored: the post as it is stored.
        alert: the alert that it is in; empty = none.
        named: authors of its flagged revisions.
        pseudonyms: for all other authors.
        now: when it was handled (UTC); kept only if another revision is stored than before.
    """
    latest = arrived[0] if len(arrived) == 1 else max(arrived, key=rank)
    if stored is not None and rank(stored) >= rank(latest):
        post = pseudonyms.undone(stored.post, named)
        verdict, handled_at = stored.verdict, stored.handled_at
    else:
        author = latest.post.author
        post = latest.post.model_copy(update={"author": author if author in named else pseudonyms.of(author)})
        verdict, handled_at = latest.verdict, now
    outcome: Literal["alerted", "cleared"] = "alerted" if alert else "cleared"
    new = StoredPost(post=post, verdict=verdict, outcome=outcome, alert=alert, handled_at=handled_at)
    return None if new == stored else new
