"""What a flagged post says, as far as suppression windows and re-opening look at it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from alerting import wording
from alerting.incident import SEVERITY, item
from humiao.alert import Shape
from humiao.labels import CRISIS, Stance
from humiao.post import Post
from humiao.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """One flagged revision of a post."""

    item: str
    """``POST/REVISION``."""
    platform: str
    author: str
    place: str
    stance: Stance
    shape: Shape

    @property
    def severity(self) -> int:
        """0 for a victim's voice, more for less urgent ones."""
        return SEVERITY.index(self.stance)

    @property
    def is_crisis(self) -> bool:
        """Whether it carries a label that goes to a person at once, or none: then a policy heard something in it nevertheless."""
        return not self.shape.harm or not CRISIS.isdisjoint(self.shape.harm)

    @property
    def speaker(self) -> tuple[str, str]:
        """Platform and author."""
        return self.platform, self.author


def said(post: Post, verdict: Verdict, shape: Shape | None = None) -> Said:
    """What `post` says, as the classifier judged it; `shape` is its wording, if it is known already."""
    shape = shape or wording.shape(post, verdict)
    return Said(item(post), post.platform, post.author, post.place, verdict.top_stance, shape)


@dataclass(frozen=True, slots=True)
class Known:
    """A wording that a decision was taken on, and who used it."""

    one: Said
    speakers: frozenset[tuple[str, str]]


def wordings(posts: Iterable[Said]) -> list[Known]:
    """The distinct wordings of `posts`, by harms and stance."""
    found: dict[tuple[str, tuple[str, ...], Stance], Known] = {}
    for one in posts:
        key = (one.shape.digest, tuple(one.shape.harm), one.stance)
        known = found.get(key) or Known(one, frozenset())
        found[key] = replace(known, speakers=known.speakers | {one.speaker})
    return list(found.values())


def reposts(posts: Iterable[Said], decided: list[Known]) -> set[str]:
    """``POST/REVISION`` of those of `posts` that only repeat a wording that was decided on.

    It is the same campaign's wording (`wording.Comparison`) with no further harm and no more urgent voice. Two people who write a
    short text with a crisis label, too short to be told from another one's words, did not copy each other: of such a text only the
    same author's is a repost.
    """
    asked = wordings(posts := list(posts))
    comparison = wording.Comparison([known.one.shape for known in (*asked, *decided)])
    found: dict[tuple[str, tuple[str, ...], Stance], list[Known]] = {}
    for number, known in enumerate(asked):
        one = known.one
        alike = [decided[other - len(asked)] for other in comparison.alike(number) if other >= len(asked)]
        alike += [other for other in decided if not one.shape.harm and one.shape.digest == other.one.shape.digest]
        found[one.shape.digest, tuple(one.shape.harm), one.stance] = [other for other in alike if _adds_nothing(one, other.one)]
    return {
        one.item
        for one in posts
        if any(
            one.shape.sketch or not one.is_crisis or one.speaker in known.speakers
            for known in found[one.shape.digest, tuple(one.shape.harm), one.stance]
        )
    }


def _adds_nothing(one: Said, known: Said) -> bool:
    return set(one.shape.harm) <= set(known.shape.harm) and one.severity >= known.severity
