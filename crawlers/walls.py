"""Walls that stand where content should be, on any site: known by status, by their own marks, and by being all that the page is."""

from http import HTTPStatus
from typing import Final

from scrapy.http import TextResponse

from crawlers.page_text import element_text
from crawlers.polite.markup_limits import too_much_markup
from crawlers.states import State, Wall
from crawlers.wall_words import CAPTCHAS, CHALLENGES, EMPTY, SAID

BY_STATUS: Final = {
    HTTPStatus.UNAUTHORIZED.value: State.LOGIN_WALL,
    HTTPStatus.PAYMENT_REQUIRED.value: State.BLOCKED,
    HTTPStatus.FORBIDDEN.value: State.BLOCKED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value: State.BLOCKED,
    HTTPStatus.TOO_MANY_REQUESTS.value: State.THROTTLED,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS.value: State.BLOCKED,
}
LITTLE: Final = 400
"""Characters of visible text up to which a page can be nothing but a notice."""
NEXT_TO_NOTHING: Final = 120
"""Characters up to which a widget or a form can be all that a page is."""
_CHROME: Final = (
    "header", "footer", "nav", "aside", "select", "[role=navigation]", "[role=banner]", "[role=contentinfo]", "[role=search]",
    "#header", "#footer", "#hd", "#ft", "#nv", "#toptb", "#um", "#lsform", ".navbar", ".sidebar", ".topbar",
)  # fmt: skip


def find_wall(page: TextResponse) -> Wall | None:
    """The wall that `page` is; None = it is none.

    For pages on which the family found nothing: a page with threads or posts is content, whatever it says.
    """
    if too_much_markup(page.body):
        return Wall(BY_STATUS[page.status], f"HTTP {page.status}") if page.status in BY_STATUS else None
    if state := BY_STATUS.get(page.status):
        return Wall(state, _evidence(page) or f"HTTP {page.status}")
    if "html" not in (page.headers.get("Content-Type") or b"html").decode("latin-1"):
        return None
    text = _text(page)
    return _of_words(page, text) if len(text) <= LITTLE else None


def _of_words(page: TextResponse, text: str) -> Wall | None:
    source = page.text.lower()
    if mark := next((one for one in CHALLENGES if one in source), ""):
        return Wall(State.BLOCKED, text[:200] or mark)
    title = page.css("title::text").get(default="")
    said = [state for pattern, state in SAID if pattern.search(text) or pattern.search(title)]
    if EMPTY.search(text) and not said:
        return None
    if said and said[0] == State.CAPTCHA:
        return Wall(State.CAPTCHA, (text or title)[:200])
    if len(text) <= NEXT_TO_NOTHING and (mark := next((one for one in CAPTCHAS if one in source), "")):
        return Wall(State.CAPTCHA, text[:200] or mark)
    if _asks_for_password(page):
        return Wall(State.LOGIN_WALL, text[:200] or "a login form")
    return Wall(said[0], (text or title)[:200]) if said else None


def _asks_for_password(page: TextResponse) -> bool:
    """Whether a login form stands where content should; the small one at the top of every page of a forum is none."""
    framed = {one.root for selector in _CHROME for one in page.css(selector)}
    fields = (one.root for one in page.css("form input[type=password]"))
    return any(framed.isdisjoint((field, *field.iterancestors())) for field in fields)


def _text(page: TextResponse) -> str:
    """What the page says apart from its frame."""
    body = page.css("body")
    return " ".join(element_text(body[0], _CHROME).split()) if body else " ".join(page.text[:LITTLE].split())


def _evidence(page: TextResponse) -> str:
    return f"HTTP {page.status}: {_text(page)[:180]}"
