"""Working days with 调休: three known years, and what is told where the moved days are missing."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from alerting.calendar import Calendar
from humiao.errors import SettingsError


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-01-26", True),  # Sunday before the Spring Festival, worked
        ("2025-02-03", False),  # Monday, moved
        ("2025-10-06", False),  # Mid-Autumn within the National Day week
        ("2025-10-11", True),
        ("2025-10-18", False),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-09-20", True),
        ("2026-10-10", True),
        ("2027-02-05", False),  # New Year's Eve, statutory
        ("2027-09-15", False),
        ("2027-09-18", False),
        ("2031-05-01", True),  # an unknown year has its weekends only: Thursday
    ],
)
def test_days_are_worked_or_not(day: str, worked: bool) -> None:
    assert Calendar.load().is_workday(date.fromisoformat(day)) is worked


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_year_has_thirteen_statutory_days(year: int) -> None:
    assert len(Calendar.load().years[year].statutory) == 13


@pytest.mark.parametrize("year", [2025, 2026])
def test_moved_days_and_made_up_days_add_up(year: int) -> None:
    known = Calendar.load().years[year]
    fell_on_weekends = sum(day.weekday() >= 5 for day in known.statutory)
    assert len(known.rest) == len(known.work) + fell_on_weekends


def test_a_statutory_holiday_is_not_every_day_off() -> None:
    calendar = Calendar.load()
    assert calendar.is_statutory(date(2026, 10, 1))
    assert not calendar.is_statutory(date(2026, 10, 7))


@pytest.mark.parametrize(
    ("found", "days", "due"),
    [
        ("2026-03-02T04:00:00+00:00", 3, "2026-03-05T10:00:00+00:00"),  # Monday noon -> Thursday 18:00 in Shanghai
        ("2026-03-06T04:00:00+00:00", 1, "2026-03-09T10:00:00+00:00"),  # over a weekend
        ("2026-09-30T04:00:00+00:00", 3, "2026-10-10T10:00:00+00:00"),  # National Day, then Thursday, Friday and a worked Saturday
        ("2026-02-13T04:00:00+00:00", 1, "2026-02-14T10:00:00+00:00"),  # a worked Saturday
        ("2026-03-02T17:00:00+00:00", 1, "2026-03-04T10:00:00+00:00"),  # already Tuesday in Shanghai
    ],
)
def test_a_limit_in_working_days_ends_with_the_last_days_work(found: str, days: int, due: str) -> None:
    assert Calendar.load().after_workdays(datetime.fromisoformat(found), days) == datetime.fromisoformat(due).astimezone(UTC)


def test_missing_moved_days_are_told_in_time() -> None:
    calendar = Calendar.load()
    assert calendar.warnings(date(2026, 11, 30)) == []
    (next_year,) = calendar.warnings(date(2026, 12, 1))
    assert "2027 lacks" in next_year
    assert len(calendar.warnings(date(2027, 12, 1))) == 2


def test_operators_add_years(tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("2027: {source: 通知, complete: true, statutory: [2027-01-01], rest: [], work: [2027-01-03]}", encoding="utf-8")
    calendar = Calendar.load(file)
    assert calendar.is_workday(date(2027, 1, 3))
    assert calendar.is_workday(date(2026, 10, 10)), "the shipped years stay"
    assert calendar.warnings(date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2027: {source: x, complete: true, statutory: [2026-01-01]}", "2027: 2026-01-01 is a day of another year"),
        ("2027: {source: x, complete: true, statutory: [], work: [2027-01-04]}", "2027: work: 2027-01-04 is no weekend day"),
        ("2027: {source: x, complete: true, statutory: [2027-01-02], work: [2027-01-02]}", "is both off and worked"),
        ("2027: {complete: true, statutory: []}", "2027.source: "),
        ("2027: [", "is not YAML"),
    ],
)
def test_a_bad_calendar_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Calendar.load(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
