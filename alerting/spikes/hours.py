"""The week that counts follow: hours of working days and of days of rest, and kinds of day, in China's one time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alerting.calendar import SHANGHAI, Calendar

HOURS = 48
"""Hours of a working day (0–23) and of a day of rest (24–47), Asia/Shanghai."""
DAYS = 9
"""Monday to Sunday (0–6), a holiday (7), a weekend day that is worked (8)."""
_HOLIDAY = 7
_MOVED = 8
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """Where each interval of a span stands in the week."""

    hour: NDArray[np.intp]
    """Of `HOURS`, [intervals]."""
    day: NDArray[np.intp]
    """Of `DAYS`, [intervals]."""

    @classmethod
    def of(cls, begin: datetime, count: int, interval: timedelta, calendar: Calendar | None = None) -> "Hours":
        """The first `count` intervals from `begin` on; `calendar` None = the shipped one."""
        known = calendar or _shipped()
        hour, day = np.empty(count, np.intp), np.empty(count, np.intp)
        kinds: dict[object, tuple[int, int]] = {}
        start = in_utc(begin)
        for number in range(count):
            local = (start + number * interval).astimezone(SHANGHAI)
            date = local.date()
            if date not in kinds:
                works, weekday = known.is_workday(date), date.weekday()
                off = known.is_statutory(date) or (not works and weekday < _SATURDAY)
                kinds[date] = (0 if works else 24, _HOLIDAY if off else _MOVED if works and weekday >= _SATURDAY else weekday)
            rest, day[number] = kinds[date]
            hour[number] = rest + local.hour
        return cls(hour, day)


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC, where adding an interval never meets a change of clocks.

    Raises:
        ValueError: the time has no offset.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC; give one")
    return instant.astimezone(UTC)


@cache
def _shipped() -> Calendar:
    return Calendar.load()
