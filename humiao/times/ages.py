"""How long ago something was: 3 小时前, 两个半小时前, 刚刚, "1 week, 2 days ago"."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_NOW: Final = frozenset({"刚刚", "刚才", "现在", "片刻前", "几秒前", "数秒前", "now", "just now", "right now", "moments ago"})
_NUMBER: Final = r"(?P<number>\d{1,6}(?:\.\d)?|半|几|数|half an|a few|less than an?|an?)\s*个?\s*(?P<half>半)?"
_UNIT: Final = r"(?P<unit>[a-z]{1,7}|秒钟?|分钟?|小时|钟头|天|日|周|星期|月|年)"
_AMOUNT: Final = re.compile(rf"{_NUMBER}\s*{_UNIT}(?:,|\s|and\b)*", re.IGNORECASE)
_AGO: Final = re.compile(
    r"^(?:(?:about|around|over|大约|约)\s*)?(?P<amounts>.{1,60}?)\s*(?:之前|以前|前|\bago)$",
    re.IGNORECASE,
)
_SECONDS: Final = {
    "秒": 1, "秒钟": 1, "分": 60, "分钟": 60, "小时": 3600, "钟头": 3600, "天": 86400, "日": 86400, "周": 604800, "星期": 604800,
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "w": 604800, "week": 604800,
}  # fmt: skip
_MONTHS: Final = {"月": 1, "month": 1, "mo": 1, "年": 12, "year": 12, "yr": 12}
_NUMBERS: Final = {"半": 0.5, "half an": 0.5, "a": 1.0, "an": 1.0, "less than a": 1.0, "less than an": 1.0}
_FEW: Final = frozenset({"几", "数", "a few"})
_FEW_COUNT: Final = 3
_BRIEF: Final = 60
"""A few of a unit of so many seconds are still a time; 几天前 is none."""


def read_age(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The instant that lies as long before `now` as `text` says; None = it says no age. Months and years are the calendar's.

    Raises:
        ValueError: it says one, but too vaguely.
        OverflowError: it lies before the year 1.
    """
    if text.lower() in _NOW:
        return now
    if not (found := _AGO.match(text)):
        return None
    seconds, months, end = 0.0, 0.0, 0
    amounts = found["amounts"]
    while amount := _AMOUNT.match(amounts, end):
        end = amount.end()
        unit = amount["unit"].lower()
        unit = unit if unit in _SECONDS or unit in _MONTHS else unit.removesuffix("s")
        size = _size(amount, brief=_SECONDS.get(unit, _BRIEF + 1) <= _BRIEF)
        if unit in _MONTHS:
            months += size * _MONTHS[unit]
        elif unit in _SECONDS:
            seconds += size * _SECONDS[unit]
        else:
            return None
    if end == 0 or end < len(amounts):
        return None
    seconds += months % 1 * 30 * 86400
    return _months_before(now, int(months), zone) - timedelta(seconds=seconds)


def _size(amount: re.Match[str], *, brief: bool) -> float:
    number = amount["number"].lower()
    if number in _FEW and not brief:
        raise ValueError(f"{amount.group().strip()!r} is too vague for a time")
    size = _FEW_COUNT if number in _FEW else _NUMBERS.get(number) or float(number)
    return size + (0.5 if amount["half"] else 0.0)


def _months_before(now: datetime, months: int, zone: ZoneInfo) -> datetime:
    if not months:
        return now.astimezone(UTC)
    local = now.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    if year < 1:
        raise OverflowError
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    day = min(local.day, (following - timedelta(days=1)).day)  # a shorter month: its last day
    return datetime.combine(date(year, month + 1, day), time(local.hour, local.minute, local.second), zone).astimezone(UTC)
