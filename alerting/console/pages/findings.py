"""Findings of patrol staff: the form, and what became of one."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from alerting import captures, events, findings
from alerting.console.context import Context, Here
from alerting.console.gate import Who
from alerting.console.render import page
from alerting.console.times import SHANGHAI
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult
from humiao.errors import BadInput, NotFound, Unavailable
from humiao.intake.pictures import MAX_BYTES
from humiao.post import parse

router = APIRouter(include_in_schema=False)

LARGEST: Final = MAX_BYTES + 256 * 1024
"""Bytes of the form with a picture."""
LOOK_AGAIN: Final = 3
"""Seconds after which a page whose finding is still on its way is loaded again."""
FIELDS: Final = ("url", "note", "seen_at", "place", "board", "sexual")


@router.get("/findings/new")
def form(request: Request) -> Response:
    """The empty form."""
    return page(request, "finding_new.html", problem="", field="", given=dict.fromkeys(FIELDS, ""))


@router.post("/findings", max_body_size=LARGEST)
def register(
    request: Request,
    here: Here,
    who: Who,
    url: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    seen_at: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
    board: Annotated[str, Form()] = "",
    sexual: Annotated[str, Form()] = "",
    picture: UploadFile | None = None,
) -> Response:
    """Register the finding; a wrong field is named beside the form, and what was written stays in it."""
    given = {"url": url, "note": note, "seen_at": seen_at, "place": place, "board": board, "sexual": sexual}
    try:
        finding = findings.Finding(
            url=url.strip(),
            note=note.strip(),
            seen_at=_instant(seen_at, here.clock()),
            place=place.strip(),
            board=board.strip(),
            sexual=bool(sexual),
            picture=picture.file.read() if picture else b"",
        )
        id = findings.register(here.store, here.log.get(), here.blobs, finding, who.name, here.clock())
    except BadInput as error:
        field, _, problem = str(error).partition(": ")
        return page(request, "finding_new.html", status=422, problem=problem, field=field, given=given)
    except Unavailable as error:
        return page(request, "finding_new.html", status=503, problem=str(error), field="unavailable", given=given)
    return RedirectResponse(f"/findings/{id}", status_code=303)


@router.get("/findings/{post_id}")
def show(request: Request, here: Here, post_id: str) -> Response:
    """How far the finding has come."""
    progress = _progress(here, post_id[:32])
    response = page(request, "finding.html", **progress)
    if not (progress["result"] and progress["stored"]):
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


def _progress(here: Context, id: str) -> dict[str, Any]:
    """Order, result and judgement, as far as there are any."""
    stored = here.store.posts([id]).get(id)
    alert = stored.alert if stored else ""
    result = None
    for event, told in captures.captured(events.histories(here.store, alert)) if alert else ():
        if event.data.get("order") == id:
            result = told
    if note := here.store.note(RESULTS, id):
        result = parse(CaptureResult, note.value.encode())
    waiting = here.store.note(ORDERS, id)
    order = parse(CaptureOrder, waiting.value.encode()) if waiting else result.order if result else None
    if order is None and (stored is None or not stored.post.source.startswith(captures.PATROL)):
        raise NotFound(f"finding {id}: there is none with this id, or it is no longer kept")
    return {"stored": stored, "alert": alert, "result": result, "order": order, "id": id}


def _instant(text: str, now: datetime) -> datetime:
    """A time of Shanghai as a browser's form gives it; now if none was given."""
    if not text:
        return now
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadInput("seen_at: is no time such as 2026-03-01T20:15") from error
