"""What the families with a JSON interface share: an answer is checked against a model, and what does not fit is a trouble."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from parsel import Selector
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError
from scrapy.http import TextResponse

from crawlers.page_text import element_text
from crawlers.reading import Reading
from crawlers.states import State, Wall

FAR: Final = 1e11
"""Seconds since 1970 beyond which a number is no time."""

M = TypeVar("M", bound=BaseModel)


class Answer(BaseModel):
    """Part of an answer; what an interface adds to it is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


def _zoned(value: Any) -> Any:
    """An ISO time without offset is UTC, as these interfaces mean it; numbers are refused here (`Millis` takes them)."""
    if isinstance(value, str) and value and value[-1] not in "Zz" and "+" not in value[10:] and "-" not in value[11:]:
        return f"{value}Z"
    return value if isinstance(value, str) else None


def _from_millis(value: Any) -> Any:
    return datetime.fromtimestamp(float(value) / 1000, UTC) if isinstance(value, int | float) and 0 < value < FAR * 1000 else None


def _from_seconds(value: Any) -> Any:
    return datetime.fromtimestamp(float(value), UTC) if isinstance(value, int | float) and 0 < value < FAR else None


IsoTime = Annotated[AwareDatetime, BeforeValidator(_zoned)]
Millis = Annotated[AwareDatetime, BeforeValidator(_from_millis)]
Seconds = Annotated[AwareDatetime, BeforeValidator(_from_seconds)]


def refusal(page: TextResponse) -> Reading | None:
    """What the status alone says: gone, or a wall; None = the body counts."""
    if page.status in {404, 410}:
        return Reading(gone=True)
    states = {401: State.LOGIN_WALL, 403: State.BLOCKED, 429: State.THROTTLED, 503: State.UNREACHABLE}
    if state := states.get(page.status):
        return Reading(wall=Wall(state, f"HTTP {page.status}: {' '.join(page.text[:150].split())}"))
    return None


def parsed(page: TextResponse) -> Any:
    """The answer's JSON.

    Raises:
        ValueError: it is none, or nested beyond reason.
    """
    try:
        return json.loads(page.body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def whole(page: TextResponse, model: type[M]) -> M | Reading:
    """The answer as `model`, or the reading that says why not."""
    try:
        return model.model_validate(parsed(page))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        return Reading(trouble=f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"[:300])
    except (ValueError, RecursionError) as error:
        return Reading(trouble=f"is no JSON: {error}"[:300])


def each(items: Iterable[Any], model: type[M]) -> list[tuple[M | None, str, str]]:
    """Each item as `model`; where one does not fit: its id as far as there is one, and why."""
    found: list[tuple[M | None, str, str]] = []
    for item in items:
        try:
            found.append((model.model_validate(item), "", ""))
        except (ValidationError, RecursionError) as error:
            problem = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else "nested too deeply"
            where = error.errors(include_url=False)[0]["loc"] if isinstance(error, ValidationError) else ()
            id = item.get("id", item.get("pid", "")) if isinstance(item, dict) else ""
            found.append((None, str(id)[:100], f"{'.'.join(str(part) for part in where)}: {problem}"))
    return found


def markup(content: str) -> Selector:
    """Rendered HTML of a post, ready for selectors."""
    return Selector(f"<body>{content}</body>", type="html").css("body")[0]


def markup_text(content: str, drop: tuple[str, ...] = ()) -> str:
    """Its text; the picture of an emoji is its name."""
    body = markup(content)
    for picture in body.css("img.emoji, img.emojioneicon, img.wp-smiley"):
        picture.root.tag, picture.root.text = "span", picture.attrib.get("alt") or picture.attrib.get("title", "")
    return element_text(body, drop)


def pictures(content: str) -> list[str]:
    """Addresses of its pictures, emoji apart."""
    return markup(content).css("img:not(.emoji):not(.wp-smiley)::attr(src)").getall()
