"""A policy: one rule that says which posts raise an alert, how urgent, until when, for whom, by which law."""

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerting.calendar import Calendar
from alerting.conditions import Condition
from alerting.grades import GRADES
from humiao.alert import Grade

OWN_RULE: Final = "本站内部时限（法律未规定小时数）"


class Entry(BaseModel):
    """A table of a policy file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Law(Entry):
    """A law as policies cite it: articles are renumbered, so a citation needs the version."""

    title: str = Field(min_length=1)
    version: str = Field(min_length=1)
    effective: date | None = None


class Policy(Entry):
    """One rule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    version: int = Field(ge=1)
    title: str = ""
    owner: str = Field(min_length=1)
    condition: str = Field(min_length=1)
    grade: Grade
    deadline_hours: Annotated[float, Field(gt=0, le=24 * 365)] | None = None
    """Hours around the clock to decide; none = what the grade allows, unless `deadline_workdays` is given."""
    deadline_workdays: Annotated[int, Field(ge=1, le=250)] | None = None
    """Working days to decide; the day of the finding doesn't count."""
    deadline_source: str = ""
    """The law or rule that the time limit rests on; empty = the desk's own."""
    route: str = ""
    """Lead department."""
    duty: bool = False
    """Calls whoever is on duty as soon as it raises an alert."""
    basis: list[str] = Field(default_factory=list)
    """``LAW ARTICLES``, the law by its short name."""
    quiet: bool = False
    """Also held against posts in which no harm is over its threshold, and against warnings and news."""
    shadow: bool = False
    """Only watched: its matches stand in a view of their own, never in the queue."""

    @model_validator(mode="after")
    def _one_limit(self) -> "Policy":
        if self.deadline_hours is not None and self.deadline_workdays is not None:
            raise ValueError("has deadline_hours and deadline_workdays; keep one of them")
        return self

    @property
    def ref(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    def due(self, found_at: datetime, calendar: Calendar) -> datetime:
        """When a post found at `found_at` must have been decided (UTC).

        Raises:
            OverflowError: that is beyond the year 9999.
        """
        if self.deadline_workdays is not None:
            return calendar.after_workdays(found_at, self.deadline_workdays)
        return found_at + timedelta(hours=self.deadline_hours or GRADES[self.grade].hours)

    @property
    def limit(self) -> str:
        """The time limit with its source, in Chinese."""
        if self.deadline_workdays is not None:
            span = f"{self.deadline_workdays}个工作日"
        else:
            span = f"{self.deadline_hours or GRADES[self.grade].hours:g}小时（昼夜连续计算）"
        return f"{span}；依据：{self.deadline_source or OWN_RULE}"

    @cached_property
    def compiled(self) -> Condition:
        """The condition, ready to be evaluated."""
        return Condition(self.condition)
