"""When a post was written, from how sites write it: ISO 8601, RFC 2822, plain dates, and the relative forms of Chinese forums."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

_CLOCK: Final = r"(?P<hour>\d{1,2})[:：时点](?P<minute>\d{1,2})分?(?:[:：]?(?P<second>\d{1,2})秒?)?"
_DATE: Final = r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
_ABSOLUTE: Final = re.compile(rf"^{_DATE}(?:[T\s]*{_CLOCK})?$")
_DAY: Final = re.compile(rf"^(?P<word>今天|昨天|前天|(?P<days>\d{{1,4}})\s*天前)\s*{_CLOCK}$")
_BARE_CLOCK: Final = re.compile(rf"^{_CLOCK}$")
_AGO: Final = re.compile(r"^(?:(?P<number>\d{1,6})\s*(?:个)?|(?P<half>半)\s*(?:个)?)(?P<unit>秒|分钟|小时|天|周|星期)前$")
_UNITS: Final = {"秒": 1, "分钟": 60, "小时": 3600, "天": 86400, "周": 604800, "星期": 604800}
_WORDS: Final = {"今天": 0, "昨天": 1, "前天": 2}


def parse_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC) that `text` names.

    Args:
        text: what the page says; labels such as 发表于 around it are fine.
        zone: zone of a time without offset.
        now: when the page was fetched (aware); relative times and dates without a year count from it.

    Raises:
        ValueError: no known form, or a time that does not exist.
    """
    value = re.sub(r"[\s\u00a0\u3000]+", " ", text).strip()
    value = re.sub(r"^(?:发表于|发布于|发布时间|回复于|编辑于|时间)\s*[:：]?\s*", "", value)
    local = now.astimezone(zone)
    if value in {"刚刚", "刚才"}:
        return now.astimezone(UTC)
    if found := _AGO.match(value):
        amount = 0.5 if found["half"] else int(found["number"])
        return (now - timedelta(seconds=amount * _UNITS[found["unit"]])).astimezone(UTC)
    if found := _DAY.match(value):
        back = int(found["days"]) if found["days"] else _WORDS[found["word"]]
        return _at(local - timedelta(days=back), found)
    if found := _BARE_CLOCK.match(value):
        return _at(local, found)
    if found := _ABSOLUTE.match(value):
        return _on_date(local, found)
    return _standard(value, zone)


def _at(day: datetime, found: re.Match[str]) -> datetime:
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0)) if found["hour"] else (0, 0, 0)
    return day.replace(hour=clock[0], minute=clock[1], second=clock[2], microsecond=0).astimezone(UTC)


def _on_date(local: datetime, found: re.Match[str]) -> datetime:
    year = int(found["year"]) if found["year"] else local.year
    parsed = _at(local.replace(year=year, month=int(found["month"]), day=int(found["day"])), found)
    if not found["year"] and parsed > local + timedelta(days=1):  # a date without a year lies in the past
        return _at(local.replace(year=year - 1, month=int(found["month"]), day=int(found["day"])), found)
    return parsed


def _standard(value: str, zone: ZoneInfo) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{value[:40]!r} is no time of a known form") from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
