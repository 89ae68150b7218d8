"""A source: one site and how it may be read, as its YAML file in the sources folder states it."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from parsel import Selector
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from humiao.errors import HumiaoError


class SourceError(HumiaoError):
    """A source file is missing, unreadable or incomplete; the message names file and field."""


def _css(value: str) -> str:
    try:
        Selector("<p></p>").css(value)
    except Exception as error:
        raise ValueError(f"{value!r} is no CSS selector: {error}") from error
    return value


def _pattern(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    if groups != 1:
        raise ValueError(f"{value!r} needs exactly one group, which is the id")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{value!r} is no http or https address")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone such as Asia/Shanghai") from error
    return value


Css = Annotated[str, Field(min_length=1), AfterValidator(_css)]
"""A CSS selector; where a string is wanted it ends in ``::text`` or ``::attr(NAME)``."""
Address = Annotated[str, AfterValidator(_web_address)]
Stated = Annotated[str, Field(min_length=3, max_length=500)]


class Described(BaseModel):
    """A part of a source file: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(Described):
    """How fast a site is read. Exactly one of the two; AutoThrottle only ever slows down from there."""

    delay: float | None = Field(default=None, gt=0, le=3600, description="Seconds between two requests.")
    per_minute: float | None = Field(default=None, gt=0, le=6000, description="Requests per minute.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.delay is None) == (self.per_minute is None):
            raise ValueError("give either delay (seconds between requests) or per_minute (requests)")
        return self

    @property
    def seconds(self) -> float:
        """Seconds between two requests."""
        return self.delay if self.delay is not None else 60.0 / (self.per_minute or 1.0)


class ListSelectors(Described):
    """What to read on a page that lists boards or threads."""

    board: Css | None = Field(default=None, description="Links to boards, on an index page.")
    row: Css = Field(description="One thread in the list.")
    link: Css = Field(description="Within the row: the thread's address.")
    activity: Css | None = Field(
        default=None, description="Within the row: a text that changes when the thread does (time of the last post)."
    )
    next: Css | None = Field(default=None, description="Address of the list's next page.")


class ThreadSelectors(Described):
    """What to read on a page of a thread."""

    title: Css = Field(description="The thread's title; it goes to the first post.")
    board: Css | None = Field(default=None, description="The board's name.")
    post: Css = Field(description="One post.")
    id: Css = Field(description="Within the post: its id on the site.")
    id_pattern: Annotated[str, AfterValidator(_pattern)] | None = Field(default=None, description="One group of it is the id.")
    author: Css = Field(description="Within the post: who wrote it.")
    time: Css = Field(description="Within the post: when; absolute, ISO, or as Chinese forums write it (昨天 20:15).")
    body: Css = Field(description="Within the post: the element that holds the text.")
    permalink: Css | None = Field(default=None, description="Within the post: its own address; none = the page and #id.")
    parent: Css | None = Field(default=None, description="Within the post: id of the post that it answers.")
    edited: Css | None = Field(default=None, description="Within the post: the notice of an edit, which is not part of the text.")
    drop: tuple[Css, ...] = Field(
        default=(), description="Within the post: elements that are not the author's text (quotes, signatures)."
    )
    next: Css | None = Field(default=None, description="Address of the thread's next page.")


class Selectors(Described):
    """All selectors of an HTML source."""

    list: ListSelectors
    thread: ThreadSelectors
    wall: Css | None = Field(default=None, description="Present on a login, captcha or block page, which is never content.")


class Source(Described):
    """One source file. Without owner, permission and rate it does not run."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Short name, unique in the folder.")
    family: Literal["html", "feed"] = Field(description="html: pages read by selectors; feed: RSS or Atom.")
    platform: str = Field(
        min_length=1, max_length=200, description="The platform's lasting name; with the post's id it identifies a post."
    )
    start: tuple[Address, ...] = Field(min_length=1, description="Pages to begin with: an index of boards, boards, or feeds.")
    hosts: tuple[str, ...] = Field(default=(), description="Further hosts that pages may be on; those of start always are.")
    owner: Stated = Field(description="Who runs the site.")
    permission: Stated = Field(description="What allows reading it, and since when.")
    rate: Rate = Field(description="The agreed speed.")
    contact: str = Field(default="", max_length=200, description="Named in the User-Agent; empty = crawl.contact of the settings.")
    interval: float | None = Field(
        default=None, ge=1, description="Seconds between two visits; none = crawl.interval of the settings."
    )
    recheck: float = Field(
        default=3600.0, ge=0, description="Seconds after which a thread without new activity is read again for edits."
    )
    watch_days: float = Field(
        default=7.0, ge=0, description="Days since its newest post that a thread which left the lists is still read."
    )
    list_pages: int = Field(default=20, ge=1, le=1000, description="Most pages of one list read in a visit.")
    thread_pages: int = Field(default=200, ge=1, le=10_000, description="Most pages of one thread read in a visit.")
    place: str = Field(default="", max_length=200, description="Place that the site is about, e.g. a street or school.")
    board: str = Field(default="", max_length=500, description="Board name where pages or feed give none.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(default="Asia/Shanghai", description="Zone of times without offset.")
    selectors: Selectors | None = Field(default=None, description="For family html.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.selectors is None) == (self.family == "html"):
            raise ValueError("family html needs selectors, family feed has none")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Zone of times without offset."""
        return ZoneInfo(self.timezone)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts (no port) that may be asked at all."""
        return frozenset(urlsplit(url).hostname or "" for url in self.start) | frozenset(host.lower() for host in self.hosts)


def read_source(file: Path) -> Source:
    """The source that `file` describes.

    Raises:
        SourceError: ``FILE: field: reason`` for the first thing that is wrong.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{file}: can't be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise SourceError(f"{where}: is not YAML: {getattr(error, 'problem', None) or error}") from error
    if not isinstance(content, dict):
        raise SourceError(f"{file}: must be a table of fields such as name, family, start, owner, permission, rate")
    try:
        return Source.model_validate(content)
    except ValidationError as error:
        raise SourceError(f"{file}: {_first_problem(error)}") from error


def read_sources(folder: Path) -> list[Source]:
    """Every source of `folder` (``*.yaml``), by name.

    Raises:
        SourceError: the folder or a file is missing or bad, or two files have one name.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder; set crawl.sources to the folder with the source files")
    by_name: dict[str, Path] = {}
    sources = []
    for file in sorted(folder.glob("*.yaml")):
        source = read_source(file)
        if source.name in by_name:
            raise SourceError(f"{file}: name: {source.name!r} is already used by {by_name[source.name]}")
        by_name[source.name] = file
        sources.append(source)
    return sorted(sources, key=lambda source: source.name)


def choose(sources: list[Source], name: str | None, folder: Path) -> list[Source]:
    """All `sources`, or the one called `name`.

    Raises:
        SourceError: there is none.
    """
    if not sources:
        raise SourceError(f"{folder}: holds no source file (*.yaml); sources/example.yaml.disabled shows how one looks")
    chosen = [source for source in sources if name in {None, source.name}]
    if not chosen:
        raise SourceError(f"--source: {folder} has no source {name!r}; it has {', '.join(source.name for source in sources)}")
    return chosen


def source_folder(sources: Path, data: Path) -> Path:
    """Where source files lie: a relative folder is taken below the data folder if it is there, otherwise from here."""
    below = data / sources
    return below if not sources.is_absolute() and below.is_dir() else sources


def _first_problem(error: ValidationError) -> str:
    problem: Any = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "missing":
        reason = "is missing; a source states its owner, the permission and the rate before it runs"
        if field not in {"owner", "permission", "rate"}:
            reason = "is missing"
    elif problem["type"] == "extra_forbidden":
        reason = "is no field of a source file"
    return f"{field}: {reason}" if field else reason
