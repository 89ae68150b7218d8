"""Routes: which channel is told of which alert, and how fast. Data in YAML, checked when it is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from alerting.calendar import SHANGHAI
from alerting.notify.hours import Window, clock_time, next_at, next_hour
from humiao.alert import Alert, Grade
from humiao.event import Event

Pace = Literal["at_once", "hourly", "daily"]
Kind = Literal["raised", "regraded", "deadline_near", "deadline_passed", "reopened", "duty_called"]
KINDS: Final[tuple[Kind, ...]] = ("raised", "regraded", "deadline_near", "deadline_passed", "reopened", "duty_called")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ON_DUTY: Final = "on_duty"
"""Stands for the channels of whoever is on duty, by the file's `people`; the events of duty calls and deadlines name them."""
SLOW: Final = (Grade.YELLOW, Grade.BLUE)
"""Grades that may wait for a digest; the others go at once."""
_BETWEEN_PLACES: Final = "、"

_Window = Annotated[Window, BeforeValidator(lambda value: Window.read(value) if isinstance(value, str) else value)]
_Time = Annotated[time, BeforeValidator(lambda value: clock_time(value) if isinstance(value, str) else value)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Digest(_Entry):
    """How long the less urgent grades may be gathered."""

    yellow: Pace = "hourly"
    blue: Pace = "daily"


class Channel(_Entry):
    """A group chat, mailbox or webhook."""

    url: str = Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|file:.+)$")
    """Where its Apprise URL stands: ``env:VARIABLE`` or ``file:PATH`` (relative to this file). The URL is a secret."""
    language: Literal["zh", "en"] = "zh"
    per_minute: float = Field(default=20, gt=0, le=600)
    """Messages a minute at most."""
    timeout_seconds: float = Field(default=8, ge=0.2, le=60)
    give_up_hours: float = Field(default=24, gt=0, le=24 * 30)
    """A message that was not taken for so long becomes a dead letter."""
    digest: Digest = Digest()
    digest_at: _Time = time(8, 30)
    """Time of the daily digest (Shanghai)."""
    quiet: _Window | None = None
    """Hours (Shanghai) in which nothing is sent but what breaks the quiet."""
    quiet_breaks: list[Grade] = [Grade.RED, Grade.ORANGE]

    def due(self, grade: Grade, at: datetime) -> datetime:
        """When news of `grade` that came up at `at` may be sent."""
        pace = {Grade.YELLOW: self.digest.yellow, Grade.BLUE: self.digest.blue}.get(grade, "at_once")
        due = at if pace == "at_once" else next_hour(at) if pace == "hourly" else next_at(self.digest_at, at)
        if self.quiet and grade not in self.quiet_breaks and self.quiet.holds(due):
            return self.quiet.end_after(due)
        return due

    def is_digested(self, grade: Grade) -> bool:
        """Whether news of `grade` is gathered for a digest."""
        return {Grade.YELLOW: self.digest.yellow, Grade.BLUE: self.digest.blue}.get(grade, "at_once") != "at_once"

    @property
    def give_up(self) -> timedelta:
        """How long a message is tried."""
        return timedelta(hours=self.give_up_hours)


class Route(_Entry):
    """Whom to tell of what. Every route that fits is followed; a field that is left out lets everything through."""

    name: _Name
    to: list[str] = Field(min_length=1)
    """Channels, or ``on_duty``."""
    grades: list[Grade] = Field(default_factory=lambda: list(Grade), min_length=1)
    events: list[Kind] = Field(default_factory=lambda: list(KINDS), min_length=1)
    places: list[str] = []
    """Names of places; ``*`` stands for anything."""
    departments: list[str] = []
    """Words of the lead department as the policies name it."""
    hours: _Window | None = None
    """Part of the day (Shanghai)."""
    days: list[Day] = []
    """Days of the week (Shanghai)."""

    def fits(self, kind: str, at: datetime, alert: Alert, lead: str) -> bool:
        """Whether an event of `kind` at `at` on `alert`, whose policy names the department `lead`, goes this way."""
        return (
            kind in self.events
            and alert.grade in self.grades
            and (not self.places or any(fnmatchcase(p, one) for p in alert.place.split(_BETWEEN_PLACES) for one in self.places))
            and (not self.departments or any(one in lead for one in self.departments))
            and (self.hours is None or self.hours.holds(at))
            and (not self.days or DAYS[at.astimezone(SHANGHAI).weekday()] in self.days)
        )

    @property
    def is_always(self) -> bool:
        """Whether it is in force at every hour, for every place and department."""
        return not (self.places or self.departments or self.hours or self.days)


@dataclass(frozen=True, slots=True)
class Routes:
    """A loaded routes file; without one nobody is told."""

    channels: Mapping[str, Channel]
    routes: Sequence[Route]
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Who may be on duty → their channels."""

    def channels_for(self, event: Event, alert: Alert, lead: str) -> list[str]:
        """Channels to be told of `event`, in the file's order; `lead` is the lead department that the alert's policy names."""
        named = {name for route in self.routes if route.fits(event.kind, event.at, alert, lead) for name in route.to}
        if ON_DUTY in named:
            named |= {name for person in event.data.get("on_duty", ()) for name in self.people.get(person, ())}
        return [name for name in self.channels if name in named]

    def gaps(self) -> list[str]:
        """What may surprise whoever wrote the file, one line each."""
        used = {name for route in self.routes for name in route.to} | {name for some in self.people.values() for name in some}
        lines = [f"channel {name}: no route leads to it" for name in self.channels if name not in used]
        everything = [route for route in self.routes if route.is_always and "raised" in route.events]
        return lines + [
            f"{grade.value}: no route takes new alerts of this grade from every place at every hour"
            for grade in Grade
            if not any(grade in route.grades for route in everything)
        ]


NOBODY: Final = Routes({}, ())
