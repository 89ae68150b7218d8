"""What a source's crawl state may forget, so that it does not grow for ever: what no list shows any more and nobody looks at."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from crawlers.state import CrawlState

AFTER: Final = timedelta(days=30)
"""Time without any change after which a thread may be forgotten; if it is ever listed again it is read once more as if new."""
LOOSE_POSTS: Final = 5000
"""Latest posts of feeds and timelines that are always remembered, as such a page may show old ones for years."""


def forget(state: CrawlState, source: str, listed: Collection[str], now: datetime) -> int:
    """Forget threads that are not `listed`, are looked at no more and did not change for long; old posts of feeds; old pages.

    To be called when all lists were read to their ends. Returns how many threads went.
    """
    before = (now - AFTER).astimezone(UTC).isoformat(timespec="microseconds")
    with state.transaction() as db:
        query = """SELECT url FROM threads WHERE source = ? AND due_at IS NULL
            AND coalesce((SELECT max(changed_at) FROM posts WHERE thread = url), gone_at, '') < ?"""
        old = [row for row in db.execute(query, (source, before)) if row[0] not in listed]
        db.executemany("DELETE FROM posts WHERE thread = ?", old)
        db.executemany("DELETE FROM threads WHERE url = ?", old)
        loose = "SELECT id FROM posts WHERE source = ? AND thread = '' ORDER BY changed_at DESC LIMIT -1 OFFSET ?"
        beyond = db.execute(loose, (source, LOOSE_POSTS)).fetchall()
        db.executemany("DELETE FROM posts WHERE id = ? AND changed_at < ?", [(id, before) for (id,) in beyond])
        db.execute("DELETE FROM pages WHERE source = ? AND json_extract(capture, '$.captured_at') < ?", (source, before))
    return len(old)
