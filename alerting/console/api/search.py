"""``/api/v1/search``: posts by their words."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerting.console.context import Here
from alerting.console.sight import masked
from humiao.alert import StoredPost
from humiao.labels import Harm
from humiao.post import utc_text
from humiao.store import PostFilter

router = APIRouter(prefix="/api/v1/search", tags=["search"])


@router.get("")
def search(
    here: Here,
    q: Annotated[str, Query(max_length=200, description='Words, or phrases in "double quotes"; all must occur.')] = "",
    harm: Annotated[Harm | None, Query()] = None,
    outcome: Annotated[Literal["alerted", "cleared"] | None, Query()] = None,
    platform: Annotated[str | None, Query(max_length=200)] = None,
    board: Annotated[str | None, Query(max_length=500)] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this time of the post on, with offset.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time, with offset.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> dict[str, Any]:
    """Newest first: ``{"posts": […], "next": cursor or null}``; identities are masked."""
    narrow = PostFilter(since=since, until=until, harm=harm, platform=platform, board=board, outcome=outcome)
    page = here.store.search(q, narrow, limit=limit, after=after)
    return {"posts": [_public(hit.post) for hit in page.items], "next": page.after}


def _public(stored: StoredPost) -> dict[str, Any]:
    post, sight = stored.post, masked(stored)
    return {
        "id": post.id,
        "platform": post.platform,
        "board": post.board,
        "url": post.url,
        "title": sight.title,
        "author": sight.author,
        "text": sight.text,
        "ts": utc_text(post.ts),
        "harm": [flag.value for flag in stored.verdict.flags],
        "stance": stored.verdict.top_stance.value,
        "outcome": stored.outcome,
        "alert": stored.alert,
    }
