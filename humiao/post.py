"""A post: one thing that somebody published, as it flows through the topic ``posts``."""

import hashlib
import operator
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from humiao.errors import BadInput

MAX_TEXT = 200_000
"""The longest text of a post, in characters; longer ones are refused (a book is not a post)."""
MAX_PARENT = 500
"""Characters kept of the post that one answers."""
MAX_ATTACHMENTS = 50
"""Most pictures that one post brings."""
MAX_LINE = 4 * 1024 * 1024
"""The longest JSON line read, in bytes."""

M = TypeVar("M", bound=BaseModel)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ISO_WITH_OFFSET = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|z|[+-]\d\d:?\d\d)$")


def _storable(value: str) -> str:
    if found := _UNSTORABLE.search(value):
        name = "a NUL character" if found.group() == "\x00" else "a lone surrogate"
        raise ValueError(f"has {name} at character {found.start()}; remove it")
    return value


def _iso_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be ISO 8601 text with an offset, not {type(value).__name__}")  # noqa: TRY004 (pydantic wants ValueError)
    if not _ISO_WITH_OFFSET.match(value):
        raise ValueError(f"{value[:40]!r} is not ISO 8601 with an offset, such as 2026-03-01T20:15:00+08:00")
    try:
        return datetime.fromisoformat(value.strip().replace(",", ".").upper())
    except ValueError as error:
        raise ValueError(f"{value[:40]!r} is not a time that exists: {error}") from error


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


def _array(value: Any) -> Any:
    """JSON knows no tuples; a model that looks at its fields before validation gets lists."""
    return tuple(value) if isinstance(value, list) else value


Text = Annotated[str, AfterValidator(_storable)]
Time = Annotated[AwareDatetime, BeforeValidator(_iso_text), AfterValidator(_to_utc)]
"""An instant; any offset on input, always UTC inside."""


class Frozen(BaseModel):
    """Base of everything that flows: immutable, no unknown fields, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Capture(Frozen):
    """Where the page that a post was read from is kept: its WARC response record, and after it request and circumstances."""

    file: str
    """Path of the WARC file below the ``warc`` folder."""
    record_id: str
    """``WARC-Record-ID`` of the response record, without angle brackets."""
    offset: int = Field(ge=0)
    """Byte offset of the (gzip member of the) response record in the file."""
    length: int = Field(ge=0)
    """Bytes from there to the end of the last record of the exchange."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of those stored bytes."""
    payload_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the HTTP payload as the server sent it after transfer decoding."""
    url: str
    captured_at: Time


class Post(Frozen):
    """One published text. The first nine fields are the public post line, the rest is added by the way in."""

    platform: Text = Field(min_length=1, max_length=200)
    board: Text = Field(default="", max_length=500)
    url: Text = Field(default="", max_length=4000)
    native_id: Text = Field(default="", max_length=500)
    title: Text = Field(default="", max_length=5000)
    author: Text = Field(default="", max_length=500)
    text: Text = Field(min_length=1, max_length=MAX_TEXT)
    ts: Time
    """When it was published (UTC)."""
    reply_to: Text = Field(default="", max_length=500)
    """``native_id`` of the post that this one answers."""
    parent: Text = Field(default="", max_length=MAX_PARENT, exclude_if=operator.not_)
    """Beginning of the text of the post that this one answers, as far as the way in saw it; the judge reads it as context."""

    id: str = Field(default="", pattern="^([0-9a-f]{32})?$")
    revision: str = Field(default="", pattern="^([0-9a-f]{16})?$")
    """Hash of title and text: an edit changes it, the id stays."""
    source: Text = Field(default="", max_length=200)
    """Name of the source file, clue file or partner that brought it."""
    place: Text = Field(default="", max_length=200)
    """Place hint of the source, e.g. a school or street; empty if none."""
    fetched_at: Time | None = None
    """When we saw it (UTC); of two revisions the later seen counts."""
    capture: Capture | None = None
    attachments: Annotated[
        tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...], BeforeValidator(_array), Field(max_length=MAX_ATTACHMENTS)
    ] = Field(default=(), exclude_if=operator.not_)
    """SHA-256 of the pictures (in the blob store) that somebody brought with it."""

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_defaults(cls, data: Any) -> Any:
        if isinstance(data, dict):
            optional = ("board", "url", "native_id", "title", "author", "reply_to")
            return {k: v for k, v in data.items() if not (v is None and k in optional)}
        return data

    @model_validator(mode="after")
    def _derive(self) -> Self:
        if not self.text.strip():
            raise ValueError("text is blank")
        if not self.id:
            object.__setattr__(self, "id", post_id(self))
        if not self.revision:
            digest = hashlib.sha256(f"{self.title}\x1f{self.text}".encode()).hexdigest()
            object.__setattr__(self, "revision", digest[:16])
        return self

    def to_json(self) -> bytes:
        """The message body: UTF-8 JSON."""
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, raw: bytes) -> "Post":
        """Parse a message body or post line.

        Raises:
            BadInput: one line that says which field is wrong and why.
        """
        return parse(cls, raw)


def post_id(post: Post) -> str:
    """First 32 hex digits of SHA-256 over platform and native id (interfaces.md), or over what identifies it otherwise.

    Without a native id: platform, author, UTC time as ``2026-03-01T12:15:00Z`` (fraction only if there is one), text.
    """
    if post.native_id:
        return native_post_id(post.platform, post.native_id)
    return _id_of(post.platform, post.author, utc_text(post.ts), post.text)


def native_post_id(platform: str, native_id: str) -> str:
    """The id of a post that has a native one."""
    return _id_of(platform, native_id)


def _id_of(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def utc_text(instant: datetime) -> str:
    """ISO 8601 in UTC with ``Z``."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse(model: type[M], raw: bytes) -> M:
    """Validate one JSON document as `model`.

    Raises:
        BadInput: with the first problems, each as ``field: reason``.
    """
    if not raw.strip():
        raise BadInput("the line is empty; expected one JSON object")
    if len(raw) > MAX_LINE:
        raise BadInput(f"the line has {len(raw):,} bytes; the limit is {MAX_LINE:,}")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise BadInput("; ".join(_reasons(error)[:3])) from error


def _reasons(error: ValidationError) -> list[str]:
    reasons = []
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"])
        what = problem["msg"].removeprefix("Value error, ")
        reasons.append(f"{where}: {what}" if where else what)
    return reasons
