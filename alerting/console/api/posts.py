"""``POST /api/v1/posts``: partners push posts or clues."""

import json
from email.message import Message
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import BaseModel

from alerting.console.api.posts_described import ANSWERS, BODY, FIELDS, LARGEST, MOST
from alerting.console.context import Context, Here
from alerting.console.gate import Who
from alerting.console.repeats import Claim, KeyReused, TooManyKeys
from humiao import metrics
from humiao.errors import BadInput
from humiao.log import POSTS, Record
from humiao.post import Post

router = APIRouter(prefix="/api/v1/posts", tags=["posts"])

KEYS_AGAIN = 3600
"""Seconds that a partner without keys is told to wait."""


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


def json_alone(request: Request) -> None:
    """Refuse a body that is said to be something else than plain JSON in UTF-8 (one about which nothing is said may be)."""
    said = Message()
    said["content-type"] = request.headers.get("content-type", "application/json")
    subtype = said.get_content_subtype()
    if not (subtype == "json" or subtype.endswith("+json")) or str(said.get_content_charset("utf-8")) not in {"utf-8", "us-ascii"}:
        raise _refusal(415, "malformed", "send Content-Type: application/json (UTF-8)")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _refusal(415, "malformed", "send the body without Content-Encoding")


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post("", status_code=202, openapi_extra=BODY, responses=ANSWERS, max_body_size=LARGEST, dependencies=[Depends(json_alone)])
def receive(
    here: Here,
    who: Who,
    raw: Annotated[bytes, Depends(_body)],
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="New for every new batch, such as a UUID. The same batch with its key is taken once in 24 hours.",
            examples=["0b5f7a52-6f0e-4b1a-9c43-0d8a6a5a7b11"],
        ),
    ] = None,
) -> Receipt:
    """Take ``{"posts": […]}`` or a bare array (token with scope `ingest`).

    Good posts go in, bad ones are named; ids follow from the posts, so sending a post again changes nothing.
    """
    judged = [_judge(item, f"partner:{who.name}", here) for item in _items(raw)]
    claim = _claim(here, who.name, idempotency_key, raw) if idempotency_key is not None else None
    if claim and claim.done:
        metrics.INGEST_REQUESTS.labels("repeated").inc()
        response.headers["Idempotency-Replayed"] = "true"
        return _receipt(judged)
    good = {one.post.id: one.post for one in judged if one.post}
    _wait_for_the_classifier(here)
    here.log.get().publish(POSTS, [Record(id, post.to_json()) for id, post in good.items()])
    here.drain.sent(len(good))
    if claim:
        here.repeats.done(here.store, claim)
    receipt = _receipt(judged)
    metrics.INGEST_LINES.labels("accepted").inc(receipt.accepted)
    metrics.INGEST_LINES.labels("rejected").inc(receipt.rejected)
    metrics.INGEST_REQUESTS.labels("taken").inc()
    return receipt


def _receipt(judged: list[Judged]) -> Receipt:
    results = [
        Item(index=index, id=one.post.id if one.post else None, status="accepted" if one.post else "rejected", reason=one.reason)
        for index, one in enumerate(judged)
    ]
    accepted = sum(one.post is not None for one in judged)
    return Receipt(accepted=accepted, rejected=len(judged) - accepted, results=results)


def _claim(here: Context, partner: str, key: str, raw: bytes) -> Claim:
    try:
        return here.repeats.claim(here.store, partner, key, raw, here.clock())
    except KeyReused as error:
        raise _refusal(422, "key_reused", str(error)) from error
    except TooManyKeys as error:
        raise _refusal(429, "too_many_keys", str(error), KEYS_AGAIN) from error
    except BadInput as error:
        raise _refusal(400, "malformed", str(error)) from error


def _wait_for_the_classifier(here: Context) -> None:
    limit = here.settings.console.ingest_lag
    if seconds := here.drain.seconds_to_wait(here.log.get(), limit, here.clock()):
        detail = f"more than {limit:,} posts wait for the classifier; send the batch again in {seconds} seconds"
        raise _refusal(429, "lagging", detail, seconds)


def _refusal(status: int, outcome: str, detail: str, retry_after: int | None = None) -> HTTPException:
    metrics.INGEST_REQUESTS.labels(outcome).inc()
    return HTTPException(status, detail, {"Retry-After": str(retry_after)} if retry_after else None)


def _items(raw: bytes) -> list[Any]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _refusal(400, "malformed", f"the body is no JSON document: {str(error)[:200]}") from error
    items = document.get("posts") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise _refusal(400, "malformed", 'send {"posts": [...]} or an array of posts')
    if len(items) > MOST:
        raise _refusal(413, "too_large", f"{len(items)} posts in one request; send at most {MOST} at a time")
    return items


def _judge(item: Any, source: str, here: Context) -> Judged:
    if not isinstance(item, dict):
        return Judged(None, f"must be an object, not {type(item).__name__}")
    if extra := sorted(str(key) for key in item.keys() - set(FIELDS)):
        return Judged(None, f"{extra[0][:80]}: no such field; a post has {', '.join(FIELDS)}")
    try:
        post = Post.from_json(json.dumps(item).encode())
    except (BadInput, RecursionError) as error:
        return Judged(None, str(error)[:500])
    return Judged(post.model_copy(update={"source": source, "fetched_at": here.clock()}), "")
