"""When a post was written, from how sites write it: standards, plain dates, and the relative forms of Chinese and English forums."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.clock_times import Clock, read_clock
from crawlers.time_words import plain_time
from crawlers.written_days import read_day

SKEW: Final = timedelta(minutes=5)
"""How far a site's clock may be ahead of ours before a time counts as one of the future."""
STALE: Final = timedelta(hours=1)
"""How long after midnight a page may still say 今天 of the day before."""

_EPOCH: Final = re.compile(r"^(?P<seconds>\d{10})(?:\.\d+|(?P<milliseconds>\d{3}))?$")
_COMPACT: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)[T ]?(\d\d)(\d\d)(\d\d)(?!\d)")
_NOW: Final = frozenset({"刚刚", "刚才", "现在", "片刻前", "几秒前", "数秒前", "now", "just now", "right now", "moments ago"})
_AGO: Final = re.compile(
    r"^(?:(?:about|around|over|大约|约)\s*)?(?P<amounts>(?:(?:\d{1,6}(?:\.\d)?|半|几|数|an?|half an|a few|less than an?)\s*个?\s*半?\s*"
    r"(?:秒钟?|分钟?|小时|钟头|天|日|周|星期|月|年|[a-z]{1,7})(?:,|\s|and\b)*)+)(?:之前|以前|前|ago)$",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(
    r"(?P<number>\d+(?:\.\d)?|半|几|数|half an|a few|less than an?|an?)\s*个?\s*(?P<half>半)?\s*(?P<unit>[a-z]+|秒|分|小时|钟头|天|日|周|星期|月|年)",
    re.IGNORECASE,
)
_SECONDS: Final = {
    "秒": 1, "分": 60, "小时": 3600, "钟头": 3600, "天": 86400, "日": 86400, "周": 604800, "星期": 604800,
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "w": 604800, "week": 604800,
}  # fmt: skip
_MONTHS: Final = {"月": 1, "month": 1, "mo": 1, "年": 12, "year": 12, "yr": 12}
_NUMBERS: Final = {"半": 0.5, "half an": 0.5, "a": 1.0, "an": 1.0, "less than a": 1.0, "less than an": 1.0}


def parse_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC) that `text` names.

    Args:
        text: what the page says; labels such as 发表于 around it are fine.
        zone: zone of a time without offset.
        now: when the page was fetched (aware); relative times and dates without a year count from it.

    Raises:
        ValueError: no known form, a time that does not exist, or one that can be read in two ways.
    """
    value = plain_time(text)
    try:
        return _parse(value, zone, now).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value[:40]!r} is outside of the years 1 to 9999") from error


def _parse(value: str, zone: ZoneInfo, now: datetime) -> datetime:
    if value.lower() in _NOW:
        return now
    if found := _EPOCH.match(value):
        return datetime.fromtimestamp(int(found["seconds"]) + int(found["milliseconds"] or 0) / 1000, UTC)
    if (found := _AGO.match(value)) and (past := _ago(found["amounts"], zone, now)):
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
    instant = _at(day.date, clock, zone)
    if day.relative and instant > now + SKEW:
        if day.date == local.date() and now - _at(day.date, None, zone) < STALE:  # the page was made before midnight
            return _at(day.date - timedelta(days=1), clock, zone)
        raise ValueError(f"{value[:40]!r} would lie in the future; is the source's time zone right?")
    return instant


def _ago(amounts: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    seconds, months = 0.0, 0.0
    for amount in _AMOUNT.finditer(amounts):
        unit = amount["unit"].lower()
        unit = unit[:-1] if len(unit) > 2 and unit.endswith("s") else unit  # noqa: PLR2004
        number = amount["number"].lower()
        if number in {"几", "数", "a few"}:
            if unit not in {"秒", "second", "分", "minute"}:
                raise ValueError(f"{amount.group()!r} is too vague for a time")
            number = "3"
        size = _NUMBERS.get(number) or float(number)
        size += 0.5 if amount["half"] else 0
        if unit in _MONTHS:
            months += size * _MONTHS[unit]
        elif unit in _SECONDS:
            seconds += size * _SECONDS[unit]
        else:
            return None
    if not months:
        return now - timedelta(seconds=seconds)
    if months % 1:
        seconds, months = seconds + 15 * 86400, months // 1
    local = now.astimezone(zone)
    past = _months_before(local.date(), int(months))
    return _at(past, None, zone) + (local - _at(local.date(), None, zone)) - timedelta(seconds=seconds)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise OverflowError
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:  # a shorter month: its last day
            continue
    raise AssertionError


def _latest(day: Callable[[int], date], backs: range, clock: Clock | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The first that is not in the future; the furthest back, should all be."""
    for back in backs:
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
