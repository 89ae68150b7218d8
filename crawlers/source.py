"""A source: one site and how it may be read, as its YAML file in the sources folder states it."""

import codecs
import hashlib
import re
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsel import Selector
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from crawlers.polite.host_names import host_of, port_of, split_host


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
        raise ValueError(f"{value!r} needs exactly one group, which is what is wanted")
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


def _encoding(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError as error:
        raise ValueError(f"{value!r} is no text encoding such as gb18030 or utf-8") from error


def _window(value: str) -> str:
    if not _WINDOW.match(value):
        raise ValueError(f"{value!r} is no window such as 08:00-22:30 (it may cross midnight: 22:00-06:00)")
    return value


_WINDOW: Final = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$")

FamilyName = Literal[
    "discuz", "phpwind", "discourse", "nodebb", "flarum", "v2ex", "phpbb", "spirit", "wordpress", "mastodon", "notices",
    "schema_org", "feed", "html",
]  # fmt: skip
"""The families; `crawlers.families.FAMILIES` holds one under each of these names."""
PRESETS: Final = frozenset({"phpwind", "phpbb", "spirit"})
"""Those that are read by selectors, which a source file may override one by one."""
Css = Annotated[str, Field(min_length=1), AfterValidator(_css)]
"""A CSS selector; where a string is wanted it ends in ``::text`` or ``::attr(NAME)``."""
Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression with one group."""
Address = Annotated[str, AfterValidator(_web_address)]
Stated = Annotated[str, Field(min_length=3, max_length=500)]


class Described(BaseModel):
    """A part of a source file: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(Described):
    """How fast a site is read, at most. Exactly one of the two; of several sources on one host the slowest counts for all."""

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
        default=None, description="Within the row: a text that changes with the thread (time of its last post, replies; no views)."
    )
    sticky: Css | None = Field(
        default=None, description="Within the row: present when the thread stands at the top whatever is new elsewhere."
    )
    next: Css | None = Field(
        default=None, description="Address of the list's next page; none = the link that says so (rel=next, 下一页, Next, »)."
    )


class ThreadSelectors(Described):
    """What to read on a page of a thread."""

    title: Css | None = Field(default=None, description="The thread's title; it goes to the first post.")
    title_pattern: Pattern | None = Field(default=None, description="One group of it is the title (without the site's name).")
    board: Css | None = Field(default=None, description="The board's name.")
    post: Css = Field(description="One post. Posts within posts are posts of their own, and answer the one they stand in.")
    spans: bool = Field(
        default=False, description="A post goes on in the elements after its own, up to the next post (dt and dd, rows in pairs)."
    )
    id: Css | None = Field(default=None, description="Within the post: its id on the site; none = it is named by name_by.")
    id_pattern: Pattern | None = Field(default=None, description="One group of it is the id.")
    thread_id: Pattern | None = Field(
        default=None,
        description="One group of it, in the page's address, is the thread's id. Given where posts' ids begin anew in each "
        "thread or are missing: it then stands before them, and is that of a first post without one.",
    )
    name_by: tuple[Literal["author", "time", "text"], ...] = Field(
        default=("author", "text"),
        min_length=1,
        description="What names a post without an id. Never time where the site writes 3 小时前.",
    )
    author: Css | None = Field(default=None, description="Within the post: who wrote it; none = nobody signs here.")
    author_pattern: Pattern | None = Field(default=None, description="One group of it is the author (作者：(\\S+)).")
    time: Css = Field(description="Within the post: when; absolute, ISO, or as Chinese forums write it (昨天 20:15).")
    time_pattern: Pattern | None = Field(default=None, description="One group of it is the time.")
    body: Css = Field(description="Within the post: the element that holds the text.")
    body_pattern: Pattern | None = Field(
        default=None, description="One group of it is the text, where time and author stand in the same element."
    )
    permalink: Css | None = Field(default=None, description="Within the post: its own address; none = the page and #id.")
    parent: Css | None = Field(default=None, description="Within the post: id of the post that it answers.")
    floor: Css | None = Field(default=None, description="Within the post: its number in the thread (3楼, #3, 沙发).")
    answers: Css | None = Field(default=None, description="Within the post: words that name the floor it answers (回复 3楼).")
    quote: Css | None = Field(
        default=None, description="Within the post: the text that it quotes, not its author's: it becomes its parent's text."
    )
    edited: Css | None = Field(default=None, description="Within the post: the notice of an edit, which is not part of the text.")
    drop: tuple[Css, ...] = Field(
        default=(), description="Within the post: elements that are not the author's text (quotes, signatures)."
    )
    next: Css | None = Field(
        default=None, description="Address of the thread's next page; none = the link that says so (rel=next, 下一页, Next, »)."
    )


class Selectors(Described):
    """All selectors of an HTML source."""

    list: ListSelectors | None = Field(
        default=None, description="None: the pages of start hold the posts themselves (a guestbook, a wall of comments)."
    )
    thread: ThreadSelectors
    wall: Css | None = Field(default=None, description="Present on a login, captcha or block page, which is never content.")
    gone: Css | None = Field(
        default=None, description="Present on the page that says, with status 200, that a thread is no longer there."
    )


class ListOverrides(Described):
    """Selectors of a list that a changed template wants otherwise."""

    board: Css | None = Field(default=None, description="Links to boards, on an index page.")
    row: Css | None = Field(default=None, description="One thread in the list.")
    link: Css | None = Field(default=None, description="Within the row: the thread's address.")
    activity: Css | None = Field(default=None, description="Within the row: a text that changes when the thread does.")
    next: Css | None = Field(default=None, description="Address of the list's next page.")


