"""Hours in which a source may be read."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def is_open(windows: Sequence[str], zone: ZoneInfo, now: datetime) -> bool:
    """Whether `now` lies in one of `windows` (``HH:MM-HH:MM`` on the clocks of `zone`, end excluded; none = always)."""
    if not windows:
        return True
    clock = now.astimezone(zone).time().replace(tzinfo=None)
    return any(begin <= clock < end if begin < end else clock >= begin or clock < end for begin, end in map(_ends, windows))


def opens_at(windows: Sequence[str], zone: ZoneInfo, now: datetime) -> datetime:
    """When the next window begins (UTC); `now` itself if one is open."""
    if is_open(windows, zone, now):
        return now.astimezone(UTC)
    today = now.astimezone(zone).date()
    moments = []
    for begin, _ in map(_ends, windows):
        for day in range(3):  # where clocks go forward a day may lack the hour
            moment = datetime.combine(today + timedelta(days=day), begin, zone).astimezone(UTC)
            if moment > now and is_open(windows, zone, moment):
                moments.append(moment)
                break
    return min(moments)


def _ends(window: str) -> tuple[time, time]:
    begin, _, end = window.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
