"""Cells of a workbook as text: numbers as one reads them, dates and times in ISO form."""

import re
from datetime import date, datetime, timedelta
from typing import Final

_DATE_FORMATS: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Built-in number formats of dates and times, with those that only East Asian Excel has (2026年3月1日 is 31)."""
_NOT_THE_FORMAT: Final = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]|\"[^\"]*\"|\\.|_.", re.IGNORECASE)
_DATE_LETTERS: Final = re.compile(r"[ymdhs]|年|月|日|时|上午", re.IGNORECASE)
_SIGNIFICANT: Final = ".15g"
_DAY: Final = 86_400_000
_LAST_DAY: Final = 2_958_466
_NEVER_WAS: Final = 60
"""Excel counts 29 February 1900, which never was."""


def is_date_format(number: int, code: str) -> bool:
    """Whether cells of this number format show a date or time."""
    if not code:
        return number in _DATE_FORMATS
    plain = _NOT_THE_FORMAT.sub("", code.partition(";")[0])
    return "general" not in plain.lower() and bool(_DATE_LETTERS.search(plain))


def number_text(raw: str) -> str:
    """A number as one reads it: 13800138000, not 1.3800138E10."""
    try:
        value = float(raw)
        whole = int(raw) if raw.lstrip("-").isdigit() else int(value) if value == int(value) and abs(value) < 1e15 else None  # noqa: PLR2004 (a double's exact digits)
    except (ValueError, OverflowError):
        return raw
    return str(whole) if whole is not None else format(value, _SIGNIFICANT)


def date_text(raw: str, epoch: date) -> str:
    """A serial number as date, date and time, or (below 1) time of day; what is no date of Excel stays a number."""
    try:
        milliseconds = round(float(raw) * _DAY)
    except (ValueError, OverflowError):
        return raw
    days, rest = divmod(milliseconds, _DAY)
    if not 0 <= days < _LAST_DAY:
        return number_text(raw)
    if epoch.year < 1900 and 0 < days < _NEVER_WAS:  # noqa: PLR2004 (the two epochs)
        days += 1
    moment = datetime.combine(epoch + timedelta(days=days), datetime.min.time()) + timedelta(milliseconds=rest)
    if milliseconds < _DAY:
        return moment.time().isoformat()
    return moment.isoformat(sep=" ") if rest else moment.date().isoformat()
