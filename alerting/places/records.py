"""A row of an import file as a place, or as problems that each name the column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from alerting.places.place import KIND_WORDS, Kind, Place, made_id

FIELDS: Final = tuple(Place.model_fields)
COLUMN_WORDS: Final[dict[str, str]] = {
    "编号": "id", "类型": "kind", "类别": "kind", "名称": "name", "别名": "aliases", "简称": "aliases",
    "上级": "parent", "所属": "parent", "所属社区": "parent", "纬度": "lat", "经度": "lon", "lng": "lon", "示例": "invented",
}  # fmt: skip
"""Other words that a header may use for a field."""
_BETWEEN_ALIASES: Final = re.compile(r"[|、;；/]")
_YES: Final = frozenset({"yes", "true", "1", "是", "y"})
_NO: Final = frozenset({"", "no", "false", "0", "否", "n"})
_ADVICE: Final[dict[str, str]] = {
    "kind": f"use one of {', '.join(Kind)} or {', '.join(KIND_WORDS)}",
    "id": "use a-z, 0-9, '.', '-', '_', or leave the column out",
    "name": "write its official name, 2 to 60 characters",
    "aliases": "each has 2 to 60 characters; put | between them",
    "lat": "write degrees north, -90 to 90, such as 22.634",
    "lon": "write degrees east, -180 to 180, such as 114.069",
    "invented": "write yes or no",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row can't be used, or what is odd about the file."""

    field: str
    reason: str


def place_of(record: Mapping[str, str]) -> Place | list[Problem]:
    """The place that `record` (field -> text as it stands in the file) describes."""
    given = {field: record.get(field, "").strip() for field in FIELDS}
    problems: list[Problem] = []
    kind = _kind(given["kind"])
    if kind is None:
        problems.append(_problem("kind", f"{given['kind']!r} is no kind" if given["kind"] else "is empty"))
    numbers: dict[str, float | None] = {}
    for field in ("lat", "lon"):
        try:
            numbers[field] = float(given[field]) if given[field] else None
        except ValueError:
            problems.append(_problem(field, f"{given[field]!r} is no number"))
    if bool(given["lat"]) != bool(given["lon"]):
        problems.append(Problem("lon" if given["lat"] else "lat", "is empty beside the other coordinate; give both or none"))
    if (invented := given["invented"].lower()) not in _YES | _NO:
        problems.append(_problem("invented", f"{given['invented']!r} is neither"))
    if problems or kind is None:
        return problems
    try:
        return Place(
            id=given["id"] or made_id(kind, given["name"]),
            kind=kind,
            name=given["name"],
            aliases=tuple(dict.fromkeys(alias for part in _BETWEEN_ALIASES.split(given["aliases"]) if (alias := part.strip()))),
            parent=given["parent"],
            invented=invented in _YES,
            **numbers,
        )
    except ValidationError as error:
        return [_problem(str(one["loc"][0]), _shortly(one["msg"])) for one in error.errors(include_url=False, include_input=False)]


def _kind(word: str) -> Kind | None:
    return Kind(word.lower()) if word.lower() in set(Kind) else KIND_WORDS.get(word)


def _shortly(message: str) -> str:
    return message.removeprefix("Value error, ")


def _problem(field: str, reason: str) -> Problem:
    advice = _ADVICE.get(field)
    return Problem(field, f"{reason}; {advice}" if advice else reason)
