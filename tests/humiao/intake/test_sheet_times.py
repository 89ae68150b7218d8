"""Times in sheets: as people write them, never counted from a day that the sheet does not name."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from humiao.intake.excel_values import date_text, is_date_format, number_text
from humiao.intake.sheet_times import EXCEL_EPOCH, MAC_EPOCH, read_sheet_time
from tests.humiao.intake.files import NOW

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 3, 1, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01 20:15", EVENING),
        ("2026-03-01T20:15:00+08:00", EVENING),
        ("2026-03-01T12:15:00Z", EVENING),
        ("2026/3/1 20:15", EVENING),
        ("2026.3.1 20:15", EVENING),
        ("2026年3月1日 晚上8点15分", EVENING),
        ("2026年3月1日20时15分", EVENING),
        ("2026年3月1日 晚上8点", EVENING - timedelta(minutes=15)),
        ("2026-3-1 下午8:15", EVENING),
        ("２０２６年３月１日 20：15", EVENING),
        ("2026年3月1日 星期日 20:15", EVENING),
        ("2026/3/1", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("46082.84375", EVENING),
        ("46082", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("1772367300", EVENING),
        (" 2026-03-01 20:15:00 ", EVENING),
    ],
)
def test_what_people_write_is_one_instant(text, instant):
    assert read_sheet_time(text, SHANGHAI, NOW) == instant


@pytest.mark.parametrize("text", ["昨天 20:15", "3月1日 20:15", "20:15", "刚刚", "3 小时前", "周三", "3-1"])
def test_what_counts_from_today_is_refused(text):
    with pytest.raises(ValueError, match=r"year|future|known form"):
        read_sheet_time(text, SHANGHAI, NOW)


@pytest.mark.parametrize("text", ["", "下午", "2026-13-01", "2026-02-30 10:00", "03/04/2026", "不详", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        read_sheet_time(text, SHANGHAI, NOW)


def test_an_hour_that_the_clocks_left_out_does_not_exist():
    for text in ("2026-03-29 02:30", "2026/3/29 2:30", "2026年3月29日 2:30"):
        with pytest.raises(ValueError, match="put forward"):
            read_sheet_time(text, ZoneInfo("Europe/Berlin"), NOW)


@given(st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2100-01-01")))
def test_the_present_has_no_say(moment):
    text = moment.replace(microsecond=0).strftime("%Y年%m月%d日 %H:%M:%S")
    assert {read_sheet_time(text, SHANGHAI, NOW), read_sheet_time(text, SHANGHAI, NOW + timedelta(days=400))} == {
        moment.replace(microsecond=0, tzinfo=SHANGHAI).astimezone(UTC)
    }


@given(st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2100-01-01")))
def test_a_serial_number_is_the_date_that_excel_shows(moment):
    moment = moment.replace(microsecond=0)
    for epoch in (EXCEL_EPOCH, MAC_EPOCH):
        days = (moment - datetime.combine(epoch, time())) / timedelta(days=1)
        if days < 61:
            continue
        text = date_text(repr(days), epoch)
        assert datetime.fromisoformat(text) == moment


@pytest.mark.parametrize(
    ("raw", "epoch", "text"),
    [
        ("1", EXCEL_EPOCH, "1900-01-01"),
        ("59", EXCEL_EPOCH, "1900-02-28"),
        ("61", EXCEL_EPOCH, "1900-03-01"),
        ("0.84375", EXCEL_EPOCH, "20:15:00"),
        ("0", MAC_EPOCH, "00:00:00"),
        ("44620", MAC_EPOCH, "2026-03-01"),
        ("-1", EXCEL_EPOCH, "-1"),
        ("1e300", EXCEL_EPOCH, "1e+300"),
        ("nan", EXCEL_EPOCH, "nan"),
        ("2958465", EXCEL_EPOCH, date.max.isoformat()),
    ],
)
def test_serial_numbers_at_the_edges(raw, epoch, text):
    assert date_text(raw, epoch) == text


@pytest.mark.parametrize(
    ("number", "code", "shows_date"),
    [
        (14, "", True), (22, "", True), (31, "", True), (57, "", True), (0, "", False), (2, "", False), (49, "", False),
        (164, "yyyy/m/d h:mm", True), (165, 'yyyy"年"m"月"d"日";@', True), (166, "[$-804]aaaa", False), (167, "0.00_);[Red]", False),
        (168, "[h]:mm", True), (169, "General", False), (170, '"第"0"天"', False), (171, "#,##0.00元", False), (172, "yyyy年m月", True),
    ],
)  # fmt: skip
def test_formats_of_dates_are_told_from_those_of_numbers(number, code, shows_date):
    assert is_date_format(number, code) is shows_date


def test_numbers_read_as_people_read_them():
    shown = [
        number_text(raw) for raw in ("13800138000", "1.3800138E10", "3", "3.0", "0.1", "110101201003070011", "nan", "1E400", "x")
    ]
    assert shown == ["13800138000", "13800138000", "3", "3", "0.1", "110101201003070011", "nan", "1E400", "x"]
