"""Instants as people of the desk read them: Asia/Shanghai, 24 hours, and how long is left."""

from datetime import datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No daylight saving since 1991, so a fixed offset needs no time-zone database."""
SOON: Final = timedelta(hours=1)


def shanghai(instant: datetime) -> str:
    """``2026-03-01 20:15``."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def short(instant: datetime, now: datetime) -> str:
    """The same without what goes without saying: ``20:15`` today, ``03-01 20:15`` this year."""
    local, today = instant.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def precise(instant: datetime) -> str:
    """``2026-03-01 20:15:07``: for records of evidence."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def urgency(deadline: datetime, now: datetime) -> str:
    """``overdue``, ``soon`` (less than an hour) or ``later``."""
    if deadline <= now:
        return "overdue"
    return "soon" if deadline - now < SOON else "later"


def amount(span: timedelta) -> tuple[int, int, int]:
    """Days, hours and minutes of the span's length, rounded down to the minute."""
    minutes = int(abs(span).total_seconds()) // 60
    return minutes // 1440, minutes // 60 % 24, minutes % 60
