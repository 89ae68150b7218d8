"""Times of day in Shanghai: when a route is in force, when a channel must be quiet, when a digest is due."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from alerting.calendar import SHANGHAI

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def clock_time(text: str) -> time:
    """The time of day ``HH:MM``.

    Raises:
        ValueError: it is none.
    """
    hour, separator, minute = text.strip().partition(":")
    if not (separator and hour.isdigit() and minute.isdigit() and len(minute) == 2):  # noqa: PLR2004 (two digits of a minute)
        raise ValueError(f"{text!r} is no time of day; write it like 08:30")
    try:
        return time(int(hour), int(minute))
    except ValueError as error:
        raise ValueError(f"{text!r} is no time of day; write it like 08:30") from error


@dataclass(frozen=True, slots=True)
class Window:
    """A part of every day, from `start` inclusive to `end` exclusive; it may reach over midnight."""

    start: time
    end: time

    @classmethod
    def read(cls, text: str) -> "Window":
        """From ``HH:MM-HH:MM``.

        Raises:
            ValueError: it is none, or begins where it ends.
        """
        start, separator, end = text.partition("-")
        if not separator:
            raise ValueError(f"{text!r} is no part of a day; write it like 22:00-07:30")
        window = cls(clock_time(start), clock_time(end))
        if window.start == window.end:
            raise ValueError(f"{text!r} begins where it ends; leave it out for the whole day")
        return window

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def holds(self, instant: datetime) -> bool:
        """Whether `instant` (with zone) lies in it."""
        now = instant.astimezone(SHANGHAI).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def end_after(self, instant: datetime) -> datetime:
        """The first moment after `instant` at which it ends (Shanghai time)."""
        return next_at(self.end, instant)


def next_at(moment: time, instant: datetime) -> datetime:
    """The first `moment` of a day after `instant` (Shanghai time)."""
    local = instant.astimezone(SHANGHAI)
    today = local.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
    return today if today > local else today + _DAY


def next_hour(instant: datetime) -> datetime:
    """The first full hour after `instant` (Shanghai time)."""
    local = instant.astimezone(SHANGHAI)
    return local.replace(minute=0, second=0, microsecond=0) + _HOUR
