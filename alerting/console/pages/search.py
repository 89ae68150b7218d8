"""Search among the posts that the store keeps."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from alerting.console import highlight
from alerting.console.context import Here
from alerting.console.render import page
from alerting.console.sight import masked
from alerting.console.times import SHANGHAI
from humiao.labels import Harm
from humiao.store import PostFilter
from humiao.store.query import phrases

router = APIRouter(include_in_schema=False)

PAGE = 25
AROUND = 60
"""Characters shown before the first match; three times as many after it."""
LONGEST_QUERY = 200


@router.get("/search")
def search(
    request: Request,
    here: Here,
    q: str = "",
    harm: str = "",
    outcome: str = "",
    since: str = "",
    until: str = "",
    after: str | None = None,
) -> Response:
    """Posts that hold every term; identities masked."""
    q = q[:LONGEST_QUERY].strip()
    wanted = Harm(harm) if harm in set(Harm) else None
    outcome = outcome if outcome in {"alerted", "cleared"} else ""
    first, last = _day(since), _day(until)
    chosen = {
        "q": q,
        "harm": harm if wanted else "",
        "outcome": outcome,
        "since": since if first else "",
        "until": until if last else "",
    }
    asked = any(chosen.values())
    narrow = PostFilter(since=first, until=last + timedelta(days=1) if last else None, harm=wanted, outcome=outcome or None)
    results = here.store.search(q, narrow, limit=PAGE, after=after or None) if asked else None
    terms = phrases(q)
    hits = []
    for hit in results.items if results else []:
        sight = masked(hit.post)
        hits.append(
            (
                hit.post,
                sight,
                highlight.by_query(sight.title, terms),
                highlight.by_query(sight.text, terms, around=AROUND),
            )
        )

    def url(**change: Any) -> str:
        return f"/search?{urlencode({key: value for key, value in (chosen | change).items() if value})}"

    return page(
        request,
        "search.html",
        asked=asked,
        hits=hits,
        after=results.after if results else None,
        first_page=not after,
        chosen=chosen,
        url=url,
    )


def _day(text: str) -> datetime | None:
    """The start of a day of Shanghai, or None for what is no date (or too far off for a calendar)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), SHANGHAI) if 1970 <= day.year <= 9000 else None  # noqa: PLR2004
