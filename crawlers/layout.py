"""Whether a site's pages still look as they used to: the share of posts in which each field is found, against its own past."""

import json
from collections.abc import Sequence
from typing import Final

from crawlers.reading import ListedThread, ReadPost

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
PAGE: Final = ""
TIMELINE: Final = "timeline "
LIST: Final = "list "
"""Kinds of pages: of a thread, of a list that holds posts itself, of a list of threads or boards."""


class FillRates:
    """The past of one source, as far as its file has not changed since."""

    def __init__(self, note: str, version: str) -> None:
        """`note`: what `to_note` gave; `version`: changes with the source file, and everything is learnt anew."""
        kept = json.loads(note) if note else {}
        self._version = version
        kept = kept if kept.get("version") == version else {}
        self._past: dict[str, list[float]] = kept.get("past", {})
        self._in_a_row: dict[str, int] = kept.get("in a row", {})
        self._hollow: str = kept.get("hollow", "")

    def to_note(self) -> str:
        """Everything known, as text."""
        known = {"version": self._version, "past": self._past, "in a row": self._in_a_row, "hollow": self._hollow}
        return json.dumps(known, ensure_ascii=False)

    def strange(self, posts: Sequence[ReadPost], *, of: str = PAGE) -> str:
        """What is missing from a page that pages of this source have; empty = it looks as usual. `of`: PAGE or TIMELINE."""
        return self._missing(_fill(posts), of)

    def learn(self, posts: Sequence[ReadPost], *, of: str = PAGE) -> None:
        """The page looked as usual, or nothing was known yet."""
        self._learn(_fill(posts), of)
        self._hollow = ""

    def strange_list(self, threads: Sequence[ListedThread], boards: Sequence[str]) -> str:
        """The same for the first page of a list."""
        return self._missing(_fill_of_list(threads, boards), LIST)

    def learn_list(self, threads: Sequence[ListedThread], boards: Sequence[str]) -> None:
        """The same for the first page of a list; one that never shows threads or boards, such as a feed, is no such list."""
        if threads or boards:
            self._learn(_fill_of_list(threads, boards), LIST)

    def again(self, of: str) -> bool:
        """A page `of` some kind was strange: whether the one before it was too, be it on an earlier visit."""
        self._in_a_row[of] = self._in_a_row.get(of, 0) + 1
        return self._in_a_row[of] > 1

    def hollow(self, thread: str) -> bool:
        """A thread had no posts: whether another one before it had none either, and no page had any since."""
        before, self._hollow = self._hollow, thread
        return before not in {"", thread}

    def _missing(self, fill: Sequence[tuple[str, int, int]], of: str) -> str:
        for field, filled, asked in fill:
            past_filled, past_asked = self._past.get(of + field, [0.0, 0.0])
            whole = field in {"posts", "threads"}
            usual = past_asked >= (ENOUGH_PAGES if whole else ENOUGH) and past_filled >= USUAL * past_asked
            few = not whole and asked < FEW
            if usual and not few and filled < STRANGE * asked:
                return f"{field}: found in {filled} of {asked}, usually in {past_filled / past_asked:.0%}"
        return ""

    def _learn(self, fill: Sequence[tuple[str, int, int]], of: str) -> None:
        self._in_a_row.pop(of, None)
        for field, filled, asked in fill:
            past = self._past.setdefault(of + field, [0.0, 0.0])
            keep = 0.5 ** (asked / MEMORY)
            past[0], past[1] = past[0] * keep + filled, past[1] * keep + asked


def _fill_of_list(threads: Sequence[ListedThread], boards: Sequence[str]) -> list[tuple[str, int, int]]:
    shown = sum(bool(thread.activity) for thread in threads)
    return [("threads", int(bool(threads or boards)), 1), ("activity", shown, len(threads))]


def _fill(posts: Sequence[ReadPost]) -> list[tuple[str, int, int]]:
    shown = [post for post in posts if not post.withheld]
    found = [("posts", int(bool(posts)), 1)]
    found.append(("id", sum(bool(post.native_id) for post in shown), len(shown)))
    found.append(("time", sum(post.ts is not None for post in shown), len(shown)))
    found.append(("author", sum(bool(post.author) for post in shown), len(shown)))
    found.append(("text", sum(bool(post.text or post.images) for post in shown), len(shown)))
    return found
