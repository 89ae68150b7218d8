"""``POST /api/v1/posts``: partners push posts or clues."""

import json
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from alerting.console.context import Here
from alerting.console.gate import Who
from humiao import metrics
from humiao.errors import BadInput
from humiao.log import POSTS, Record
from humiao.post import Post

router = APIRouter(prefix="/api/v1/posts", tags=["posts"])

MOST: Final = 1000
"""Posts in one request."""
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of one request."""
FIELDS: Final = ("platform", "board", "url", "native_id", "title", "author", "text", "ts", "reply_to")
"""What a partner may say of a post; the rest (id, source, capture …) is ours to fill in."""
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["posts"],
                    "properties": {
                        "posts": {
                            "type": "array",
                            "maxItems": MOST,
                            "items": {
                                "type": "object",
                                "required": ["platform", "text", "ts"],
                                "additionalProperties": False,
                                "properties": {name: {"type": "string"} for name in FIELDS},
                            },
                        }
                    },
                }
            }
        },
    }
}


class Item(BaseModel):
    """What became of one post of the request."""

    index: int
    """Position in the request, from 0."""
    id: str | None
    """Id of the post; none if it was rejected."""
    status: Literal["accepted", "rejected"]
    reason: str = ""


class Receipt(BaseModel):
    """What became of the request."""

    accepted: int
    rejected: int
    results: list[Item]


class Judged(NamedTuple):
    """A post of the request, or why it is none."""

    post: Post | None
    reason: str


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post("", status_code=202, openapi_extra=BODY, max_body_size=LARGEST)
def receive(here: Here, who: Who, raw: Annotated[bytes, Depends(_body)]) -> Receipt:
    """Take ``{"posts": […]}`` or a bare array. Good posts go in, bad ones are named; sending a post again changes nothing."""
    judged = [_judge(item, f"partner:{who.name}", here) for item in _items(raw)]
    good = {one.post.id: one.post for one in judged if one.post}
    here.log.get().publish(POSTS, [Record(id, post.to_json()) for id, post in good.items()])
    results = [
        Item(index=index, id=one.post.id if one.post else None, status="accepted" if one.post else "rejected", reason=one.reason)
        for index, one in enumerate(judged)
    ]
    accepted = sum(one.post is not None for one in judged)
    metrics.INGEST_LINES.labels("accepted").inc(accepted)
    metrics.INGEST_LINES.labels("rejected").inc(len(judged) - accepted)
    return Receipt(accepted=accepted, rejected=len(judged) - accepted, results=results)


def _items(raw: bytes) -> list[Any]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is no JSON document: {str(error)[:200]}") from error
    items = document.get("posts") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise HTTPException(400, 'send {"posts": [...]} or an array of posts')
    if len(items) > MOST:
        raise HTTPException(413, f"{len(items)} posts in one request; send at most {MOST} at a time")
    return items


def _judge(item: Any, source: str, here: Here) -> Judged:
    if not isinstance(item, dict):
        return Judged(None, f"must be an object, not {type(item).__name__}")
    if extra := sorted(str(key) for key in item.keys() - set(FIELDS)):
        return Judged(None, f"{extra[0][:80]}: no such field; a post has {', '.join(FIELDS)}")
    try:
        post = Post.from_json(json.dumps(item).encode())
    except (BadInput, RecursionError) as error:
        return Judged(None, str(error)[:500])
    return Judged(post.model_copy(update={"source": source, "fetched_at": here.clock()}), "")
