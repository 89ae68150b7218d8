"""A copy for those who may not know the child: details masked, pages and pictures left out, hashes of all originals in it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from alerting.evidence.digests import sha256, sm3
from humiao.alert import Alert
from humiao.event import Event, canonical_json
from humiao.evidence import Evidence
from humiao.labels import Harm, Stance
from humiao.masking import mask
from humiao.post import Frozen, Time

_HEX64: Final = "^[0-9a-f]{64}$"
_BEFORE_PUPIL: Final = re.compile("[\u4e00-\u9fff]{1,3}(?=同学|小朋友|小同学)")
"""Whatever stands before these words: in lists a name there must be sure to be one, here it must only be possible."""


class RedactedEvidence(Frozen):
    """What may be told of a kept post."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    post: str = Field(pattern="^[0-9a-f]{32}$")
    platform: str
    board: str
    url: str
    title: str
    author: str
    """A running name (作者1, 作者2, …), the same for the same account throughout the package."""
    text: str
    ts: Time
    captured_at: Time | None
    harm: dict[Harm, float]
    flags: list[Harm]
    stance: dict[Stance, float]
    model: str
    original_sha256: str = Field(pattern=_HEX64)
    """Of the line in ``humiao/evidence.jsonl`` of the package that is not redacted (without its line break)."""


class RedactedEvent(Frozen):
    """An event without what it says; its hash still is that of the whole one, so the chain can be followed."""

    alert: str = Field(pattern="^[0-9a-f]{32}$")
    seq: int = Field(ge=1)
    kind: str
    actor: str
    at: Time
    prev: str = Field(pattern=_HEX64)
    hash: str = Field(pattern=_HEX64)


class Original(Frozen):
    """The hashes of something that is not in the redacted package, or only masked."""

    kind: str
    """``post``, ``page`` or ``picture``."""
    id: str
    sha256: str = Field(pattern=_HEX64)
    sm3: str = Field(pattern=f"{_HEX64}|^$")
    """Empty for a picture that nobody may hold: it was not opened to compute it."""
    bytes: int = Field(ge=0)


Hide = Callable[[str], str]
"""Masks what identifies a child, and names accounts as the package does."""


def hiding(evidence: Sequence[Evidence]) -> tuple[Hide, dict[str, str]]:
    """How texts of this package are masked, and the running name of each account."""
    names = {
        name: f"作者{n}" for n, name in enumerate(dict.fromkeys(one.post.author for one in evidence if one.post.author), start=1)
    }
    longest_first = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
    named = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def hidden(text: str) -> str:
        text = named.sub(lambda found: names[found.group()], text)
        return _BEFORE_PUPIL.sub(lambda found: "*" * len(found.group()), mask(text))

    return hidden, names


def redacted_alert(alert: Alert, hidden: Hide) -> bytes:
    """The alert as interfaces.md gives it, its text masked."""
    return canonical_json(alert.public() | {"summary": hidden(alert.summary), "place": hidden(alert.place)}) + b"\n"


def redacted_evidence(evidence: Sequence[Evidence]) -> list[RedactedEvidence]:
    """What may be told of each kept post."""
    hidden, names = hiding(evidence)
    return [
        RedactedEvidence(
            id=one.id,
            post=one.post.id,
            platform=one.post.platform,
            board=hidden(one.post.board),
            url=hidden(one.post.url),
            title=hidden(one.post.title),
            author=names.get(one.post.author, ""),
            text=hidden(one.post.text),
            ts=one.post.ts,
            captured_at=one.capture.captured_at if one.capture else None,
            harm=one.verdict.harm,
            flags=one.verdict.flags,
            stance=one.verdict.stance,
            model=one.verdict.model,
            original_sha256=sha256(one.model_dump_json().encode()),
        )
        for one in evidence
    ]


def redacted_events(events: Iterable[Event]) -> list[RedactedEvent]:
    """The events, each without its data."""
    return [RedactedEvent(**event.model_dump(exclude={"data"})) for event in events]


def originals(
    evidence: Iterable[Evidence], pages: Mapping[str, bytes], pictures: Mapping[str, bytes], sealed: Iterable[str]
) -> list[str]:
    """Rows of the hashes of posts, pages (by record id) and pictures; `sealed` are pictures of which only the SHA-256 is told."""
    posts = {one.id: one.model_dump_json().encode() for one in evidence}
    rows = [
        Original(kind=kind, id=id, sha256=sha256(content), sm3=sm3(content), bytes=len(content))
        for kind, parts in (("post", posts), ("page", pages), ("picture", pictures))
        for id, content in parts.items()
    ]
    rows += [Original(kind="picture", id=one, sha256=one, sm3="", bytes=0) for one in sealed]
    return [json.dumps(_plain(row), ensure_ascii=False) for row in rows]


def _plain(row: Original) -> dict[str, Any]:
    return row.model_dump(mode="json")
