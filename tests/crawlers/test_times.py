from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawlers.times import parse_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 3, 4, 30, tzinfo=UTC)  # 12:30 in Shanghai


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23 20:15", "2026-11-23T12:15:00"),
        ("2026-11-23 20:15:42", "2026-11-23T12:15:42"),
        ("2026-1-2 08:05", "2026-01-02T00:05:00"),
        ("2026/1/2 8:05", "2026-01-02T00:05:00"),
        ("2026年1月2日 8:05", "2026-01-02T00:05:00"),
        ("2026年1月2日8时05分", "2026-01-02T00:05:00"),
        ("2026.01.02", "2026-01-01T16:00:00"),
        ("发表于 2026-1-2 08:05", "2026-01-02T00:05:00"),
        ("发布于：2026-01-02\u00a008:05", "2026-01-02T00:05:00"),
        ("2026-01-02T08:05:00", "2026-01-02T00:05:00"),
        ("2026-01-02T08:05:00+02:00", "2026-01-02T06:05:00"),
        ("2026-01-02T08:05:00.5Z", "2026-01-02T08:05:00.500000"),
        ("Fri, 02 Jan 2026 08:05:00 +0800", "2026-01-02T00:05:00"),
        ("Fri, 02 Jan 2026 08:05:00 GMT", "2026-01-02T08:05:00"),
        ("刚刚", "2026-01-03T04:30:00"),
        ("30 秒前", "2026-01-03T04:29:30"),
        ("5\u00a0分钟前", "2026-01-03T04:25:00"),
        ("半小时前", "2026-01-03T04:00:00"),
        ("半个小时前", "2026-01-03T04:00:00"),
        ("3 小时前", "2026-01-03T01:30:00"),
        ("3个小时前", "2026-01-03T01:30:00"),
        ("今天 09:10", "2026-01-03T01:10:00"),
        ("昨天 20:15", "2026-01-02T12:15:00"),
        ("昨天20:15", "2026-01-02T12:15:00"),
        ("前天 20:15", "2026-01-01T12:15:00"),
        ("4 天前 20:15", "2025-12-30T12:15:00"),
        ("2 天前", "2026-01-01T04:30:00"),
        ("09:10", "2026-01-03T01:10:00"),
        ("01-02 20:15", "2026-01-02T12:15:00"),
        ("12-31 20:15", "2025-12-31T12:15:00"),  # in January, December is last year
        ("2026-1-2 周五", "2026-01-01T16:00:00"),
        ("2026年1月2日 星期五 下午3:05", "2026-01-02T07:05:00"),
        ("2026年1月2日（周五）晚上8点半", "2026-01-02T12:30:00"),
        ("1月2日 凌晨12:10", "2026-01-01T16:10:00"),
        ("1月2日 中午12:10", "2026-01-02T04:10:00"),
        ("昨晚 8:15", "2026-01-02T12:15:00"),
        ("大前天 20:15", "2025-12-31T12:15:00"),
        ("昨日 下午 3:05", "2026-01-02T07:05:00"),
        ("5 分鐘前", "2026-01-03T04:25:00"),
        ("發表於 2026-1-2 08:05", "2026-01-02T00:05:00"),
        ("１２分钟前", "2026-01-03T04:18:00"),
        ("十二分钟前", "2026-01-03T04:18:00"),
        ("两小时前", "2026-01-03T02:30:00"),
        ("一个半小时前", "2026-01-03T03:00:00"),
        ("几秒前", "2026-01-03T04:30:00"),
        ("3 个月前", "2025-10-05T04:30:00"),
        ("去年 12-31", "2025-12-30T16:00:00"),
        ("上周三 20:15", "2025-12-24T12:15:00"),
        ("周五 20:15", "2026-01-02T12:15:00"),
        ("23:50", "2026-01-02T15:50:00"),  # at half past twelve that was yesterday
        ("最后编辑于 2026-1-2 08:05", "2026-01-02T00:05:00"),
        ("2026-1-2 08:05 来自 手机", "2026-01-02T00:05:00"),
        ("Jan. 2, 2026, 3:05 p.m.", "2026-01-02T07:05:00"),
        ("2 January 2026 15:05", "2026-01-02T07:05:00"),
        ("Jan 2, 2026 at 12:05 AM", "2026-01-01T16:05:00"),
        ("Jan. 2, 2026, 3 p.m.", "2026-01-02T07:00:00"),
        ("5 minutes ago", "2026-01-03T04:25:00"),
        ("an hour ago", "2026-01-03T03:30:00"),
        ("Yesterday at 3:05 PM", "2026-01-02T07:05:00"),
        ("1767341100", "2026-01-02T08:05:00"),
        ("1767341100500", "2026-01-02T08:05:00.500000"),
        ("2-29 08:00", "2024-02-29T00:00:00"),
    ],
)
def test_time_of_a_page_becomes_utc(text, expected):
    assert parse_time(text, SHANGHAI, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "很久以前",
        "2026-13-01 10:00",
        "2026-02-30",
        "25:10",
        "昨天 25:00",
        "20:15 abc",
        "99999999999天前",
        "2-30 08:00",
        "24:00",
        "周八 8:00",
        "第 3 楼",
        "阅读 1024",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        parse_time(text, SHANGHAI, NOW)


NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight of New Year in Shanghai
INSTANTS = st.integers(1_546_300_800, 1_925_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
AROUND_MIDNIGHT = st.integers(-7200, 7200).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
MOMENTS = INSTANTS | AROUND_MIDNIGHT
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]).map(ZoneInfo)


