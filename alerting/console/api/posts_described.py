"""What the API's description says of ``POST /api/v1/posts``: body, headers, every answer, each with an example."""

from typing import Any, Final

from humiao.post import MAX_TEXT

MOST: Final = 1000
"""Posts in one request."""
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of one request."""
_PROPERTIES: Final[dict[str, dict[str, Any]]] = {
    "platform": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Where it was published."},
    "board": {"type": "string", "maxLength": 500},
    "url": {"type": "string", "maxLength": 4000},
    "native_id": {
        "type": "string",
        "maxLength": 500,
        "description": "Id on the platform. With it the post's id stays when the text is edited.",
    },
    "title": {"type": "string", "maxLength": 5000},
    "author": {"type": "string", "maxLength": 500},
    "text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    "ts": {"type": "string", "format": "date-time", "description": "When it was published; ISO 8601 with an offset."},
    "reply_to": {"type": "string", "maxLength": 500, "description": "`native_id` of the post that it answers."},
}
FIELDS: Final = tuple(_PROPERTIES)
"""What a partner may say of a post; the rest (id, source, capture …) is ours to fill in."""
_POST: Final = {
    "platform": "贴吧",
    "board": "本地吧",
    "native_id": "8830012",
    "text": "有人在校门口卖电子烟",
    "ts": "2026-03-02T13:00:00+08:00",
}
_ID: Final = "58175678f68c45f8d452686082f656b2"
_RECEIPT: Final = {
    "accepted": 1,
    "rejected": 1,
    "results": [
        {"index": 0, "id": _ID, "status": "accepted", "reason": ""},
        {"index": 1, "id": None, "status": "rejected", "reason": "ts: Field required"},
    ],
}
_RETRY: Final = {"Retry-After": {"description": "Seconds after which to send the batch again.", "schema": {"type": "integer"}}}


def _failure(description: str, detail: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {
        "application/json": {
            "schema": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
            "example": {"detail": detail},
        }
    }
    return {"description": description, "content": content} | ({"headers": headers} if headers else {})


BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": f"At most {MOST:,} posts and {LARGEST >> 20} MiB; a bare array of posts is as good.",
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
                                "properties": _PROPERTIES,
                            },
                        }
                    },
                },
                "example": {"posts": [_POST]},
            }
        },
    }
}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "Taken: every post is accepted or rejected by itself, in the order of the request.",
        "headers": {
            "Idempotency-Replayed": {
                "description": "`true` if the same batch was taken before under this key; nothing was taken again.",
                "schema": {"type": "string"},
            }
        },
        "content": {"application/json": {"example": _RECEIPT}},
    },
    400: _failure("The body is no batch, or the key is no key.", 'send {"posts": [...]} or an array of posts'),
    401: _failure("No valid token.", "the token is not valid: forged, expired, or its account is disabled; ask for a new one"),
    403: _failure("The token's scope is not `ingest`.", "the role analyst may not use POST /api/v1/posts"),
    413: _failure("Too many posts or bytes.", f"1001 posts in one request; send at most {MOST} at a time"),
    415: _failure("The body is said to be something else than JSON, or is compressed.", "send Content-Type: application/json"),
    422: _failure(
        "The key came with another body within 24 hours.",
        "Idempotency-Key: came with another body before; use a new key for every new batch",
    ),
    429: _failure(
        "The classifier is behind, or the partner used too many keys; nothing was taken.",
        "61,000 posts wait for the classifier; send the batch again in 12 seconds",
        _RETRY,
    ),
    503: _failure(
        "Log or store can't be reached; parts of the batch may have been taken. Sending it again is safe.",
        "the log can't be reached",
        _RETRY,
    ),
}
