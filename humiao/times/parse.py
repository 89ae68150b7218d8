"""When a post was written, from how sites write it: standards, plain dates, and what Chinese and English forums say."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from humiao.times.ages import read_age
from humiao.times.clock_times import Clock, read_clock
from humiao.times.time_words import plain_time
from humiao.times.written_days import read_day

SKEW: Final = timedelta(minutes=5)
"""How far a site's clock may be ahead of ours before a time counts as one of the future."""
STALE: Final = timedelta(hours=1)
"""How long after midnight a page may still say 今天 of the day before."""
MAX_LENGTH: Final = 400
"""Characters looked at; a time stands at the beginning of much shorter texts."""

_EPOCH: Final = re.compile(r"^(?P<seconds>\d{10})(?:\.\d+|(?P<milliseconds>\d{3}))?$")
_COMPACT: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)(?!\d)")


def parse_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC) that `text` names.

    Args:
        text: what the page says; labels such as 发表于 around it are fine.
        zone: zone of a time without offset.
        now: when the page was fetched (aware); relative times and dates without a year count from it.

    Raises:
        ValueError: no known form, a time that does not exist, or one that can be read in two ways.
    """
    value = plain_time(text[:MAX_LENGTH])
    try:
        return _parse(value, zone, now).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value[:40]!r} is outside of the years 1 to 9999") from error


def _parse(value: str, zone: ZoneInfo, now: datetime) -> datetime:
    if found := _EPOCH.match(value):
        return datetime.fromtimestamp(int(found["seconds"]) + int(found["milliseconds"] or 0) / 1000, UTC)
    if past := read_age(value, zone, now):
        return past
    clock = read_clock(_COMPACT.sub(r"\1-\2-\3 \4:\5:\6", value))
    local = now.astimezone(zone)
    rest = clock.rest if clock else value
    written = re.sub(r"^(?:on|at|@)\s|(?:[\s,;@-]|\b(?:at|on|T)|(?<=\d)T)+$", "", rest, flags=re.IGNORECASE).strip(" ,")
    if not written and clock:
        return _latest(lambda back: local.date() - timedelta(days=back), range(2), clock, zone, now)
    day = read_day(written, local.date())
    if day is None:
        raise ValueError(f"{value[:40]!r} is no time of a known form")
    if day.candidates:
        return _latest(lambda back: day.candidates[back], range(len(day.candidates)), clock, zone, now)
    instant = _at(day.day, clock, zone)
    if day.relative and instant > now + SKEW:
        if day.day == local.date() and now - _at(day.day, None, zone) < STALE:  # the page was made before midnight
            return _at(day.day - timedelta(days=1), clock, zone)
        raise ValueError(f"{value[:40]!r} would lie in the future; is the source's time zone right?")
    return instant


def _latest(day: Callable[[int], date], backs: range, clock: Clock | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The first that is not in the future; the furthest back, should all be."""
    for back in backs:
        if day(back) > (now + SKEW).astimezone(zone).date() and not (clock and clock.offset):
            continue  # also where that day's clocks leave the time out
        instant = _at(day(back), clock, zone)
        if instant <= now + SKEW:
            return instant
    raise ValueError("lies in the future, whichever day is meant")


def _at(day: date, clock: Clock | None, zone: ZoneInfo) -> datetime:
    """The instant of `clock` on `day`; its beginning without one."""
    wall = datetime(day.year, day.month, day.day) + (clock.after_midnight if clock else timedelta())  # noqa: DTZ001 (its zone follows)
    if clock and clock.offset:
        return wall.replace(tzinfo=clock.offset)
    instant = wall.replace(tzinfo=zone)
    if clock and clock.zone_name and clock.zone_name != instant.tzname():
        raise ValueError(f"{clock.zone_name} is no offset of {zone.key}, and it means several")
    back = instant.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != wall and clock:
        raise ValueError(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks were put forward")
    return instant