def clock(local: datetime) -> str:
    return f"{local.hour}:{local.minute:02}"


def to_minute(instant: datetime) -> datetime:
    return instant.replace(second=0)


@given(
    MOMENTS,
    MOMENTS,
    ZONES,
    st.sampled_from(
        ["{0.year}-{0.month}-{0.day} {1}", "{0.year}年{0.month}月{0.day}日 {1}", "{0.year}/{0.month:02}/{0.day:02} {1}"]
    ),
)
@example(NEW_YEAR, NEW_YEAR + timedelta(seconds=1), SHANGHAI, "{0.year}-{0.month}-{0.day} {1}")
def test_a_whole_date_gives_the_instant_back_whenever_it_is_read(written, now, zone, form):
    local = written.astimezone(zone)
    read = parse_time(form.format(local, clock(local)), zone, now)
    assert read.astimezone(zone).replace(tzinfo=None) == to_minute(local).replace(tzinfo=None)
    if not local.fold and (local + timedelta(hours=2)).utcoffset() == local.utcoffset():
        assert read == to_minute(written)


@given(MOMENTS, st.integers(0, 364 * 24 * 60), ZONES)
def test_a_date_without_year_is_the_last_one_that_has_passed(now, minutes, zone):
    written = to_minute(now - timedelta(minutes=minutes)).astimezone(zone)
    read = parse_time(f"{written.month}-{written.day} {clock(written)}", zone, now)
    assert read.astimezone(zone).replace(tzinfo=None) == written.replace(tzinfo=None)


@given(MOMENTS, st.integers(0, 3 * 24 * 60 - 1), ZONES)
def test_days_in_words_count_calendar_days_of_the_zone(now, minutes, zone):
    written = to_minute(now - timedelta(minutes=minutes)).astimezone(zone)
    days = (now.astimezone(zone).date() - written.date()).days
    word = ["今天", "昨天", "前天", "大前天"][days]
    read = parse_time(f"{word} {clock(written)}", zone, now)
    assert read.astimezone(zone).replace(tzinfo=None) == written.replace(tzinfo=None)


@given(MOMENTS, st.integers(0, 24 * 60 - 16))
def test_a_bare_time_of_day_is_the_last_one_that_has_passed(now, minutes):
    written = to_minute(now - timedelta(minutes=minutes))
    assert parse_time(clock(written.astimezone(SHANGHAI)), SHANGHAI, now) == written


@given(
    MOMENTS,
    ZONES,
    st.integers(1, 59),
    st.sampled_from([("秒前", 1), (" 分钟前", 60), ("小时前", 3600), (" 天前", 86400), (" minutes ago", 60)]),
)
def test_time_since_then_is_taken_from_now_in_seconds(now, zone, number, unit):
    assert parse_time(f"{number}{unit[0]}", zone, now) == now - timedelta(seconds=number * unit[1])


@given(st.text(max_size=40), MOMENTS)
def test_any_text_is_a_time_or_is_refused(text, now):
    with suppress(ValueError, OverflowError):
        assert parse_time(text, SHANGHAI, now).tzinfo is UTC
