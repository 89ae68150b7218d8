"""Sources: what each is doing, since when, what shows it and what to do; to pause and to resume. No text of a post."""

from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerting.console import access, sources
from alerting.console.context import Context, Here
from alerting.console.gate import Who
from alerting.console.render import page
from humiao.errors import BadInput, NotFound
from humiao.source_status import ADVICE, LONGEST_REASON, STATE_NAMES, State, pause_source, resume_source

router = APIRouter(include_in_schema=False)
UNVISITED: Final = "unvisited"
LONGEST_NAME: Final = 60
REASONS: Final = ("站方要求暂停", "网站维护", "版面调整，待更新选择器", "许可到期，待续签")
"""Offered as suggestions; any other reason may be written."""


@router.get("/sources")
def show_all(request: Request, here: Here, state: str = "", name: str = "") -> Response:
    """All sources that the filters let through; an unknown state counts as none."""
    state = state if state in {*State, UNVISITED} else ""
    name = name[:LONGEST_NAME]
    seen = sources.overview(here.store, here.clock())

    def url(chosen: str) -> str:
        """The list with another state."""
        merged = {key: value for key, value in (("state", chosen), ("name", name)) if value}
        return f"/sources?{urlencode(merged)}" if merged else "/sources"

    return page(
        request,
        "sources.html",
        sources=sources.chosen(seen.sources, state, name),
        crawlers=seen.crawlers,
        counts=[((one or UNVISITED), STATE_NAMES[one] if one else "尚未访问", number) for one, number in seen.counts().items()],
        total=len(seen.sources),
        state=state,
        name=name,
        url=url,
        STATE_NAMES=STATE_NAMES,
        ADVICE=ADVICE,
    )


@router.get("/sources/{name}")
def show(request: Request, here: Here, who: Who, name: str) -> Response:
    """One source with the history of its states."""
    return _render(request, here, who, name)


@router.post("/sources/{name}/pause")
def pause(request: Request, here: Here, who: Who, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Let it rest, until somebody resumes it."""
    seen = _find(here, name)
    try:
        pause_source(here.store, seen.status.name, who=who.name, why=reason, now=here.clock())
    except BadInput:
        return _render(request, here, who, name, status=422, problem=True, reason=reason[: 2 * LONGEST_REASON])
    return RedirectResponse(f"/sources/{quote(seen.status.name)}", status_code=303)


@router.post("/sources/{name}/resume")
def resume(here: Here, who: Who, name: str) -> Response:
    """Let it be read again."""
    seen = _find(here, name)
    resume_source(here.store, seen.status.name, who=who.name)
    return RedirectResponse(f"/sources/{quote(seen.status.name)}", status_code=303)


def _find(here: Context, name: str) -> sources.SeenSource:
    seen = sources.one_source(here.store, name[:LONGEST_NAME], here.clock())
    if seen is None:
        raise NotFound(f"source {name[:LONGEST_NAME]}: no crawl process has told of it; is its file in place, and does one run?")
    return seen


def _render(
    request: Request, here: Context, who: Who, name: str, *, status: int = 200, problem: bool = False, reason: str = ""
) -> Response:
    seen = _find(here, name)
    return page(
        request,
        "source.html",
        status=status,
        one=seen,
        may_pause=access.has(who.role, access.Right.PAUSE),
        problem=problem,
        reason=reason,
        reasons=REASONS,
        longest=LONGEST_REASON,
        STATE_NAMES=STATE_NAMES,
        ADVICE=ADVICE,
    )
