"""The queue: what waits for a decision, most urgent first."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from alerting.console.context import Here
from alerting.console.render import page
from humiao.alert import Grade, Status
from humiao.labels import HARM_NAMES, Harm
from humiao.masking import mask
from humiao.store import AlertFilter

router = APIRouter(include_in_schema=False)

PAGE = 30
"""Alerts on a page."""
LONGEST_PLACE = 200
TABS: dict[str, frozenset[Status] | None] = {
    "open": frozenset({Status.OPEN}),
    "confirmed": frozenset({Status.CONFIRMED}),
    "dismissed": frozenset({Status.DISMISSED}),
    "all": None,
}


@router.get("/alerts")
def queue(
    request: Request,
    here: Here,
    status: str = "open",
    grade: Annotated[list[str] | None, Query()] = None,
    harm: str = "",
    kind: str = "",
    place: str = "",
    after: str | None = None,
) -> Response:
    """Alerts that the filters let through; an unknown filter value counts as none."""
    status = status if status in TABS else "open"
    grades = frozenset(Grade(value) for value in grade or [] if value in set(Grade))
    wanted = Harm(harm) if harm in set(Harm) else None
    kind = kind if kind in {"content", "spike"} else ""
    place = place.strip()[:LONGEST_PLACE]
    narrow = AlertFilter(statuses=TABS[status], grades=grades or None, harm=wanted, kind=kind or None, place=place or None)
    found = here.store.alerts(narrow, limit=PAGE, after=after or None)
    counts = {
        name: here.store.count_alerts(AlertFilter(statuses=statuses, harm=wanted, kind=kind or None, place=place or None))
        for name, statuses in TABS.items()
    }
    chosen = {
        "status": status,
        "grade": [one.value for one in Grade if one in grades],
        "harm": harm if wanted else "",
        "kind": kind,
        "place": place,
    }

    def url(**change: Any) -> str:
        """This list with some parameters changed; always back to its first page unless `after` is given."""
        merged = {key: value for key, value in (chosen | change).items() if value}
        return f"/alerts?{urlencode(merged, doseq=True)}"

    return page(
        request,
        "queue.html",
        alerts=found.items,
        after=found.after,
        first_page=not after,
        counts=counts,
        shown=sum(number for one, number in counts[status].items() if not grades or one in grades),
        chosen=chosen,
        url=url,
        tabs=list(TABS),
        harms=HARM_NAMES,
        grades=list(Grade),
        mask=mask,
    )
