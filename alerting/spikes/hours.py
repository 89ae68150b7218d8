"""The week that counts follow: hours of working days and of days of rest, and kinds of day, in China's one time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
        local = in_utc(begin).astimezone(SHANGHAI)  # no change of clocks there since 1991
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        since = ((local - midnight).total_seconds() + interval.total_seconds() * np.arange(count)) // 3600
        dates, hour_of_day = np.divmod(since.astype(np.intp), 24)
        first = local.date()
        kinds = np.array([_kind(first + timedelta(days=int(number)), calendar or _shipped()) for number in np.unique(dates)])
        kinds = kinds.reshape(-1, 2)[np.searchsorted(np.unique(dates), dates)]
        return cls(hour_of_day + kinds[:, 0], kinds[:, 1])


def _kind(day: date, calendar: Calendar) -> tuple[int, int]:
    """Where the hours of this day begin among the `HOURS`, and which of the `DAYS` it is."""
    works, weekday = calendar.is_workday(day), day.weekday()
    if calendar.is_statutory(day) or (not works and weekday < _SATURDAY):
        kind = _HOLIDAY
    else:
        kind = _MOVED if works and weekday >= _SATURDAY else weekday
    return 0 if works else 24, kind


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
