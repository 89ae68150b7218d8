"""Signing in and out."""

import math
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerting.console import accounts, backoff
from alerting.console.context import Here
from alerting.console.render import page
from alerting.console.session import COOKIE
from humiao import metrics
from humiao.account import Role

router = APIRouter(include_in_schema=False)
_lines = structlog.get_logger()


@router.get("/sign-in")
def form(request: Request, next: str = "/") -> Response:
    """The sign-in form; who is signed in already goes on."""
    if request.state.account is not None:
        return RedirectResponse(inside(next), status_code=303)
    return page(request, "sign_in.html", next=inside(next), name="", problem="")


@router.post("/sign-in")
def sign_in(
    request: Request,
    here: Here,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check name and password; after repeated failures answer 429 without looking."""
    now, name = here.clock(), name.strip()
    doors = backoff.doors(name[:64], request.client.host if request.client else "")
    if wait := here.backoff.wait(doors, now):
        metrics.SIGN_INS.labels("refused").inc()
        response = page(
            request,
            "sign_in.html",
            status=429,
            next=inside(next),
            name=name,
            problem="wait",
            seconds=math.ceil(wait.total_seconds()),
        )
        response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
        return response
    account = accounts.check(here.store, name, password)
    if account is None:
        here.backoff.failed(doors, now)
        metrics.SIGN_INS.labels("failed").inc()
        return page(request, "sign_in.html", status=401, next=inside(next), name=name, problem="wrong")
    here.backoff.succeeded(doors)
    metrics.SIGN_INS.labels("ok").inc()
    _lines.info("signed in", account=account.name, role=account.role.value)
    onward = RedirectResponse(inside(next), status_code=303)
    onward.set_cookie(
        COOKIE,
        here.sessions.start(account, now),
        max_age=int(here.sessions.lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=here.settings.console.secure_cookies,
    )
    return onward


@router.post("/sign-out")
def sign_out(request: Request, here: Here) -> Response:
    """End the session."""
    here.sessions.end(request.state.session, here.clock())
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=here.settings.console.secure_cookies)
    return response


@router.get("/")
def home(request: Request) -> Response:
    """Where the role's work is."""
    return RedirectResponse("/operations" if request.state.account.role is Role.OPS else "/alerts", status_code=303)


def inside(target: str) -> str:
    """`target` if it is a path of this console, else the start page: a link must not lead away after sign-in."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if plain else "/"
