"""What a store keeps beside a record's JSON document, to filter, sort and search by. The same for every adapter.

Times are microseconds since 1970 UTC: exact for every time from year 1 to 9999, and integers sort alike everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic_core import PydanticSerializationError

from humiao.alert import Alert, Status, StoredPost
from humiao.errors import BadInput
from humiao.store.query import index_text

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = -(2**62)
"""Stands for "not known when": before every time."""
HIDDEN: Final = frozenset({Status.MERGED, Status.WITHDRAWN})
"""What a list of alerts leaves out unless it is asked for."""


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC; negative before."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant(microseconds: int) -> datetime:
    """The time in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def milliseconds(interval: timedelta) -> int:
    """`interval` in milliseconds.

    Raises:
        ValueError: it isn't a positive whole number of them, the finest that every store counts by.
    """
    whole, rest = divmod(interval, timedelta(milliseconds=1))
    if rest or whole < 1:
        raise ValueError(f"interval: must be whole milliseconds, at least one, not {interval}")
    return whole


@dataclass(frozen=True, slots=True)
class PostFields:
    """A stored post, taken apart for writing."""

    id: str
    ts: int
    fetched: int
    """`NEVER` if it isn't known."""
    handled: int
    platform: str
    board: str
    alert: str
    outcome: str
    sentiment: str
    flags: list[str]
    title: str
    text: str
    search: str
    """`index_text` of title, text, author and board."""
    doc: str
    """The whole record as JSON."""


def post_fields(stored: StoredPost) -> PostFields:
    """Take `stored` apart.

    Raises:
        BadInput: it can't be written as UTF-8 JSON.
    """
    post, verdict = stored.post, stored.verdict
    try:
        doc = stored.model_dump_json()
    except (PydanticSerializationError, UnicodeError) as error:
        raise BadInput(f"post {post.id}: can't be written as UTF-8 JSON; remove lone surrogates") from error
    return PostFields(
        id=post.id,
        ts=microseconds(post.ts),
        fetched=NEVER if post.fetched_at is None else microseconds(post.fetched_at),
        handled=microseconds(stored.handled_at),
        platform=post.platform,
        board=post.board,
        alert=stored.alert,
        outcome=stored.outcome,
        sentiment=verdict.top_sentiment.value,
        flags=[harm.value for harm in verdict.flags],
        title=post.title,
        text=post.text,
        search=index_text(post.title, post.text, post.author, post.board),
        doc=doc,
    )


def newest(posts: Iterable[StoredPost]) -> tuple[dict[str, PostFields], list[str]]:
    """The revision of each post that counts, by id: the latest seen, of equals the last; and why others can't be written."""
    kept: dict[str, PostFields] = {}
    refused: list[str] = []
    for stored in posts:
        try:
            fields = post_fields(stored)
        except BadInput as error:
            refused.append(str(error))
            continue
        if fields.id not in kept or kept[fields.id].fetched <= fields.fetched:
            kept[fields.id] = fields
    return kept, refused


def refuse(reasons: Sequence[str]) -> None:
    """Raise BadInput with the first of `reasons`, if there are any."""
    if reasons:
        more = f" (and {len(reasons) - 1} more posts)" if len(reasons) > 1 else ""
        raise BadInput(reasons[0] + more)


@dataclass(frozen=True, slots=True)
class AlertFields:
    """An alert, taken apart for writing."""

    id: str
    grade: str
    rank: int
    deadline: int
    status: str
    kind: str
    leader_ts: int
    harm: list[str]
    place: list[str]
    keys: list[str]
    doc: str
    """The whole record as JSON."""


def alert_fields(alert: Alert) -> AlertFields:
    """Take `alert` apart."""
    return AlertFields(
        id=alert.id,
        grade=alert.grade.value,
        rank=alert.grade.rank,
        deadline=microseconds(alert.deadline),
        status=alert.status.value,
        kind=alert.kind,
        leader_ts=microseconds(alert.leader_ts),
        harm=[harm.value for harm in alert.harm],
        place=alert.places(),
        keys=sorted(set(alert.keys)),
        doc=alert.model_dump_json(),
    )
