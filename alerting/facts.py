"""What a condition may ask of a post: every fact with its type and meaning, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from alerting.calendar import SHANGHAI, Calendar
from alerting.captures import PATROL
from humiao.labels import CRISIS, Harm, Sentiment, Stance
from humiao.post import Post
from humiao.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of CEL values: ``bool``, ``int``, ``double``, ``text``, or a list or map of them (keys of a map are texts)."""

    name: str
    of: "Kind | None" = None

    def __str__(self) -> str:
        return f"{self.name} of {self.of}" if self.of else self.name


BOOL: Final = Kind("bool")
INT: Final = Kind("int")
DOUBLE: Final = Kind("double")
TEXT: Final = Kind("text")
_TEXTS: Final = Kind("list", TEXT)
_SHARES: Final = Kind("map", DOUBLE)


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the table."""

    kind: Kind
    meaning: str
    values: frozenset[str] = frozenset()
    """The texts that it (or its entries, or its keys) can be; empty = any."""


@dataclass(frozen=True, slots=True)
class AuthorCounts:
    """How much an author has posted lately."""

    posts: int = 0
    flagged: int = 0
    """Of these, those in which a harm is over its threshold."""


NOBODY: Final = AuthorCounts()
GROUP_SIZE: Final = "group_size"
OF_AUTHOR: Final = frozenset({"author_posts", "author_flagged"})
"""Facts that the store is asked for, only when a condition names them."""
_HARMS: Final = frozenset(Harm)

FACTS: Final[dict[str, Fact]] = {
    "flags": Fact(_TEXTS, "Slugs of the harms over their threshold, most probable first.", _HARMS),
    "harm": Fact(_SHARES, "Probability of each harm: harm.drugs >= 0.9.", _HARMS),
    "stance": Fact(TEXT, "Likeliest stance.", frozenset(Stance)),
    "stances": Fact(_SHARES, "Probability of each stance.", frozenset(Stance)),
    "sentiment": Fact(TEXT, "Likeliest sentiment.", frozenset(Sentiment)),
    "sentiments": Fact(_SHARES, "Probability of each sentiment.", frozenset(Sentiment)),
    "crisis": Fact(_TEXTS, "Slugs of the harms that go to a person at once.", _HARMS),
    "platform": Fact(TEXT, "Platform."),
    "board": Fact(TEXT, "Board."),
    "source": Fact(TEXT, "Source that brought it."),
    "place": Fact(TEXT, "Place: what the source or the gazetteer says."),
    "title": Fact(TEXT, "Title."),
    "text": Fact(TEXT, "Text."),
    "length": Fact(INT, "Characters of the text."),
    "hour": Fact(INT, "Hour of the day at which it was posted, 0 to 23, Shanghai time."),
    "weekday": Fact(INT, "Day of the week, 1 (Monday) to 7, Shanghai time."),
    "workday": Fact(BOOL, "Whether it was posted on a working day (weekends, holidays and 调休 considered)."),
    "patrol": Fact(BOOL, "Whether patrol staff registered it as a finding."),
    "author_posts": Fact(INT, "Posts of the same author on the platform in the 7 days before it, as far as the store has them."),
    "author_flagged": Fact(INT, "Of these, posts with a flagged harm."),
    GROUP_SIZE: Fact(INT, "Posts of its incident; only as group_size >= NUMBER (or >)."),
}


def facts_of(post: Post, verdict: Verdict, calendar: Calendar, author: Callable[[], AuthorCounts] | None = None) -> dict[str, Any]:
    """The facts of a post alone (`group_size` 1).

    Args:
        post: the post.
        verdict: what the classifier says of it.
        calendar: working days.
        author: counts of its author, asked only if given; none = no posts known.
    """
    local = post.ts.astimezone(SHANGHAI)
    counts = author() if author else NOBODY
    return {
        "flags": [str(one) for one in verdict.flags],
        "harm": verdict.harm,
        "stance": str(verdict.top_stance),
        "stances": verdict.stance,
        "sentiment": str(verdict.top_sentiment),
        "sentiments": verdict.sentiment,
        "crisis": _CRISIS,
        "platform": post.platform,
        "board": post.board,
        "source": post.source,
        "place": post.place,
        "title": post.title,
        "text": post.text,
        "length": len(post.text),
        "hour": local.hour,
        "weekday": local.isoweekday(),
        "workday": calendar.is_workday(local.date()),
        "patrol": post.source.startswith(PATROL),
        "author_posts": counts.posts,
        "author_flagged": counts.flagged,
        GROUP_SIZE: 1,
    }


_CRISIS: Final = sorted(str(one) for one in CRISIS)
