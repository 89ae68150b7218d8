"""Which posts a person should label next: those the classifier is unsure of, as different from one another as can be.

Of each harm the distance of the probability from its threshold, in logits, says how sure the judge is; a post's least sure harm
counts. Among the least sure the choice goes to the post that resembles those chosen before the least (character bigrams).
"""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from humiao.alert import StoredPost
from humiao.labels import Harm
from humiao.masking import mask
from humiao.store import PostFilter, Store

LOOKED_AT: Final = 20_000
"""Newest posts among which the sample is taken."""
POOL: Final = 12
"""Times the sample that diversity may choose from."""
_PAGE: Final = 500
_FLOOR: Final = 1e-4


def doubt(probabilities: dict[Harm, float], thresholds: dict[Harm, float]) -> float:
    """Distance from the nearest threshold in logits; 0 = the judge can't be less sure."""
    return min(abs(_logit(probabilities[harm]) - _logit(thresholds[harm])) for harm in Harm)


def sample(store: Store, thresholds: dict[Harm, float], count: int, since: datetime | None = None) -> list[StoredPost]:
    """`count` posts (or fewer) of the LOOKED_AT newest since `since` (UTC), the most worth labelling first."""
    wordings: dict[str, StoredPost] = {}
    for post in _newest(store, since):
        wordings.setdefault(post.verdict.normalised, post)
    unsure = sorted(wordings.values(), key=lambda one: (doubt(one.verdict.harm, thresholds), one.post.id))
    return _diverse(unsure[: count * POOL], thresholds, count)


def line(stored: StoredPost) -> str:
    """An evaluation line to correct by hand: masked text and what the classifier thinks."""
    post, verdict = stored.post, stored.verdict
    found: dict[str, Any] = {
        "text": mask(post.text),
        "harm": [harm.value for harm in verdict.flags],
        "stance": verdict.top_stance.value if verdict.flags else "other",
        "sentiment": verdict.top_sentiment.value,
        "platform": post.platform,
        "tags": ["unlabelled"],
        "group": post.id,
        "title": mask(post.title),
        "parent": mask(post.parent),
    }
    return json.dumps(found, ensure_ascii=False)


def _newest(store: Store, since: datetime | None) -> Iterator[StoredPost]:
    after: str | None = None
    for _ in range(LOOKED_AT // _PAGE):
        page = store.search("", PostFilter(since=since), limit=_PAGE, after=after)
        yield from (hit.post for hit in page.items)
        after = page.after
        if after is None:
            return


def _diverse(pool: Sequence[StoredPost], thresholds: dict[Harm, float], count: int) -> list[StoredPost]:
    left = [(one, doubt(one.verdict.harm, thresholds), _bigrams(one.verdict.normalised)) for one in pool]
    nearest = [0.0] * len(left)
    chosen: list[StoredPost] = []
    while left and len(chosen) < count:
        place = min(range(len(left)), key=lambda at: (left[at][1] + 4 * nearest[at], left[at][0].post.id))
        post, _, signs = left.pop(place)
        nearest.pop(place)
        chosen.append(post)
        nearest = [max(old, _alike(signs, other)) for old, (_, _, other) in zip(nearest, left, strict=True)]
    return chosen


def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 2] for start in range(max(1, min(len(text), 600) - 1)))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _logit(chance: float) -> float:
    inside = min(max(chance, _FLOOR), 1 - _FLOOR)
    return math.log(inside / (1 - inside))