class ThreadOverrides(Described):
    """Selectors of a thread that a changed template wants otherwise."""

    title: Css | None = Field(default=None, description="The thread's title.")
    board: Css | None = Field(default=None, description="The board's name.")
    post: Css | None = Field(default=None, description="One post.")
    id: Css | None = Field(default=None, description="Within the post: its id on the site.")
    id_pattern: Pattern | None = Field(default=None, description="One group of it is the id.")
    author: Css | None = Field(default=None, description="Within the post: who wrote it.")
    time: Css | None = Field(default=None, description="Within the post: when.")
    body: Css | None = Field(default=None, description="Within the post: the element that holds the text.")
    quote: Css | None = Field(default=None, description="Within the post: the text that it quotes.")
    edited: Css | None = Field(default=None, description="Within the post: the notice of an edit.")
    drop: tuple[Css, ...] | None = Field(default=None, description="Within the post: elements that are not the author's text.")
    next: Css | None = Field(default=None, description="Address of the thread's next page.")


class Overrides(Described):
    """What a site's own template of a known family changes: these selectors replace the family's, the others stay."""

    list: ListOverrides = ListOverrides()
    thread: ThreadOverrides = ThreadOverrides()

    def applied(self, by: Selectors) -> Selectors:
        """`by` with what stands here in place of its own."""
        changed = {
            part: getattr(by, part).model_copy(update=getattr(self, part).model_dump(exclude_none=True))
            for part in ("list", "thread")
            if getattr(by, part)
        }
        return by.model_copy(update=changed)


class Source(Described):
    """One source file. Without owner, permission and rate it does not run."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Short name, unique in the folder.")
    family: FamilyName = Field(description="What kind of site it is; html = any site, read by the selectors below.")
    platform: str = Field(
        min_length=1, max_length=200, description="The platform's lasting name; with the post's id it identifies a post."
    )
    start: tuple[Address, ...] = Field(min_length=1, description="Pages to begin with: an index of boards, boards, or feeds.")
    hosts: tuple[str, ...] = Field(
        default=(),
        description="Further hosts that pages may be on, with a port if it is neither 80 nor 443; those of start always are. "
        "A private address is read only if it stands here or in start.",
    )
    owner: Stated = Field(description="Who runs the site.")
    permission: Stated = Field(description="What allows reading it, and since when.")
    public: str = Field(default="", max_length=500, description="What of the site is public, and is therefore read.")
    robots_agreement: str = Field(
        default="",
        max_length=500,
        description="A written agreement that allows what robots.txt forbids; empty = robots.txt is obeyed.",
    )
    rate: Rate = Field(description="The agreed speed.")
    windows: tuple[Annotated[str, AfterValidator(_window)], ...] = Field(
        default=(), description="Hours in which the site may be read, in its time zone, such as 08:00-22:30; none = always."
    )
    contact: str = Field(default="", max_length=200, description="Named in the User-Agent; empty = crawl.contact of the settings.")
    interval: float | None = Field(
        default=None, ge=1, description="Seconds between two visits; none = crawl.interval of the settings."
    )
    recheck: float = Field(
        default=3600.0,
        ge=0,
        description="Seconds after which a thread without new activity is read again for edits and deletions, at the earliest; "
        "one that rests is read again after three times as long as it has rested. 0 = on every visit.",
    )
    watch_days: float = Field(
        default=7.0, ge=0, description="Days since its newest post that a thread which left the lists is still read."
    )
    list_pages: int = Field(default=20, ge=1, le=1000, description="Most pages of one list read in a visit.")
    visit_threads: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="Most threads read in a visit, the first listed first; the rest on the next ones.",
    )
    visit_requests: int = Field(
        default=20_000,
        ge=10,
        le=10_000_000,
        description="Most requests of a visit; lists take a fifth of them at most. What is left waits for the next one.",
    )
    thread_pages: int = Field(default=200, ge=1, le=10_000, description="Most pages of one thread read in a visit.")
    place: str = Field(default="", max_length=200, description="Place that the site is about, e.g. a street or school.")
    board: str = Field(default="", max_length=500, description="Board name where pages or feed give none.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field(default="Asia/Shanghai", description="Zone of times without offset.")
    encoding: Annotated[str, AfterValidator(_encoding)] | None = Field(
        default=None, description="Encoding of the pages where they state a wrong one or none; none = what they state."
    )
    selectors: Selectors | None = Field(default=None, description="For family html.")
    overrides: Overrides | None = Field(
        default=None, description="For families phpwind, phpbb and spirit: single selectors that the site's own template changes."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.selectors is None) == (self.family == "html"):
            raise ValueError("family html needs selectors, the other families know theirs and have none")
        if self.overrides and self.family not in PRESETS:
            raise ValueError(
                f"overrides change the selectors of {', '.join(sorted(PRESETS))}; family {self.family} has none: use family html"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Zone of times without offset."""
        return ZoneInfo(self.timezone)

    @property
    def digest(self) -> str:
        """Changes with anything in the file."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts (canonical names, no port) that may be asked at all."""
        return frozenset(map(host_of, self.start)) | frozenset(split_host(host)[0] for host in self.hosts)

    @property
    def named_ports(self) -> frozenset[int]:
        """Ports that the file names; 80 and 443 are open at public hosts anyway."""
        return frozenset(map(port_of, self.start)) | frozenset(port for host in self.hosts if (port := split_host(host)[1]))
