"""What the families with a JSON interface share: an answer is checked against a model, and what does not fit is a trouble."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError, WrapValidator
from pydantic_core import PydanticUseDefault
from scrapy.http import TextResponse
from w3lib.url import safe_url_string

from crawlers.reading import Reading, ReadPost
from crawlers.states import State, Wall
from crawlers.web_address import absolute

FAR: Final = 1e11
"""Seconds since 1970 beyond which a number is no time."""
LONG: Final = 20
"""Digits from which on a text is no number."""
_STATES: Final = {
    HTTPStatus.UNAUTHORIZED.value: State.LOGIN_WALL,
    HTTPStatus.FORBIDDEN.value: State.BLOCKED,
    HTTPStatus.TOO_MANY_REQUESTS.value: State.THROTTLED,
    HTTPStatus.SERVICE_UNAVAILABLE.value: State.UNREACHABLE,
}
_HALF_A_CHARACTER: Final = re.compile(rb"\\u[dD][89a-fA-F]")

M = TypeVar("M", bound=BaseModel)


class Answer(BaseModel):
    """Part of an answer; what an interface adds to it is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


def _or_default(value: Any, validate: Callable[[Any], Any]) -> Any:
    try:
        return validate(value)
    except ValidationError as error:
        raise PydanticUseDefault from error


def _iso(value: Any) -> Any:
    """An ISO time without offset is UTC, as these interfaces mean it; numbers are refused here."""
    if isinstance(value, str) and value and value[-1] not in "Zz" and "+" not in value[10:] and "-" not in value[11:]:
        return f"{value}Z"
    return value if isinstance(value, str) else None


def _since_1970(value: Any, per_second: int) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < LONG:  # as older releases write numbers
        value = int(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return datetime.fromtimestamp(float(value) / per_second, UTC) if number and 0 < value < FAR * per_second else None


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


IsoTime = Annotated[AwareDatetime, BeforeValidator(_iso), AfterValidator(_utc)]
Millis = Annotated[AwareDatetime, BeforeValidator(lambda value: _since_1970(value, 1000))]
Seconds = Annotated[AwareDatetime, BeforeValidator(lambda value: _since_1970(value, 1))]
Lenient: Final = WrapValidator(_or_default)
"""For a field that a post or thread can do without: a value of the wrong kind counts as absent. Never for lists or pages."""
Words = Annotated[str, Lenient]
Number = Annotated[int, Lenient]
Flag = Annotated[bool, Lenient]


def refusal(page: TextResponse) -> Reading | None:
    """What the status alone says: gone, or a wall; None = the body counts."""
    if page.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Reading(gone=True)
    state = _STATES.get(page.status)
    return Reading(wall=wall(page, state)) if state else None


def wall(page: TextResponse, state: State) -> Wall:
    """A refusal with what the page says about it."""
    return Wall(state, f"HTTP {page.status}: {' '.join(page.text[:150].split())}")


def parsed(page: TextResponse) -> Any:
    """The answer's JSON; half a surrogate pair, which no encoding can hold, becomes U+FFFD.

    Raises:
        ValueError: it is none, or nested beyond reason.
    """
    try:
        content = json.loads(page.body)
        if _HALF_A_CHARACTER.search(page.body):
            text = json.dumps(content, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            content = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return content


def glimpse(page: TextResponse) -> Any:
    """The answer's JSON, or None where the page is none."""
    try:
        return parsed(page)
    except ValueError:
        return None


def whole(page: TextResponse, model: type[M]) -> M | Reading:
    """The answer as `model`, or the reading that says why not."""
    try:
        return model.model_validate(parsed(page))
    except ValidationError as error:
        return Reading(trouble=_reason(error)[:300])
    except (ValueError, RecursionError) as error:
        return Reading(trouble=f"is no JSON: {error}"[:300])


def fitting(items: Iterable[Any], model: type[M]) -> list[M]:
    """Those items that are a `model`."""
    return [item for item, _ in _each(items, model) if isinstance(item, model)]


def read_each(items: Iterable[Any], model: type[M], read: Callable[[M], ReadPost | None], kind: str = "") -> tuple[ReadPost, ...]:
    """A post for each item; one that does not fit is named with its id, if it has one, and the reason.

    Args:
        items: as the answer has them.
        model: what an item must be.
        read: makes the post; None = the item is no post.
        kind: stands before the id of an item that does not fit.
    """
    posts: list[ReadPost | None] = []
    for item, reason in _each(items, model):
        try:
            posts.append(read(item) if isinstance(item, model) else ReadPost(_id(item, kind), trouble=reason))
        except RecursionError:
            posts.append(ReadPost(_id(item, kind), trouble="its markup is nested too deeply"))
    return tuple(post for post in posts if post)


def address(base: str, link: str) -> str:
    """`link` as seen from `base`, written as it is asked for; empty if it is none on the web."""
    try:
        url = str(safe_url_string(absolute(base, link.strip())))
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def header(page: TextResponse, name: str) -> str:
    """A header's value; empty if there is none."""
    return (page.headers.get(name) or b"").decode("latin-1")


def marks(page: TextResponse, query: str) -> list[str]:
    """What a CSS query finds on a page of HTML; nothing on one of JSON."""
    return page.css(query).getall() if page.selector.type == "html" else []


def _each(items: Iterable[Any], model: type[M]) -> Iterable[tuple[M | Any, str]]:
    for item in items:
        try:
            yield model.model_validate(item), ""
        except ValidationError as error:
            yield item, _reason(error)
        except RecursionError:
            yield item, "nested too deeply"


def _id(item: Any, kind: str) -> str:
    facts = item if isinstance(item, dict) else vars(item) if isinstance(item, BaseModel) else {}
    id = facts.get("id", facts.get("pid", ""))
    return f"{kind}{str(id)[:100]}" if isinstance(id, str | int) and id != "" else ""


def _reason(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
