"""When a platform was not read: its sources were refused, walled, paused or out of reach. Silence then is no calm."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from humiao.source_status import SOURCE_NOTES, Change, SourceStatus, State
from humiao.store import Store

NOTHING_READ: Final = frozenset(
    {
        State.BLOCKED,
        State.LOGIN_WALL,
        State.CAPTCHA,
        State.LAYOUT_CHANGED,
        State.ROBOTS_FORBIDDEN,
        State.UNREACHABLE,
        State.PAUSED,
    }
)
Span = tuple[datetime, datetime]


def spans(store: Store, until: datetime) -> dict[str, list[Span]]:
    """Platform -> spans (UTC) in which none of its sources was read, oldest first, up to `until`."""
    found: dict[str, list[list[Span]]] = {}
    for note in store.notes(SOURCE_NOTES).values():
        try:
            status = SourceStatus.model_validate_json(note.value)
        except ValidationError:
            continue  # a release that this one does not know wrote it; its source counts as read
        found.setdefault(status.platform, []).append(_of(status, until))
    return {platform: _common(sources) for platform, sources in found.items()}


def _of(status: SourceStatus, until: datetime) -> list[Span]:
    changes: list[Change] = sorted([*status.history, *([status.now] if status.now else [])], key=lambda one: one.since)
    ends = [*(one.since for one in changes[1:]), until]
    return [
        (one.since.astimezone(UTC), end.astimezone(UTC))
        for one, end in zip(changes, ends, strict=True)
        if one.state in NOTHING_READ and one.since < end
    ]


def _common(sources: Sequence[list[Span]]) -> list[Span]:
    """What is in a span of each source."""
    shared = sources[0]
    for other in sources[1:]:
        pairs = ((max(one[0], two[0]), min(one[1], two[1])) for one in shared for two in other)
        shared = [(start, end) for start, end in pairs if start < end]
    return shared
