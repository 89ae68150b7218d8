"""Who may do what: roles × routes and the rights inside a page, in one table. What is not in the table is refused."""

from enum import StrEnum
from typing import Final

from humiao.account import Role

ANYONE: Final = None
"""Also without an account."""
DESK: Final = frozenset({Role.PATROL, Role.ANALYST, Role.SUPERVISOR})
DECIDES: Final = frozenset({Role.PATROL, Role.SUPERVISOR})
OPERATES: Final = frozenset({Role.OPS, Role.SUPERVISOR})
STAFF: Final = DESK | OPERATES

TABLE: Final[dict[tuple[str, str], frozenset[Role] | None]] = {
    ("GET", "/sign-in"): ANYONE,
    ("POST", "/sign-in"): ANYONE,
    ("POST", "/sign-out"): STAFF,
    ("GET", "/"): STAFF,
    ("GET", "/alerts"): DESK,
    ("GET", "/alerts/{alert_id}"): DESK,
    ("POST", "/alerts/{alert_id}/decision"): DECIDES,
    ("POST", "/alerts/{alert_id}/captures"): DECIDES,
    ("GET", "/alerts/{alert_id}/pictures/{sha256}"): DESK,
    ("GET", "/alerts/{alert_id}/pictures/{sha256}/blurred"): DESK,
    ("GET", "/findings/new"): DECIDES,
    ("POST", "/findings"): DECIDES,
    ("GET", "/findings/{post_id}"): DECIDES,
    ("GET", "/search"): DESK,
    ("GET", "/operations"): OPERATES,
    ("GET", "/sources"): STAFF,
    ("GET", "/sources/{name}"): STAFF,
    ("POST", "/sources/{name}/pause"): OPERATES,
    ("POST", "/sources/{name}/resume"): OPERATES,
    ("GET", "/api/v1/alerts"): DESK,
    ("GET", "/api/v1/alerts/{alert_id}"): DESK,
    ("GET", "/api/v1/alerts/{alert_id}/events"): DESK,
    ("POST", "/api/v1/alerts/{alert_id}/events"): DECIDES,
    ("GET", "/api/v1/search"): DESK,
    ("POST", "/api/v1/posts"): frozenset({Role.PARTNER}),
    ("GET", "/api/openapi.json"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
}
"""(method, path as the route spells it) → roles that may."""

STATIC: Final = "/static"
"""Style, script and logo lie below this path and are open to anyone; nothing there depends on data."""


class Right(StrEnum):
    """What a role may do inside a page that several roles see."""

    DECIDE = "decide"
    PAUSE = "pause"


RIGHTS: Final[dict[Right, frozenset[Role]]] = {
    Right.DECIDE: DECIDES,
    Right.PAUSE: OPERATES,
}


def allowed(method: str, path: str, role: Role | None) -> bool:
    """Whether `role` (None = not signed in) may use the route; a route that the table lacks is closed to all."""
    if (method, path) not in TABLE:
        return False
    roles = TABLE[method, path]
    return roles is ANYONE or role in roles


def has(role: Role, right: Right) -> bool:
    """Whether the role holds the right."""
    return role in RIGHTS[right]


def may_sign_in(role: Role) -> bool:
    """Whether the role has pages to see; partners only have tokens."""
    return role in STAFF
