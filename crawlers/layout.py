"""Whether a site's pages still look as they used to: the share of posts in which each field is found, against its own past."""

import json
from collections.abc import Sequence
from typing import Final

from crawlers.reading import ReadPost

FIELDS: Final = ("posts", "id", "time", "author", "text")
ENOUGH: Final = 20.0
"""Posts that must be known before anything about them can be called strange."""
ENOUGH_PAGES: Final = 5.0
"""Pages that must be known before one without any post is."""
USUAL: Final = 0.9
"""A field found in so many of them is one that pages have."""
STRANGE: Final = 0.5
"""A page on which it is found in fewer posts than that is strange."""
FEW: Final = 3
"""A page with fewer posts says nothing about its fields."""
MEMORY: Final = 400.0
"""Posts after which the past weighs half."""


class FillRates:
    """The past of one source, as far as its file has not changed since."""

    def __init__(self, note: str, version: str) -> None:
        """`note`: what `to_note` gave; `version`: changes with the source file, and everything is learnt anew."""
        kept = json.loads(note) if note else {}
        self._version = version
        self._past: dict[str, list[float]] = kept["past"] if kept.get("version") == version else {}

    def to_note(self) -> str:
        """Everything known, as text."""
        return json.dumps({"version": self._version, "past": self._past})

    def strange(self, posts: Sequence[ReadPost]) -> str:
        """What is missing from a page that pages of this source have; empty = it looks as usual."""
        for field, filled, asked in _fill(posts):
            past_filled, past_asked = self._past.get(field, [0.0, 0.0])
            enough = ENOUGH_PAGES if field == "posts" else ENOUGH
            usual = past_asked >= enough and past_filled >= USUAL * past_asked
            few = field != "posts" and asked < FEW
            if usual and not few and filled < STRANGE * asked:
                return f"{field}: found in {filled} of {asked}, usually in {past_filled / past_asked:.0%}"
        return ""

    def learn(self, posts: Sequence[ReadPost]) -> None:
        """The page looked as usual, or nothing was known yet."""
        for field, filled, asked in _fill(posts):
            past = self._past.setdefault(field, [0.0, 0.0])
            keep = 0.5 ** (asked / MEMORY)
            past[0], past[1] = past[0] * keep + filled, past[1] * keep + asked


def _fill(posts: Sequence[ReadPost]) -> list[tuple[str, int, int]]:
    shown = [post for post in posts if not post.withheld]
    found = [("posts", int(bool(posts)), 1)]
    found.append(("id", sum(bool(post.native_id) for post in shown), len(shown)))
    found.append(("time", sum(post.ts is not None for post in shown), len(shown)))
    found.append(("author", sum(bool(post.author) for post in shown), len(shown)))
    found.append(("text", sum(bool(post.text or post.images) for post in shown), len(shown)))
    return found
