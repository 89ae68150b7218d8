"""``/api/v1/alerts``: the queue and decisions for other systems."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query

from alerting import desk, life, windows
from alerting.console.api.acts import Act
from alerting.console.context import Context, Here
from alerting.console.gate import Who
from humiao.alert import Grade, Status
from humiao.errors import NotFound
from humiao.event import Event, broken_links
from humiao.labels import Harm
from humiao.store import AlertFilter

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.get("")
def alerts(
    here: Here,
    status: Annotated[list[Status] | None, Query(description="Any of these; none = all but merged and withdrawn.")] = None,
    grade: Annotated[list[Grade] | None, Query(description="Any of these.")] = None,
    harm: Annotated[Harm | None, Query()] = None,
    kind: Annotated[Literal["content", "spike"] | None, Query()] = None,
    place: Annotated[str | None, Query(max_length=200, description="Name of a place, as alerts give it.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> dict[str, Any]:
    """Most urgent first: ``{"alerts": […], "next": cursor or null}``."""
    narrow = AlertFilter(
        statuses=frozenset(status) if status else None,
        grades=frozenset(grade) if grade else None,
        harm=harm,
        kind=kind,
        place=place or None,
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


@router.get("/{alert_id}/events")
def history(here: Here, alert_id: str) -> dict[str, Any]:
    """What happened to an alert: its chain, where that is not whole, and what it comes to.

    ``{"alert", "events": […], "broken": [seq …], "claim", "second_view", "hidden": event or null, "windows": [window …],
    "since_closed": {"closed": event, "new": [POST/REVISION …], "reposts": n} or null}``; ``windows`` are the suppression
    windows that were opened from this alert and are not over, each with how many ``alerts`` and ``posts`` it hid.
    """
    held = desk.resolve(here.store, alert_id[:64]).value
    chain = here.store.events(held.id)
    stands, since = life.read(chain), life.since_closed(chain)
    return {
        "alert": held.id,
        "events": chain,
        "broken": broken_links(chain),
        "claim": life.in_force(chain, here.clock()),
        "second_view": stands.second_view,
        "hidden": stands.hidden,
        "windows": [_window(here, one) for one in windows.live(here.store) if one.alert in {alert_id, held.id}],
        "since_closed": {"closed": since.closed, "new": since.new, "reposts": since.reposts} if since else None,
    }


@router.post("/{alert_id}/events", status_code=201)
def add_event(here: Here, who: Who, alert_id: str, act: Annotated[Act, Body()]) -> Event:
    """Decide on an alert, claim it and so on; the answer is the event that now stands in its chain. 409 when others were first."""
    return act.done(here, alert_id[:64], who.name)


def _window(here: Context, window: windows.Window) -> dict[str, Any]:
    alerts, posts = windows.hidden(here.store, window)
    return window.model_dump(mode="json", exclude={"shape"}) | {"alerts": alerts, "posts": posts}
