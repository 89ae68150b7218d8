"""The day within a written time: a date, a word such as 昨天, or a weekday."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_WEEKDAYS: Final = "一二三四五六"
_WEEKDAY: Final = r"(?:周|星期)(?P<weekday>[一二三四五六日天])"
_SAID: Final = (
    r"(?:[\s,]*(?:周|星期)[一二三四五六日天]|[\s,]+(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)?"  # besides a date it adds nothing
)
_SAID_BEFORE: Final = r"(?:周|星期)[一二三四五六日天][\s,]*"
_ENGLISH_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH: Final = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_NAME: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
_FORMER: Final = {"今年": 0, "去年": 1, "前年": 2}
_WORDS: Final = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2, "大前天": 3}
_LEAP_GAP: Final = 8
"""29 February comes every four years, and once in a century after eight."""


@dataclass(frozen=True)
class Day:
    """What a text says about the day."""

    day: date
    candidates: tuple[date, ...] = ()
    """Days that may be meant, the latest first; empty = `day` is."""
    relative: bool = False
    """It was counted from the day of the page, so it can't lie after it."""


def read_day(text: str, today: date) -> Day | None:
    """The day that `text` names on a page made on `today`; None = of no known form.

    Raises:
        ValueError: a day that does not exist, or one that can be read in two ways.
    """
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(text):
            return read(found, today)
    return None


def _full(found: re.Match[str], today: date) -> Day:  # noqa: ARG001 (as the other forms)
    return Day(_date(int(found["year"]), int(found["month"]), int(found["day"])))


def _named_month(found: re.Match[str], today: date) -> Day:
    month, day = _ENGLISH_MONTHS.index(found["name"][:3].lower()) + 1, int(found["day"])
    return Day(_date(int(found["year"]), month, day)) if found["year"] else _without_year(month, day, today)


def _no_year(found: re.Match[str], today: date) -> Day:
    month, day = int(found["month"]), int(found["day"])
    if word := found["former"]:
        return Day(_date(today.year - _FORMER[word], month, day), relative=True)
    return _without_year(month, day, today)


def _without_year(month: int, day: int, today: date) -> Day:
    years = range(today.year + 1, max(today.year - _LEAP_GAP - 1, 0), -1)  # tomorrow may be next year where clocks differ
    days = tuple(_existing((year, month, day) for year in years))
    if not days:
        raise ValueError(f"month {month} has no day {day}")
    return Day(days[0], days)


def _existing(parts: Iterable[tuple[int, int, int]]) -> Iterable[date]:
    for year, month, day in parts:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _word(found: re.Match[str], today: date) -> Day:
    return Day(today - timedelta(days=_WORDS[found.group().lower()]), relative=True)


def _days_ago(found: re.Match[str], today: date) -> Day:
    return Day(today - timedelta(days=int(found["days"])), relative=True)


def _weekday(found: re.Match[str], today: date) -> Day:
    number = (_WEEKDAYS + found["weekday"]).index(found["weekday"])
    monday = today - timedelta(days=today.weekday())
    if found["week"] is None:
        return _last_weekday(number, today)
    weeks = found["week"].count("上")
    return Day(monday + timedelta(days=number - 7 * weeks), relative=True)


def _english_weekday(found: re.Match[str], today: date) -> Day:
    number = _ENGLISH_DAYS.index(found["weekday"][:3].lower())
    back = today - timedelta(days=1) if found["last"] else today
    return _last_weekday(number, back)


def _last_weekday(number: int, today: date) -> Day:
    day = today - timedelta(days=(today.weekday() - number) % 7)
    return Day(day, (day, day - timedelta(days=7)))


def _two_ways(found: re.Match[str], today: date) -> Day:  # noqa: ARG001 (as the other forms)
    raise ValueError(f"{found.group()!r} can be day and month or month and day")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{year}-{month}-{day} is no date: {error}") from error


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Day]], ...]] = (
    (
        _form(
            rf"(?:{_DAY_NAME}[\s,]+|{_SAID_BEFORE})?(?P<year>\d{{4}})(?P<by>[-/.])(?P<month>\d{{1,2}})(?P=by)(?P<day>\d{{1,2}}){_SAID}T?"
        ),
        _full,
    ),
    (_form(rf"(?:{_SAID_BEFORE})?(?P<year>\d{{4}})\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*[日号]?{_SAID}"), _full),
    (_form(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"), _full),
    (
        _form(rf"(?:(?P<former>今年|去年|前年)\s*)?(?P<month>\d{{1,2}})(?:[-/]|\s*月\s*)(?P<day>\d{{1,2}})\s*[日号]?{_SAID}"),
        _no_year,
    ),
    (_form(rf"(?:{_DAY_NAME}[\s,]+)?{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[\s,]+(?P<year>\d{{4}}))?"), _named_month),
    (_form(rf"(?:{_DAY_NAME}[\s,]+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH}(?:[\s,-]+(?P<year>\d{{4}}))?"), _named_month),
    (_form("|".join(_WORDS)), _word),
    (_form(r"(?P<days>\d{1,5})\s*(?:天|日|days?)\s*(?:之前|以前|前|ago)"), _days_ago),
    (_form(rf"(?P<week>上上个?|上个?|这个?|本)?{_WEEKDAY}"), _weekday),
    (_form(r"(?P<last>last\s+)?(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"), _english_weekday),
    (_form(r"\d{1,2}[/.]\d{1,2}[/.]\d{4}"), _two_ways),
)
