"""Why an alert is here, in numbers: the highest probability of each harm among its posts, against the threshold."""

from collections.abc import Iterable
from dataclasses import dataclass

from humiao.labels import Harm
from humiao.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Bar:
    """One harm's score; both numbers from 0 to 1."""

    harm: Harm
    score: float
    threshold: float | None
    """None: no post's verdict says which threshold it was held against."""
    posts: int
    """How many of the posts are flagged with it."""


def bars(verdicts: Iterable[Verdict], harms: Iterable[Harm]) -> list[Bar]:
    """One bar per harm that is the alert's or flagged in a post, highest score first."""
    known = list(verdicts)
    wanted = dict.fromkeys([*harms, *(harm for verdict in known for harm in verdict.flags)])
    found = []
    for harm in wanted:
        thresholds = [verdict.thresholds[harm] for verdict in known if harm in verdict.thresholds]
        found.append(
            Bar(
                harm=harm,
                score=max((verdict.harm[harm] for verdict in known), default=0.0),
                threshold=min(thresholds) if thresholds else None,
                posts=sum(harm in verdict.flags for verdict in known),
            )
        )
    return sorted(found, key=lambda bar: -bar.score)
