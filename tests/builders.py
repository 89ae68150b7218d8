"""Builders of what flows: valid records with every field filled in, each field open to change by keyword.

The same arguments give the same record; nothing is random and no clock is read.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from humiao.alert import Alert, Grade, StoredPost, alert_id
from humiao.event import GENESIS, Event, canonical_sha256
from humiao.evidence import Evidence, evidence_id
from humiao.labels import Harm, Sentiment, Stance
from humiao.post import Post
from humiao.verdict import Verdict

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Monday 2026-03-02 12:00 in Shanghai: the time of a record that isn't told otherwise."""


def at(**delta: float) -> datetime:
    """`NOON` plus a time difference (arguments of `timedelta`)."""
    return NOON + timedelta(**delta)


def make_post(**over: Any) -> Post:
    """A harmless post of a parents' board; id and revision follow from the fields."""
    fields: dict[str, Any] = {
        "platform": "bbs",
        "board": "家长里短",
        "url": "https://bbs.example.org/t/1",
        "native_id": "1",
        "title": "周末带孩子去哪里玩",
        "author": "坂田妈妈",
        "text": "请问附近有没有适合小学生的图书馆？",
        "ts": NOON,
        "source": "bbs",
        "place": "坂田街道",
        "fetched_at": NOON + timedelta(minutes=1),
    }
    return Post(**(fields | over))


def make_verdict(
    post: Post,
    *,
    flags: dict[Harm, float] | None = None,
    stance: Stance = Stance.OTHER,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    **over: Any,
) -> Verdict:
    """A verdict on `post`: `flags` are the harms over their threshold (0.5) with their probabilities, none by default."""
    flagged = dict(sorted((flags or {}).items(), key=lambda pair: -pair[1]))
    fields: dict[str, Any] = {
        "id": post.id,
        "harm": {harm: flagged.get(harm, 0.01) for harm in Harm},
        "flags": list(flagged),
        "stance": {name: 0.8 if name is stance else 0.05 for name in Stance},
        "sentiment": {name: 0.8 if name is sentiment else 0.1 for name in Sentiment},
        "normalised": post.text,
        "thresholds": dict.fromkeys(flagged, 0.5),
        "model": "test@1",
    }
    return Verdict(**(fields | over))


def make_stored(
    post: Post | None = None,
    *,
    flags: dict[Harm, float] | None = None,
    stance: Stance = Stance.OTHER,
    sentiment: Sentiment = Sentiment.NEUTRAL,
    alert: str = "",
    handled_at: datetime | None = None,
    **post_over: Any,
) -> StoredPost:
    """A handled post: alerted when `alert` names one, cleared otherwise; further keywords change the post."""
    post = post or make_post(**post_over)
    return StoredPost(
        post=post,
        verdict=make_verdict(post, flags=flags, stance=stance, sentiment=sentiment),
        outcome="alerted" if alert else "cleared",
        alert=alert,
        handled_at=handled_at or post.ts + timedelta(minutes=2),
    )


def make_alert(**over: Any) -> Alert:
    """An open yellow alert of one post; without `id` the id follows from `leader`."""
    leader = over.get("leader", make_post().id)
    fields: dict[str, Any] = {
        "id": alert_id("content", leader),
        "grade": Grade.YELLOW,
        "kind": "content",
        "harm": [Harm.BULLYING],
        "stance": Stance.OFFENDER,
        "place": "坂田街道",
        "platforms": ["bbs"],
        "first_seen": NOON,
        "last_seen": NOON,
        "posts": [leader],
        "post_count": 1,
        "deadline": NOON + timedelta(hours=24),
        "policy": "bullying@1",
        "score": 0.9,
        "summary": "学生欺凌与网络暴力：一帖",
        "reasons": ["概率 0.90 高于阈值 0.50"],
        "leader_ts": NOON,
        "leader": leader,
        "keys": ["k1"],
        "created_at": NOON + timedelta(minutes=2),
    }
    return Alert(**(fields | over))


def make_event(alert: str, seq: int = 1, prev: str = GENESIS, **over: Any) -> Event:
    """A sealed event of `alert`."""
    fields: dict[str, Any] = {"kind": "raised", "actor": "system:alert", "at": NOON, "data": {"grade": "yellow"}}
    return Event(alert=alert, seq=seq, prev=prev, **(fields | over)).sealed()


def make_evidence(post: Post, alert: str, **over: Any) -> Evidence:
    """Evidence of `post` without a capture, as for a post of a clue file."""
    fields: dict[str, Any] = {
        "id": evidence_id(post),
        "alert": alert,
        "post": post,
        "verdict": make_verdict(post),
        "capture": None,
        "post_sha256": canonical_sha256(post.model_dump(mode="json")),
        "kept_at": NOON + timedelta(minutes=3),
    }
    return Evidence(**(fields | over))
