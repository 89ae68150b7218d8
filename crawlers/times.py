"""When a post was written, from how sites write it: ISO 8601, RFC 2822, epoch, plain dates, and the relative forms of forums.

Which instant a page names can decide what a capture proves, so every form is spelled out here and everything else is refused.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.time_words import MONTHS, UNITS, WEEKDAYS, number, plain

SKEW: Final = timedelta(minutes=10)
"""How far a site's clock may run ahead: a bare time of day later than that is yesterday's."""
_HALF: Final = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|晚|早|am|pm|a\.m\.|p\.m\."
_CLOCK: Final = (
    rf"(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})(?:[:时點点](?:(?P<minute>\d{{1,2}})分?|(?P<past>半|整))?(?:[:.]?(?P<second>\d{{1,2}})(?:\.\d+)?秒?)?)"
    rf"\s*(?P<half_after>am|pm|a\.m\.|p\.m\.)?"
)
_CLOCK_EN: Final = r"(?P<en_hour>\d{1,2})\s*(?P<en_half>am|pm|a\.m\.|p\.m\.)"
_OF_DAY: Final = rf"(?:{_CLOCK}|{_CLOCK_EN})"
_DATE: Final = r"(?:(?P<year>\d{4})[-/.年]\s?)?(?P<month>\d{1,2})[-/.月]\s?(?P<day>\d{1,2})[日号]?"
_DATE_EN: Final = (
    r"(?:(?P<en_month>[a-z]{3,9})\.?\s(?P<en_day>\d{1,2})(?:st|nd|rd|th)?|(?P<en_day2>\d{1,2})(?:st|nd|rd|th)?\s(?P<en_month2>[a-z]{3,9})\.?)"
    r"(?:,?\s(?P<en_year>\d{4}))?"
)
_WEEK: Final = r"(?:\s*[（(]?(?:周|星期|礼拜)[一二三四五六日天][）)]?)?"
_ABSOLUTE: Final = re.compile(rf"^{_DATE}{_WEEK}(?:[t\s]*{_OF_DAY})?$")
_ABSOLUTE_EN: Final = re.compile(rf"^(?:[a-z]{{3,9}},?\s)?{_DATE_EN}(?:,?\s(?:at\s)?{_OF_DAY})?$")
_WORDS: Final = {
    "今天": 0,
    "今日": 0,
    "today": 0,
    "昨天": 1,
    "昨日": 1,
    "昨晚": 1,
    "yesterday": 1,
    "前天": 2,
    "前日": 2,
    "大前天": 3,
}
_DAY: Final = re.compile(rf"^(?:(?P<word>{'|'.join(_WORDS)})|(?P<days>\d{{1,4}})\s*(?:天前|days? ago))(?:\s*(?:at\s)?{_OF_DAY})?$")
_WEEKDAY: Final = re.compile(rf"^(?P<last>上周|上星期|本周|这周|周|星期|礼拜)(?P<weekday>[一二三四五六日天])\s*{_OF_DAY}$")
_LAST_YEAR: Final = re.compile(rf"^(?P<ago>去年|前年)\s*(?P<month>\d{{1,2}})[-/.月]\s?(?P<day>\d{{1,2}})[日号]?(?:\s*{_OF_DAY})?$")
_BARE_CLOCK: Final = re.compile(rf"^{_OF_DAY}$")
_AGO: Final = re.compile(
    r"^(?:约|大约|about\s|over\s|almost\s)?(?P<number>\d{1,6}|半|an?)\s*(?:个)?(?P<half_more>半)?\s*"
    r"(?P<unit>秒钟?|分钟?|小时|天|周|星期|礼拜|月|年|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)"
    r"(?P<more>半)?\s*(?:之?前|以前|ago)$"
)
_NOW: Final = frozenset({"刚刚", "刚才", "几秒前", "片刻之前", "just now", "now", "a few seconds ago", "few seconds ago"})
_EPOCH: Final = re.compile(r"^(?P<seconds>\d{10})(?P<millis>\d{3})?$")


def parse_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC) that `text` names.

    Args:
        text: what the page says; labels such as 发表于 around it are fine.
        zone: zone of a time without offset.
        now: when the page was fetched (aware); relative times and dates without a year count from it.

    Raises:
        ValueError: no known form, or a time that does not exist.
    """
    value = plain(text)
    local = now.astimezone(zone)
    if value in _NOW:
        return now.astimezone(UTC)
    for pattern, read in _FORMS:
        if found := pattern.match(value):
            return read(found, local)
    return _standard(text, value, zone)


def _ago(found: re.Match[str], local: datetime) -> datetime:
    said = found["number"]
    amount = 0.5 if said == "半" else 1 if said in {"a", "an"} else int(said)
    if found["half_more"] or found["more"]:
        amount += 0.5
    return (local.astimezone(UTC) - timedelta(seconds=amount * UNITS[found["unit"]])).astimezone(UTC)


