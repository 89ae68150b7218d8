"""A patrol's own finding: a page that somebody saw, in that person's words, on the same way in as every other post."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from alerting.captures import PATROL
from humiao import metrics
from humiao.blobs import Blobs
from humiao.capture_order import ORDERS, CaptureOrder
from humiao.errors import BadInput, Conflict
from humiao.intake.pictures import check_picture
from humiao.log import POSTS, Log, Record
from humiao.post import Post
from humiao.store import Store

LONGEST_NOTE: Final = 5000
LONGEST_URL: Final = 2000
SLIP: Final = timedelta(minutes=10)
"""By which a time of sight may lie ahead: clocks of two machines."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an officer registers."""

    url: str
    note: str
    """What was seen."""
    seen_at: datetime
    """With time zone."""
    place: str = ""
    board: str = ""
    sexual: bool = False
    """It may show the sexual abuse of a child: no picture is taken or made."""
    picture: bytes = b""
    """The officer's own screenshot; empty = none."""


def register(store: Store, log: Log, blobs: Blobs, finding: Finding, actor: str, now: datetime) -> str:
    """Publish the finding as a post and order a capture of its page; returns the post's id.

    Registering the same finding again changes nothing. If this is cut off in the middle, doing it again completes it.

    Raises:
        BadInput: a field is wrong; the message begins with its name.
        Unavailable: log or store don't answer; do it again.
    """
    host = _checked(finding, now)
    if finding.picture:
        try:
            check_picture(finding.picture)
        except BadInput as error:
            raise BadInput(f"picture: {error}") from error
    attachments = (blobs.put(finding.picture),) if finding.picture else ()
    digest = hashlib.sha256(f"{actor}\x1f{finding.url}\x1f{finding.note}".encode()).hexdigest()[:24]
    try:
        post = Post(
            platform=host,
            board=finding.board,
            url=finding.url,
            native_id=f"finding-{digest}",
            text=finding.note,
            ts=finding.seen_at,
            source=f"{PATROL}{actor}",
            place=finding.place,
            fetched_at=now,
            attachments=attachments,
        )
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        field = {"text": "note"}.get(str(problem["loc"][0]), str(problem["loc"][0])) if problem["loc"] else "note"
        raise BadInput(f"{field}: {problem['msg'].removeprefix('Value error, ')}") from error
    log.publish(POSTS, [Record(post.id, post.to_json())])
    order = CaptureOrder(url=finding.url, asked_by=actor, asked_at=now, why="finding", post=post.id, screenshot=not finding.sexual)
    try:
        store.put_note(ORDERS, post.id, order.model_dump_json(), None)
    except Conflict:
        return post.id  # registered twice in a row
    metrics.FINDINGS.inc()
    return post.id


def _checked(finding: Finding, now: datetime) -> str:
    """The host of the page."""
    try:
        parts = urlsplit(finding.url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or parts.username or len(finding.url) > LONGEST_URL:
        raise BadInput("url: is no address that begins with http:// or https://")
    if not finding.note.strip():
        raise BadInput("note: is empty; write what was seen")
    if len(finding.note) > LONGEST_NOTE:
        raise BadInput(f"note: has {len(finding.note):,} characters; the limit is {LONGEST_NOTE:,}")
    if finding.seen_at > now + SLIP:
        raise BadInput("seen_at: lies in the future")
    if finding.sexual and finding.picture:
        raise BadInput("picture: none may be taken of such content; register address and description only")
    return host
