"""The gate that every route passes: who is there, may they, and does the form come from one of our own pages."""

from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.routing import Route

from alerting.console import access
from alerting.console.context import Here
from alerting.console.session import COOKIE, VISIT_COOKIE, Session
from humiao.account import Account
from humiao.errors import HumiaoError

SAFE: Final = frozenset({"GET", "HEAD"})
FORM_FIELD: Final = "csrf"
HEADER: Final = "X-CSRF-Token"


class NotSignedIn(HumiaoError):
    """The route needs an account; sign in, or send a token."""


class Forbidden(HumiaoError):
    """The account's role may not do this."""


class ForgedForm(HumiaoError):
    """A form without the token of this session: sent from elsewhere, or left open past the end of the session."""


def identify(request: Request, here: Here) -> None:
    """Set ``request.state.account``, ``.session`` and ``.by_token``; refuse who may not use this route.

    Raises:
        NotSignedIn: nobody is signed in, or the token is not valid.
        Forbidden: the role may not.
    """
    state = request.state
    state.session, state.account, state.by_token = None, None, False
    method, path = request.method, _path_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and path.startswith("/api/"):
        state.account, state.by_token = here.tokens.read(token.strip(), here.store, here.clock()), True
        if state.account is None and not access.allowed(method, path, None):
            raise NotSignedIn("the token is not valid: forged, expired, or its account is disabled; ask for a new one")
    else:
        state.session = here.sessions.read(request.cookies.get(COOKIE), here.store, here.clock())
        state.account = state.session.account if state.session else None
    role = state.account.role if state.account else None
    if access.allowed(method, path, role):
        return
    if role is None:
        raise NotSignedIn("sign in first")
    raise Forbidden(f"the role {role.value} may not use {method} {path}")


async def check_form(request: Request, here: Here) -> None:
    """Refuse a changing request by cookie unless it carries the token of its session (or of its visit, before sign-in).

    Raises:
        ForgedForm: the token is missing or another session's.
    """
    if request.method in SAFE or request.state.by_token:
        return
    token = request.headers.get(HEADER)
    if token is None:
        field = (await request.form()).get(FORM_FIELD)
        token = field if isinstance(field, str) else ""
    if not here.sessions.form_token_fits(token, visit_of(request)):
        raise ForgedForm("the form is no longer valid; load the page again and repeat")


def visit_of(request: Request) -> str:
    """What form tokens are bound to: the session, else the visitor's cookie; empty = neither."""
    session: Session | None = getattr(request.state, "session", None)
    return (
        f"session {session.id}" if session else f"visit {request.cookies[VISIT_COOKIE]}" if VISIT_COOKIE in request.cookies else ""
    )


def signed_in(request: Request) -> Account:
    """The account behind the request; only for routes that the table closes to the public."""
    account = request.state.account
    assert isinstance(account, Account)
    return account


def _path_of(request: Request) -> str:
    route = request.scope.get("route")
    return route.path if isinstance(route, Route) else ""


Who = Annotated[Account, Depends(signed_in)]
GATE: Final = (Depends(identify), Depends(check_form))
"""Dependencies of the application as a whole, so that no route can be written without them."""
