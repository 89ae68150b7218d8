"""Working days, read from a dated file: weekends, statutory holidays, and the days that the yearly notice moves (调休)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from alerting.data_file import first_problem, read_yaml
from humiao.errors import SettingsError

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SHIPPED: Final = Path(__file__).with_name("days.yaml")
CLOSES: Final = time(18)
"""When the desk's working day ends: a time limit in days ends then (民法典 203: 有业务时间的，停止业务活动的时间为截止时间)."""
_SATURDAY: Final = 5
_DECEMBER: Final = 12


class Year(BaseModel):
    """What differs from the week in one year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    """Where the days are from."""
    complete: bool
    """Whether the moved days are in; False = only the statutory ones are known."""
    statutory: frozenset[date]
    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _consistent(self) -> "Year":
        off = self.statutory | self.rest
        if both := sorted(off & self.work):
            raise ValueError(f"{both[0]} is both off and worked")
        if plain := sorted(day for day in self.work if day.weekday() < _SATURDAY):
            raise ValueError(f"work: {plain[0]} is no weekend day, it is worked anyway")
        return self


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working calendar."""

    years: Mapping[int, Year]

    @classmethod
    def load(cls, extra: Path | None = None) -> "Calendar":
        """The shipped years, with those of `extra` in their place or beside them.

        Raises:
            SettingsError: `extra` can't be used; says where and why.
        """
        years = dict(_read(SHIPPED))
        if extra is not None:
            years |= _read(extra)
        return cls(years)

    def is_workday(self, day: date) -> bool:
        """Whether people work on `day` (a day in China). A year that isn't known has its weekends off and nothing else."""
        year = self.years.get(day.year)
        if year is not None and (day in year.statutory or day in year.rest):
            return False
        return day.weekday() < _SATURDAY or (year is not None and day in year.work)

    def is_statutory(self, day: date) -> bool:
        """Whether `day` is a statutory holiday (法定节假日), which a day off need not be."""
        year = self.years.get(day.year)
        return year is not None and day in year.statutory

    def after_workdays(self, instant: datetime, days: int) -> datetime:
        """End of the `days`-th working day after the day of `instant` (UTC).

        The day itself does not count (民法典 201); the limit ends with the working hours of the last day.
        """
        day = instant.astimezone(SHANGHAI).date()
        left = days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_workday(day)
        return datetime.combine(day, CLOSES, SHANGHAI).astimezone(UTC)

    def warnings(self, today: date) -> list[str]:
        """What an operator must add: a year now needed whose moved days are not known (in December, next year's too)."""
        needed = [today.year] + ([today.year + 1] if today.month == _DECEMBER else [])
        found = []
        for number in needed:
            year = self.years.get(number)
            if year is None or not year.complete:
                known = "only its statutory holidays are known" if year else "nothing is known of it"
                found.append(f"calendar: {number} lacks the days moved by 调休 ({known}); add the yearly notice (alert.calendar)")
        return found


def _read(file: Path) -> dict[int, Year]:
    try:
        years = TypeAdapter(dict[int, Year]).validate_python(read_yaml(file, "alert.calendar"))
    except ValidationError as error:
        problem = first_problem(error)
        raise SettingsError(f"{file}: {problem.field}: {problem.reason}") from error
    for number, year in years.items():
        for day in sorted(year.statutory | year.rest | year.work):
            if day.year != number:
                raise SettingsError(f"{file}: {number}: {day} is a day of another year")
    return years
