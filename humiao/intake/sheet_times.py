"""Times in sheets: as people write them, as Excel numbers them; never counted from today, which the sheet does not know."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from humiao.times import parse_time

EXCEL_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a workbook; day 60, 29 February 1900, never was, so days before it are a day off in Excel itself."""
MAC_EPOCH: Final = date(1904, 1, 1)
_SERIAL: Final = re.compile(r"^[1-9]\d{4}(\.\d+)?$")
_ISO: Final = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$")
_PLAIN: Final = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?$")
"""What most sheets have; worth a way of its own, since the general one takes five times as long."""
_ANOTHER_DAY: Final = timedelta(days=1234)


def read_sheet_time(text: str, zone: ZoneInfo, now: datetime, epoch: date = EXCEL_EPOCH) -> datetime:
    """The instant (UTC) that a cell names.

    Args:
        text: 2026/3/1 20:15, 2026年3月1日 晚上8点, ISO 8601, or a serial number of Excel.
        zone: zone of a time without offset.
        now: the present; no result depends on it.
        epoch: day 0 of serial numbers.

    Raises:
        ValueError: no known form, no time that exists, or one that counts from an unknown day (昨天, 3月1日 without a year).
    """
    value = text.strip()
    if _ISO.match(value):
        return _at(datetime.fromisoformat(value), zone)
    if _SERIAL.match(value):
        return _at(datetime.combine(epoch, datetime.min.time()) + timedelta(milliseconds=round(float(value) * 86_400_000)), zone)
    if found := _PLAIN.match(value):
        year, _, month, day, hour, minute, second = found.groups(default="0")
        return _at(datetime(int(year), int(month), int(day), int(hour), int(minute), int(second)), zone)  # noqa: DTZ001 (its zone follows)
    instant = parse_time(value, zone, now)
    if instant != _elsewhen(value, zone, now):
        raise ValueError(f"{value[:40]!r} counts from a day that the sheet does not name; write the date with its year")
    return instant


def _elsewhen(value: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    try:
        return parse_time(value, zone, now - _ANOTHER_DAY)
    except ValueError:
        return None


def _at(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        if moment.tzinfo is None and instant.astimezone(zone).replace(tzinfo=None) != moment:
            raise ValueError(f"{moment:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks were put forward")
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error
    return instant
