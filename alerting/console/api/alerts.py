"""``/api/v1/alerts``: the queue and decisions for other systems."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from alerting import desk
from alerting.console.context import Here
from alerting.console.gate import Who
from humiao.alert import Grade, Status
from humiao.errors import NotFound
from humiao.event import Event
from humiao.labels import Harm
from humiao.store import AlertFilter

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


class Decision(BaseModel):
    """A decision on an alert."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["decided"] = "decided"
    decision: Literal["confirm", "dismiss"]
    reason: str = Field(default="", max_length=2000)


@router.get("")
def alerts(
    here: Here,
    status: Annotated[list[Status] | None, Query(description="Any of these; none = all but merged and withdrawn.")] = None,
    grade: Annotated[list[Grade] | None, Query(description="Any of these.")] = None,
    harm: Annotated[Harm | None, Query()] = None,
    kind: Annotated[Literal["content", "spike"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> dict[str, Any]:
    """Most urgent first: ``{"alerts": […], "next": cursor or null}``."""
    narrow = AlertFilter(
        statuses=frozenset(status) if status else None, grades=frozenset(grade) if grade else None, harm=harm, kind=kind
    )
    page = here.store.alerts(narrow, limit=limit, after=after)
    return {"alerts": [alert.public() for alert in page.items], "next": page.after}


@router.get("/{alert_id}")
def alert(here: Here, alert_id: str) -> dict[str, Any]:
    """One alert; one that was merged away still answers, with status ``merged`` and ``merged_into``."""
    versioned = here.store.alert(alert_id[:64])
    if versioned is None:
        raise NotFound(f"alert {alert_id[:64]}: there is none with this id")
    held = versioned.value
    return held.public() | ({"merged_into": held.merged_into} if held.merged_into else {})


@router.post("/{alert_id}/events", status_code=201)
def add_event(here: Here, who: Who, alert_id: str, decision: Decision) -> Event:
    """Decide on an open alert; the answer is the event that now stands in its chain. 409 when it was decided already."""
    settled = desk.decide(here.store, alert_id[:64], who.name, decision.decision, decision.reason, here.clock())
    return next(event for event in reversed(here.store.events(settled.id)) if event.kind == "decided")
