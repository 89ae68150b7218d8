"""How much an author has posted lately, as far as the store knows: under the pseudonym of cleared posts and under the name.

Unlike every other fact of a condition, this depends on what has been stored by the time a post is judged (decision 0021).
"""

from datetime import datetime, timedelta
from typing import Final

from alerting.facts import NOBODY, AuthorCounts
from alerting.pseudonyms import Pseudonyms
from humiao.alert import StoredPost
from humiao.post import Post
from humiao.store import PostFilter, Store

WINDOW: Final = timedelta(days=7)
"""Before the post; cleared posts are kept no longer by default."""
MOST: Final = 200
"""Posts counted at most under one name."""


class AuthorHistory:
    """Asks the store."""

    def __init__(self, store: Store, pseudonyms: Pseudonyms) -> None:
        self._store, self._pseudonyms = store, pseudonyms

    def counts(self, post: Post) -> AuthorCounts:
        """Earlier posts of the author of `post` on its platform within `WINDOW`; nothing is known of an author without a name.

        Raises:
            StoreUnavailable: the store doesn't answer.
        """
        if not post.author:
            return NOBODY
        found: dict[str, StoredPost] = {}
        for name in (post.author, self._pseudonyms.of(post.author)):
            found |= self._by(name, post)
        return AuthorCounts(len(found), sum(bool(one.verdict.flags) for one in found.values()))

    def _by(self, name: str, post: Post) -> dict[str, StoredPost]:
        quoted = f'"{name.translate(_NO_QUOTES)}"'
        narrow = PostFilter(since=_before(post.ts), until=post.ts, platform=post.platform)
        page = self._store.search(quoted, narrow, limit=MOST)
        return {hit.post.post.id: hit.post for hit in page.items if hit.post.post.author == name and hit.post.post.id != post.id}


_NO_QUOTES: Final = {ord(quote): " " for quote in '"“”＂'}


def _before(instant: datetime) -> datetime:
    try:
        return instant - WINDOW
    except OverflowError:  # a post dated in the year 1
        return instant
