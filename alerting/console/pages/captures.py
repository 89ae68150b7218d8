"""Captures on demand: ordering them for an alert, and the pictures that they brought."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from alerting import captures, desk
from alerting.console import pictures
from alerting.console.context import Here
from alerting.console.gate import Who
from alerting.console.pages.alert import LONGEST_ID, render
from humiao.errors import BadInput

if TYPE_CHECKING:
    from humiao.post import Post

router = APIRouter(include_in_schema=False)


@router.post("/alerts/{alert_id}/captures")
def order(request: Request, here: Here, who: Who, alert_id: str) -> Response:
    """Order a capture of every page that the alert's posts stand on."""
    alert = desk.resolve(here.store, alert_id[:LONGEST_ID]).value
    posts: dict[str, Post] = {one.post.id: one.post for one in here.store.evidence(alert.id)}
    posts |= {id: stored.post for id, stored in here.store.posts(alert.posts).items()}
    try:
        captures.order_captures(here.store, alert, posts.values(), who.name, here.clock())
    except BadInput:
        return render(request, here, alert, status=422, problem="no_address")
    return RedirectResponse(f"/alerts/{alert.id}#captures", status_code=303)


@router.get("/alerts/{alert_id}/pictures/{sha256}")
def picture(here: Here, who: Who, alert_id: str, sha256: str) -> Response:
    """A picture as it was kept. That it was seen is recorded before it is sent."""
    alert = desk.resolve(here.store, alert_id[:LONGEST_ID]).value
    whole, kind = pictures.content(here.store, here.blobs, alert, sha256)
    pictures.record_look(here.store, alert, sha256, who.name, here.clock())
    return Response(whole, media_type=kind)


@router.get("/alerts/{alert_id}/pictures/{sha256}/blurred")
def unrevealed(here: Here, alert_id: str, sha256: str) -> Response:
    """What stands for a picture until somebody asks to see it."""
    alert = desk.resolve(here.store, alert_id[:LONGEST_ID]).value
    whole, _ = pictures.content(here.store, here.blobs, alert, sha256)
    return Response(pictures.blurred(whole), media_type="image/png")
