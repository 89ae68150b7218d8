"""Who is on duty when: a weekly schedule with exceptions, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from alerting.calendar import SHANGHAI, Calendar
from alerting.cel import meant
from alerting.data_file import first_problem, read_yaml
from alerting.policy import Entry
from humiao.errors import SettingsError

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "workdays", "restdays"]
WEEK: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = timedelta(days=1)
_MINUTES: Final = 24 * 60


def _clock(value: object) -> object:
    """YAML 1.1 reads an unquoted 22:00 as 1320 (base 60)."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < _MINUTES:
            raise ValueError(f"{value // 60}:{value % 60:02} is no time of day; write 08:30")
        return time(*divmod(value, 60))
    if value == "24:00":
        return time(0)
    return value


_Clock = Annotated[time, BeforeValidator(_clock)]


class Shift(Entry):
    """Who is on duty on some days within some hours; it may reach over midnight and belongs to the day on which it begins."""

    who: list[str] = Field(min_length=1)
    """Accounts or names."""
    days: list[Day] = Field(default_factory=lambda: list(WEEK), min_length=1)
    begins: _Clock = time(0)
    """Shanghai time."""
    ends: _Clock = time(0)
    """Not any more on duty; equal to `begins` = a whole day later."""


class _File(Entry):
    shifts: list[Shift] = Field(min_length=1)
    on: dict[date, list[str]] = Field(default_factory=dict)
    """Days (Shanghai, midnight to midnight) on which these people are on duty instead."""

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, content: object) -> object:
        """YAML 1.1 reads an unquoted ``on`` as true."""
        if isinstance(content, dict) and True in content:
            return {("on" if key is True else key): value for key, value in content.items()}
        return content


@dataclass(frozen=True, slots=True)
class Roster:
    """A loaded schedule."""

    shifts: tuple[Shift, ...]
    exceptions: Mapping[date, list[str]]
    calendar: Calendar

    @classmethod
    def load(cls, file: Path | None, calendar: Calendar) -> "Roster":
        """Read `file`; None = nobody is ever on duty.

        Raises:
            SettingsError: ``FILE: field: reason``.
        """
        if file is None:
            return cls((), {}, calendar)
        try:
            parsed = _File.model_validate(read_yaml(file, "alert.duty"))
        except ValidationError as error:
            problem = first_problem(error)
            known = Shift.model_fields if "shifts" in problem.path[:1] else _File.model_fields
            what = f"is no field; {meant(str(problem.path[-1]), known)}" if problem.is_unknown else problem.reason
            raise SettingsError(f"{file}: {problem.field}: {what}") from error
        return cls(tuple(parsed.shifts), parsed.on, calendar)

    def at(self, instant: datetime) -> list[str]:
        """Who is on duty at `instant` (with zone), in the file's order; empty = nobody."""
        local = instant.astimezone(SHANGHAI)
        if local.date() in self.exceptions:
            return list(self.exceptions[local.date()])
        found = [shift for shift in self.shifts if self._covers(shift, local)]
        return list(dict.fromkeys(person for shift in found for person in shift.who))

    def _covers(self, shift: Shift, local: datetime) -> bool:
        now = local.time().replace(tzinfo=None)
        if shift.begins < shift.ends:
            return shift.begins <= now < shift.ends and self._is_day(shift, local.date())
        if now >= shift.begins:
            return self._is_day(shift, local.date())
        return now < shift.ends and self._is_day(shift, local.date() - _DAY)

    def _is_day(self, shift: Shift, day: date) -> bool:
        named: set[str] = {WEEK[day.weekday()], "workdays" if self.calendar.is_workday(day) else "restdays"}
        return not named.isdisjoint(shift.days)
