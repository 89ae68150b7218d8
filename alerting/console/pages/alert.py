"""One alert: why it is here, its posts, its evidence, its history, and the decision."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerting import captures, desk, disappearances
from alerting import events as event_chain
from alerting.console import custody, highlight, pictures, scores
from alerting.console.context import Context, Here
from alerting.console.gate import Who
from alerting.console.render import page
from alerting.notify.links import Links
from humiao.alert import Alert, Status
from humiao.capture_order import CaptureResult
from humiao.errors import BadInput, Conflict
from humiao.event import Event, broken_links
from humiao.post import Post
from humiao.store import AlertFilter, Store

if TYPE_CHECKING:
    from humiao.verdict import Verdict

router = APIRouter(include_in_schema=False)

POSTS = 20
"""Posts on a page of an alert."""
LONGEST_ID = 64
VIEW_LASTS = timedelta(hours=8)
"""A shift: opening an alert again within it is the same view."""
REASONS = (
    "误报：游戏或影视用语",
    "误报：新闻、普法或校方通知",
    "误报：与未成年人无关的玩笑",
    "重复：已在处置",
    "属实：已转所属部门",
    "属实：已联系学校或监护人",
)
"""Offered as suggestions; any other reason may be written."""


@router.get("/alerts/{alert_id}")
def show(request: Request, here: Here, who: Who, alert_id: str, posts: int = 1, until: int = 0, signed: str = "") -> Response:
    """The alert's page; the link of a merged alert leads to the one that took it in. That it was seen is recorded.

    A link from a message is signed and ends; it opens nothing that who is signed in could not open without it.
    """
    if signed:
        Links.open(here.settings.data).check(alert_id, until, signed, here.clock())
    alert = desk.resolve(here.store, alert_id[:LONGEST_ID]).value
    if alert.id != alert_id:
        return RedirectResponse(f"/alerts/{alert.id}", status_code=303)
    _record_view(here, alert.id, who.name)
    return render(request, here, alert, posts)


@router.post("/alerts/{alert_id}/decision")
def take_decision(
    request: Request,
    here: Here,
    who: Who,
    alert_id: str,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Confirm or dismiss; answers 409 with the page as it is now when somebody else was faster."""
    alert = desk.resolve(here.store, alert_id[:LONGEST_ID]).value
    try:
        desk.decide(here.store, alert.id, who.name, cast("desk.Decision", decision), reason, here.clock())
    except Conflict:
        alert = desk.resolve(here.store, alert.id).value
        return render(request, here, alert, status=409, problem="conflict", reason=reason)
    except BadInput as error:
        problem = "reason" if decision == "dismiss" and not reason.strip() else str(error)
        return render(request, here, alert, status=422, problem=problem, reason=reason)
    return RedirectResponse(f"/alerts/{alert.id}", status_code=303)


def _record_view(here: Context, alert_id: str, actor: str) -> None:
    """Note in the alert's chain that `actor` saw it, unless it says so of the last hours already."""
    now = here.clock()
    if not any(
        event.kind == "viewed" and event.actor == actor and now - event.at < VIEW_LASTS for event in here.store.events(alert_id)
    ):
        desk.viewed(here.store, alert_id, actor, now)


def render(
    request: Request, here: Context, alert: Alert, part: int = 1, *, status: int = 200, problem: str = "", reason: str = ""
) -> Response:
    """The page of `alert`, with page `part` of its posts."""
    evidence = here.store.evidence(alert.id)
    stored = here.store.posts(alert.posts)
    texts: dict[str, tuple[Post, Verdict]] = {one.post.id: (one.post, one.verdict) for one in evidence}
    texts |= {id: (one.post, one.verdict) for id, one in stored.items()}
    in_order = sorted((texts[id] for id in alert.posts if id in texts), key=lambda pair: (pair[0].ts, pair[0].id))
    parts = max(1, -(-len(in_order) // POSTS))
    part = min(max(part, 1), parts)
    visible = in_order[(part - 1) * POSTS : part * POSTS]
    shown = {post.id for post, _ in visible}
    events = here.store.events(alert.id)
    return page(
        request,
        "alert.html",
        status=status,
        alert=alert,
        bars=scores.bars((verdict for _, verdict in in_order), alert.harm),
        posts=[(post, verdict, highlight.by_spans(post.text, verdict.spans)) for post, verdict in visible],
        same=_repeats([post for post, _ in visible]),
        absent=len(alert.posts) - len(in_order),
        part=part,
        parts_count=parts,
        kept=[custody.inspect(one, here.blobs) for one in evidence if one.post.id in shown],
        kept_total=len(evidence),
        events=events,
        ordered=_ordered(here, alert),
        waiting=captures.waiting(here.store, alert.id),
        attached=[sha256 for one in evidence for sha256 in one.post.attachments],
        visible_pictures=pictures.of_alert(here.store, alert),
        revealed=request.query_params.get("reveal", ""),
        is_sealed=captures.is_sealed(alert),
        vanished=disappearances.vanished(events),
        broken=broken_links(events),
        next_alert=_next(here.store, alert),
        reasons=REASONS,
        problem=problem,
        reason=reason,
    )


def _ordered(here: Context, alert: Alert) -> list[tuple[Event, CaptureResult, bool]]:
    """What ordered captures brought, latest first, each with whether its records are whole."""
    found = captures.captured(event_chain.histories(here.store, alert.id))
    return [(event, result, custody.are_whole(result.records, here.blobs)) for event, result in reversed(found)]


def _repeats(posts: list[Post]) -> dict[str, int]:
    """Post id → place (from 1) of the first post on the page with the very same title and text, for reposts."""
    first: dict[tuple[str, str], int] = {}
    places = ((post.id, first.setdefault((post.title, post.text), place), place) for place, post in enumerate(posts, start=1))
    return {id: earliest for id, earliest, place in places if earliest != place}


def _next(store: Store, alert: Alert) -> str:
    """Id of the open alert that follows in the queue (the first one when this stands last or no longer in it); empty = none."""
    waiting = [one.id for one in store.alerts(AlertFilter(statuses=frozenset({Status.OPEN})), limit=100).items]
    after = waiting[waiting.index(alert.id) + 1 :] if alert.id in waiting else waiting
    return (after or [one for one in waiting if one != alert.id] or [""])[0]
