"""Templates: one environment, always escaping, and what every page needs to know."""

import hashlib
import json
import secrets
from functools import cache
from importlib import resources
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from alerting.console import access, gate, language, times
from alerting.console.context import context_of
from alerting.console.session import VISIT_COOKIE
from alerting.grades import GRADES
from humiao.account import Role
from humiao.alert import GRADE_NAMES, STATUS_NAMES
from humiao.labels import HARM_NAMES, SENTIMENT_NAMES, STANCE_NAMES

NAVIGATION: Final = (
    ("/alerts", "预警队列"),
    ("/search", "检索"),
    ("/findings/new", "人工巡查"),
    ("/sources", "来源"),
    ("/operations", "运行状况"),
)
ROLE_NAMES: Final = {
    Role.PATROL: "巡查员",
    Role.ANALYST: "分析员",
    Role.SUPERVISOR: "主管",
    Role.OPS: "运维",
    Role.PARTNER: "合作单位",
}
LINKABLE: Final = ("http://", "https://")
YEAR: Final = 365 * 24 * 3600


@cache
def environment() -> Environment:
    """The Jinja environment with the names and filters that templates use."""
    made = Environment(
        loader=PackageLoader("alerting.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "GRADE_NAMES": GRADE_NAMES,
        "GRADES": GRADES,
        "HARM_NAMES": HARM_NAMES,
        "ROLE_NAMES": ROLE_NAMES,
        "SENTIMENT_NAMES": SENTIMENT_NAMES,
        "STANCE_NAMES": STANCE_NAMES,
        "STATUS_NAMES": STATUS_NAMES,
        "amount": times.amount,
        "static": static,
        "urgency": times.urgency,
    }
    made.filters |= {"shanghai": times.shanghai, "short": times.short, "precise": times.precise, "link": link, "plain": plain}
    return made


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render `template` for the reader of `request`: in their language, with their navigation and form token."""
    here = context_of(request)
    lang = language.language_of(request)
    account = getattr(request.state, "account", None)
    visit, new_visit = gate.visit_of(request), ""
    if not visit:
        new_visit = secrets.token_urlsafe(16)
        visit = f"visit {new_visit}"
    common = {
        "t": language.translator(lang),
        "lang": lang,
        "html_lang": language.HTML_LANG[lang],
        "other_lang": _relative(request, lang="en" if lang == "zh" else "zh"),
        "account": account,
        "navigation": [entry for entry in NAVIGATION if account and access.allowed("GET", entry[0], account.role)],
        "path": request.url.path,
        "csrf": here.sessions.form_token(visit),
        "now": here.clock(),
        "may_decide": account is not None and access.has(account.role, access.Right.DECIDE),
    }
    response = HTMLResponse(environment().get_template(template).render(common | values), status_code=status)
    secure = here.settings.console.secure_cookies
    if new_visit:
        response.set_cookie(VISIT_COOKIE, new_visit, httponly=True, samesite="lax", secure=secure)
    if request.query_params.get("lang") in ("zh", "en"):
        response.set_cookie(language.COOKIE, lang, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
    return response


def _relative(request: Request, **change: str) -> str:
    return f"{request.url.path}?{request.url.include_query_params(**change).query}"


@cache
def static(name: str) -> str:
    """URL of a file of ours; it changes with the content, so that browsers may keep it."""
    content = resources.files("alerting.console").joinpath("static", name).read_bytes()
    return f"{access.STATIC}/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def link(url: str) -> str:
    """The URL if a browser may follow it (http or https), else nothing: ``javascript:`` and the like stay text."""
    return url if url.lower().startswith(LINKABLE) else ""


def plain(value: Any) -> str:
    """A value of an event as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
