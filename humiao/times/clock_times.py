"""The time of day within a written time, and its offset from UTC, in Chinese and English."""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Final

_PERIOD: Final = r"(?P<period>凌晨|清晨|早上|早晨|上午|中午|正午|下午|傍晚|晚上|晚间|夜里|夜间|深夜|半夜|早|晚)?\s*"
_COLON: Final = re.compile(
    rf"{_PERIOD}(?<![\d:.])(?P<hour>\d{{1,2}}):(?P<minute>\d{{1,2}})(?::(?P<second>\d{{1,2}})(?:[.,](?P<fraction>\d{{1,9}}))?)?(?![\d:])"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_SPOKEN: Final = re.compile(
    rf"{_PERIOD}(?<!\d)(?P<hour>\d{{1,2}})\s*(?:[时点](?:\s*(?P<minute>\d{{1,2}})(?!\d|刻)\s*分?(?:\s*(?P<second>\d{{1,2}})\s*秒)?"
    r"|\s*(?P<part>半|[13]刻|整))?|(?P<half>[ap])\.?m\b\.?)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"\b(?:noon|midnight)\b", re.IGNORECASE)
_OFFSET: Final = re.compile(
    r"\s*(?:(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>0\d|1[0-4]|\d(?=:|\s|$)):?(?P<minutes>[0-5]\d)?(?!\d)|(?P<name>Z|[A-Z]{2,4})\b)"
)
_ZONES: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "HKT": 8, "JST": 9, "KST": 9,
}  # fmt: skip
_MORNING: Final = frozenset({"凌晨", "清晨", "早上", "早晨", "上午", "早"})
_AFTERNOON: Final = frozenset({"下午", "傍晚"})
_EVENING: Final = frozenset({"晚上", "晚间", "晚"})
_MIDDAY: Final = frozenset({"中午", "正午"})
_PARTS: Final = {"半": 30, "1刻": 15, "3刻": 45, "整": 0}
NOON: Final = 12


@dataclass(frozen=True)
class Clock:
    """A time of day as it stands in a text, and the words around it."""

    after_midnight: timedelta
    """From the midnight that begins the day; 晚上 12 点 is the one that ends it."""
    offset: tzinfo | None
    """Stated with it; None = the source's zone."""
    zone_name: str
    """An abbreviation that means different offsets in different places (CST); empty if there is none."""
    rest: str
    """What stands around it: the day."""


def read_clock(text: str) -> Clock | None:
    """The first time of day in `text`; None = there is none.

    Raises:
        ValueError: there is one that does not exist, such as 25:00 or 上午 15:00.
    """
    if found := _COLON.search(text) or _SPOKEN.search(text):
        after_midnight = _after_midnight(found)
    elif found := _NAMED.search(text):
        after_midnight = timedelta(hours=NOON if found.group().lower() == "noon" else 0)
    else:
        return None
    offset, name, end = None, "", found.end()
    if stated := _OFFSET.match(text, end):
        if stated["sign"]:
            size = timedelta(hours=int(stated["hours"]), minutes=int(stated["minutes"] or 0))
            offset, end = timezone(-size if stated["sign"] == "-" else size), stated.end()
        elif stated["name"] in _ZONES:
            following = re.compile(r"[+-]\d").match(text, stated.end())
            offset, end = timezone(timedelta(hours=_ZONES[stated["name"]])), stated.end()
            if following:
                raise ValueError(f"{text[:40]!r} has an offset that can't be read")
        else:
            name, end = stated["name"], stated.end()
    return Clock(after_midnight, offset, name, f"{text[: found.start()]} {text[end:]}".strip())


def _after_midnight(found: re.Match[str]) -> timedelta:
    groups = found.groupdict()
    hour, minute, second = int(groups["hour"]), int(groups["minute"] or 0), int(groups.get("second") or 0)
    minute += _PARTS.get(groups.get("part") or "", 0)
    if (hour, minute, second) == (24, 0, 0) and not groups["period"] and not groups["half"]:
        return timedelta(hours=24)  # the midnight that ends the day
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 (a day's)
        raise ValueError(f"{found.group().strip()!r} is no time of day")
    fraction = int((groups.get("fraction") or "0").ljust(6, "0")[:6])
    hour = _half_day(hour, (groups["half"] or "").lower(), groups["period"] or "", found.group().strip())
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)


def _half_day(hour: int, half: str, period: str, written: str) -> int:  # noqa: PLR0911 (a table of words)
    if half:
        if not 1 <= hour <= NOON or period:
            raise ValueError(f"{written!r} is no time of day")
        return hour % NOON + (NOON if half == "p" else 0)
    if period in _MORNING and hour <= NOON:
        return hour % NOON
    if period in _AFTERNOON and hour >= 1:
        return hour if hour >= NOON else hour + NOON
    if period in _MIDDAY and (hour in {10, 11, NOON, 13, 14} or 1 <= hour <= 2):  # noqa: PLR2004
        return hour + NOON if hour <= 2 else hour  # noqa: PLR2004
    if period in _EVENING and hour >= 5:  # noqa: PLR2004 (晚上 3 点 is said of either night)
        return hour + NOON if hour <= NOON else hour
    if not period:
        return hour
    if period not in _MORNING | _AFTERNOON | _MIDDAY | _EVENING:  # words for the night: before morning or late
        return hour if hour <= 5 or hour > NOON else hour + NOON  # noqa: PLR2004
    raise ValueError(f"{written!r} contradicts itself or may mean two times")
