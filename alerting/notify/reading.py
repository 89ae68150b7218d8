"""Reading a routes file: every mistake with file, line and what was probably meant."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerting.notify import lines
from alerting.notify.routes import NOBODY, ON_DUTY, SLOW, Channel, Digest, Route, Routes
from humiao.alert import Grade
from humiao.errors import SettingsError

_MODELS: Final[Mapping[str, type[BaseModel]]] = {"channels": Channel, "routes": Route}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    channels: dict[str, Channel] = Field(min_length=1)
    routes: list[Route] = Field(min_length=1)
    people: dict[str, list[str]] = Field(default_factory=dict)


def load(file: Path | None, leads: Iterable[str] = ()) -> Routes:
    """Read and check `file` (None = nobody is told).

    Args:
        file: YAML with ``channels`` and ``routes``.
        leads: the lead departments that policies name; a route may only name words of them. None given = not checked.

    Raises:
        SettingsError: ``FILE:LINE: field: reason``.
    """
    if file is None:
        return NOBODY
    lined = lines.read(file)
    try:
        parsed = _File.model_validate(lined.content)
    except ValidationError as error:
        raise SettingsError(_explained(file, lined, error)) from error
    _check(file, lined, parsed, " ".join(leads))
    return Routes(parsed.channels, parsed.routes, parsed.people)


def secret_url(file: Path, name: str, channel: Channel) -> str:
    """The Apprise URL of a channel, which is a secret.

    Raises:
        SettingsError: the variable or file that should hold it is missing or empty.
    """
    kind, _, where = channel.url.partition(":")
    if kind == "env":
        url, place = os.environ.get(where, ""), f"environment variable {where}"
    else:
        path = file.parent / where
        try:
            url, place = path.read_text(encoding="utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise SettingsError(f"{file}: channels.{name}.url: {path} can't be read ({reason}); put the URL there") from error
    if not url.strip():
        raise SettingsError(f"{file}: channels.{name}.url: {place} is not set; put the channel's URL there")
    return url.strip()


def _check(file: Path, lined: lines.Lined, parsed: _File, leads: str) -> None:
    for loc, reason in (*_wrong_channels(parsed), *_wrong_routes(parsed, leads)):
        raise SettingsError(f"{file}:{lined.line(loc)}: {_dotted(loc)}: {reason}")


def _wrong_channels(parsed: _File) -> Iterator[tuple[lines.Loc, str]]:
    """Where a channel is named that isn't there, and what a channel must not be told to do."""
    for name, channel in parsed.channels.items():
        if Grade.RED not in channel.quiet_breaks:
            yield ("channels", name, "quiet_breaks"), "red is missing; a red alert is never held back"
    named: list[tuple[lines.Loc, str]] = [
        (("people", person, place), name) for person, names in parsed.people.items() for place, name in enumerate(names)
    ]
    for number, route in enumerate(parsed.routes):
        if ON_DUTY in route.to and not parsed.people:
            yield ("routes", number, "to", route.to.index(ON_DUTY)), "on_duty needs people: who has which channels"
        named += [(("routes", number, "to", place), name) for place, name in enumerate(route.to) if name != ON_DUTY]
    for loc, name in named:
        if name not in parsed.channels:
            yield loc, f"{name!r} is no channel of this file{_meant(name, parsed.channels)}"


def _wrong_routes(parsed: _File, leads: str) -> Iterator[tuple[lines.Loc, str]]:
    """Names that stand twice, and words that no lead department holds."""
    seen: set[str] = set()
    for number, route in enumerate(parsed.routes):
        if route.name in seen:
            yield ("routes", number, "name"), f"{route.name!r} stands twice; give each route its own"
        seen.add(route.name)
        for place, word in enumerate(route.departments):
            if leads and word not in leads:
                yield ("routes", number, "departments", place), f"no policy's lead department holds {word!r}"


def _explained(file: Path, lined: lines.Lined, error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    problem = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])  # a misspelt field is missing too
    loc = tuple(part for part in problem["loc"] if part != "[key]")
    where = f"{file}:{lined.line(loc)}: {_dotted(loc)}"
    given: Any = problem.get("input")
    if problem["type"] == "extra_forbidden":
        fields = _fields(loc)
        return f"{where}: is no field here; there are {', '.join(fields)}{_meant(str(loc[-1]), fields)}"
    if problem["type"] in {"literal_error", "enum"}:
        expected = str(problem.get("ctx", {}).get("expected", ""))
        choices = [one.strip("' ") for one in expected.replace(" or ", ", ").split(",")]
        return f"{where}: {given!r} is none of {', '.join(choices)}{_meant(str(given), choices)}"
    if loc[-1:] == ("url",) and problem["type"] == "string_pattern_mismatch":
        return f"{where}: must be env:VARIABLE or file:PATH; the URL itself is a secret and doesn't belong in this file"
    if loc[:1] == ("channels",) and loc[2:3] == ("digest",) and any(one.value == loc[-1] for one in Grade if one not in SLOW):
        return f"{where}: goes at once"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {message[0].lower()}{message[1:]}"


def _fields(loc: lines.Loc) -> list[str]:
    model = Digest if "digest" in loc[:-1] else _MODELS.get(str(loc[0]), _File) if len(loc) > 1 else _File
    return list(model.model_fields)


def _meant(given: str, choices: Iterable[str]) -> str:
    close = difflib.get_close_matches(given, list(choices), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _dotted(loc: lines.Loc) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) or "file"
