"""What a person may do to an alert over HTTP: the bodies of ``POST /api/v1/alerts/{id}/events``, told apart by ``kind``."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from alerting import claims, desk, life, regrades, second, windows
from alerting.console.context import Context
from alerting.pseudonyms import Pseudonyms
from alerting.remarks import LONGEST
from alerting.reopening import Reopening
from humiao.alert import Grade
from humiao.event import Event
from humiao.labels import Harm, Stance
from humiao.post import Time

Reason = Annotated[str, Field(max_length=LONGEST)]


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decided(_Act):
    """A decision on an alert."""

    kind: Literal["decided"] = "decided"
    decision: desk.Decision
    reason: Reason = ""
    of: str = Field(default="", max_length=64, description="For duplicate: the alert that stays.")
    department: str = Field(default="", max_length=200, description="For transfer: who has it now.")

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        now = here.clock()
        settled = desk.decide(here.store, alert, who, self.decision, self.reason, now, of=self.of, department=self.department)
        return _last(here, settled.id, life.DECIDED)


class Claimed(_Act):
    """Claim the alert for a time, or take it over."""

    kind: Literal["claimed"]
    minutes: int = Field(default=claims.LEASE // timedelta(minutes=1), ge=1, le=claims.LONGEST // timedelta(minutes=1))
    take_over: bool = False
    reason: Reason = ""

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        lease = timedelta(minutes=self.minutes)
        return claims.claim(here.store, alert, who, here.clock(), lease=lease, take_over=self.take_over, reason=self.reason)


class Released(_Act):
    """Give up one's claim."""

    kind: Literal["released"]

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return claims.release(here.store, alert, who, here.clock())


class SecondView(_Act):
    """Leave the decision to another person."""

    kind: Literal["second_view"]
    reason: Reason

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return second.ask(here.store, alert, who, self.reason, here.clock())


class Reviewed(_Act):
    """How a second person would have decided."""

    kind: Literal["reviewed"]
    decision: Literal["confirm", "dismiss"]

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return second.review(here.store, alert, who, self.decision, here.clock())


class Labelled(_Act):
    """What the posts really are."""

    kind: Literal["labelled"]
    harm: list[Harm]
    stance: Stance

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return second.label(here.store, alert, who, self.harm, self.stance, here.clock())


class Reopened(_Act):
    """Undo the decision, or bring back what a window hides."""

    kind: Literal["reopened"]
    reason: Reason

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return _last(here, desk.reopen(here.store, alert, who, self.reason, here.clock()).id, life.REOPENED)


class Regraded(_Act):
    """Another grade, in a person's judgement; its time limit runs from now."""

    kind: Literal["regraded"]
    grade: Grade
    reason: Reason

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        settled = regrades.regrade(here.store, alert, who, self.grade, self.reason, here.clock())
        return _last(here, settled.id, regrades.REGRADED)


class Noted(_Act):
    """A remark."""

    kind: Literal["noted"]
    text: Reason

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        return desk.note(here.store, alert, who, self.text, here.clock())


class WindowOpened(_Act):
    """Open a suppression window from the alert. The event is the window's own: its `alert` is the window's id."""

    kind: Literal["window_opened"]
    what: windows.Kind
    until: Time
    reason: Reason
    post: str = Field(default="", max_length=64, description="The post that tells author, wording or place; default the earliest.")

    def done(self, here: Context, alert: str, who: str) -> Event:
        """Do it; returns the event that tells of it."""
        pseudonyms = Pseudonyms.open(here.settings.data)
        reopening = Reopening(here.store, here.clock, pseudonyms.of)
        window = reopening.open_window(pseudonyms, alert, who, self.what, self.reason, self.until, post=self.post)
        return _last(here, window.id, windows.OPENED)


class WindowEnded(_Act):
    """End a suppression window that was opened from the alert before its time."""

    kind: Literal["window_ended"]
    window: str = Field(pattern="^[0-9a-f]{32}$")
    reason: Reason

    def done(self, here: Context, alert: str, who: str) -> Event:  # noqa: ARG002 (the window knows its alert)
        """Do it; returns the event that tells of it."""
        reopening = Reopening(here.store, here.clock, Pseudonyms.open(here.settings.data).of)
        return _last(here, reopening.end_window(self.window, who, self.reason).id, windows.ENDED)


def _kind(body: Any) -> str | None:
    return body.get("kind", "decided") if isinstance(body, dict) else getattr(body, "kind", None)


Act = Annotated[
    Annotated[Decided, Tag("decided")]
    | Annotated[Claimed, Tag("claimed")]
    | Annotated[Released, Tag("released")]
    | Annotated[SecondView, Tag("second_view")]
    | Annotated[Reviewed, Tag("reviewed")]
    | Annotated[Labelled, Tag("labelled")]
    | Annotated[Reopened, Tag("reopened")]
    | Annotated[Regraded, Tag("regraded")]
    | Annotated[Noted, Tag("noted")]
    | Annotated[WindowOpened, Tag("window_opened")]
    | Annotated[WindowEnded, Tag("window_ended")],
    Discriminator(_kind),
]


def _last(here: Context, chain: str, kind: str) -> Event:
    return next(event for event in reversed(here.store.events(chain)) if event.kind == kind)