def _days_back(found: re.Match[str], local: datetime) -> datetime:
    back = int(found["days"]) if found["days"] else _WORDS[found["word"]]
    if not _has_clock(found) and found["days"]:
        return (local.astimezone(UTC) - timedelta(days=back)).astimezone(UTC)
    return _at(local - timedelta(days=back), found, evening=found["word"] == "昨晚")


def _weekday(found: re.Match[str], local: datetime) -> datetime:
    back = (local.weekday() - WEEKDAYS[found["weekday"]]) % 7
    if found["last"] in {"上周", "上星期"}:
        back = local.weekday() - WEEKDAYS[found["weekday"]] + 7
    day = _at(local - timedelta(days=back), found)
    return _at(local - timedelta(days=back + 7), found) if day > local + SKEW else day


def _of_today(found: re.Match[str], local: datetime) -> datetime:
    today = _at(local, found)
    return _at(local - timedelta(days=1), found) if today > local + SKEW else today


def _on_date(found: re.Match[str], local: datetime) -> datetime:
    return _dated(found, local, found["year"], int(found["month"]), int(found["day"]))


def _on_date_en(found: re.Match[str], local: datetime) -> datetime:
    word = (found["en_month"] or found["en_month2"])[:3]
    if word not in MONTHS:
        raise ValueError(f"{found[0][:40]!r} names no month")
    return _dated(found, local, found["en_year"], MONTHS[word], int(found["en_day"] or found["en_day2"]))


def _last_year(found: re.Match[str], local: datetime) -> datetime:
    year = local.year - (1 if found["ago"] == "去年" else 2)
    return _dated(found, local, str(year), int(found["month"]), int(found["day"]))


def _dated(found: re.Match[str], local: datetime, year: str | None, month: int, day: int) -> datetime:
    if year:
        return _at(local.replace(year=int(year), month=month, day=day), found)
    for guess in range(
        local.year + 1, local.year - 9, -1
    ):  # without a year it is the latest such day that is past; 29 February is rare
        try:
            parsed = _at(local.replace(year=guess, month=month, day=day), found)
        except ValueError:
            continue
        if parsed <= local + SKEW or (not _has_clock(found) and parsed.astimezone(local.tzinfo).date() <= local.date()):
            return parsed
    raise ValueError(f"{found[0][:40]!r}: there is no such day")


def _has_clock(found: re.Match[str]) -> bool:
    return bool(found["hour"] or found["en_hour"])


def _at(day: datetime, found: re.Match[str], *, evening: bool = False) -> datetime:
    """The time of day that `found` names on `day` (midnight if none), in UTC. The earlier of two where clocks go back."""
    if found["en_hour"]:
        hour, minute, second, half = int(found["en_hour"]), 0, 0, found["en_half"]
    elif found["hour"]:
        hour, second = int(found["hour"]), int(found["second"] or 0)
        minute = 30 if found["past"] == "半" else int(found["minute"] or 0)
        half = found["half"] or found["half_after"] or ("晚上" if evening else "")
    else:
        hour, minute, second, half = 0, 0, 0, ""
    return day.replace(hour=_hour(hour, half), minute=minute, second=second, microsecond=0, fold=0).astimezone(UTC)


def _hour(hour: int, half: str) -> int:
    half = half.replace(".", "")
    if half in {"pm", "下午", "傍晚", "晚上", "夜里", "晚"} and 1 <= hour < 12:  # noqa: PLR2004 (twelve hours)
        return hour if half == "夜里" and hour < 6 else hour + 12  # noqa: PLR2004 (夜里 2 点 is two in the morning)
    if half == "中午" and hour in {1, 2}:
        return hour + 12
    if half in {"am", "凌晨", "晚上", "夜里"} and hour == 12:  # noqa: PLR2004
        return 0
    return hour


def _epoch(found: re.Match[str], local: datetime) -> datetime:  # noqa: ARG001 (the forms' common shape)
    return datetime.fromtimestamp(int(found["seconds"]) + int(found["millis"] or 0) / 1000, UTC)


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], datetime]], ...]] = (
    (_AGO, _ago),
    (_DAY, _days_back),
    (_WEEKDAY, _weekday),
    (_LAST_YEAR, _last_year),
    (_BARE_CLOCK, _of_today),
    (_ABSOLUTE, _on_date),
    (_ABSOLUTE_EN, _on_date_en),
    (_EPOCH, _epoch),
)


def _standard(text: str, value: str, zone: ZoneInfo) -> datetime:
    parsed: datetime | None = None
    for one in (text.strip(), value):
        for read in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                parsed = read(one.upper() if read is datetime.fromisoformat else one)
            except (TypeError, ValueError, IndexError):
                continue
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    raise ValueError(f"{number(value)[:40]!r} is no time of a known form")
