"""What receivers answer over HTTP. Apprise only says yes or no; a refusal inside of a 200, or how long to wait, it keeps to itself.

Its plugins use `requests`, each call with a session of its own. Within `watched` the answers of this thread are read here, with a
limit of size and time, and kept for the caller.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

LARGEST: Final = 64 * 1024
"""Bytes of an answer that are read."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A receiver that wants us to wait longer is asked again after a day."""


@dataclass(slots=True)
class Watch:
    """The answers of one attempt."""

    deadline: float
    """On the monotonic clock."""
    answers: list[requests.Response] = field(default_factory=list)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)
_send = requests.Session.send


@contextmanager
def watched(seconds: float) -> Iterator[list[requests.Response]]:
    """Collect the answers that this thread gets from now on; reading one takes no longer than `seconds`."""
    watch = Watch(time.monotonic() + seconds)
    token = _watch.set(watch)
    try:
        yield watch.answers
    finally:
        _watch.reset(token)


def _watched_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
    watch = _watch.get()
    if watch is None:
        return _send(session, request, **options)
    response = _send(session, request, **{**options, "stream": True})
    response._content = _body(response, watch.deadline)  # noqa: SLF001 (where `content` keeps what it has read)
    response._content_consumed = True  # noqa: SLF001
    response.close()
    watch.answers.append(response)
    return response


def _body(response: requests.Response, deadline: float) -> bytes:
    body = b""
    while len(body) < LARGEST:
        try:
            part = response.raw.read1(LARGEST, decode_content=True)
        except Exception as error:
            raise requests.ConnectionError("the answer broke off") from error
        if not part:
            break
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer takes too long")
        body += part
    return body[:LARGEST]


requests.Session.send = _watched_send  # type: ignore[assignment,method-assign]


def retry_after(response: requests.Response, now: datetime) -> timedelta | None:
    """How long the receiver wants to be left alone; None = it doesn't say. `now` in UTC."""
    wish = response.headers.get("Retry-After", "").strip()
    if wish.isascii() and wish.isdigit():
        return min(timedelta(seconds=min(int(wish), 10**9)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(wish)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
