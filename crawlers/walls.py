"""Walls that stand where content should be."""

from http import HTTPStatus
from typing import Final

from scrapy.http import TextResponse

from crawlers.source import Source
from crawlers.states import State, Wall

BY_STATUS: Final = {
    HTTPStatus.UNAUTHORIZED: State.LOGIN_WALL,
    HTTPStatus.FORBIDDEN: State.BLOCKED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: State.BLOCKED,
    HTTPStatus.TOO_MANY_REQUESTS: State.THROTTLED,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: State.BLOCKED,
}


def find_wall(page: TextResponse, source: Source) -> Wall | None:  # noqa: ARG001
    """The wall that `page` is; None = it is none."""
    state = {int(status): state for status, state in BY_STATUS.items()}.get(page.status)
    return Wall(state, f"HTTP {page.status}") if state else None
