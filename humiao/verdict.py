"""A verdict: what the classifier says of one post, and why."""

from typing import Self

from pydantic import Field, model_validator

from humiao.labels import Harm, Sentiment, Stance
from humiao.post import Frozen, Post, parse


class Span(Frozen):
    """A stretch of the original text that explains a harm."""

    start: int = Field(ge=0)
    """First character (offset in the original text, in code points)."""
    end: int = Field(ge=0)
    """One past the last character."""
    harm: Harm
    weight: float
    """Share of the harm's evidence that lies here, 0 to 1."""


class Change(Frozen):
    """One thing that normalisation changed."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    """Range in the original text (code points)."""
    before: str
    after: str
    reason: str


class Verdict(Frozen):
    """Probabilities by head, the harms over their threshold, and the explanation."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    """Id of the post."""
    harm: dict[Harm, float]
    """Probability of each of the 15 harms."""
    flags: list[Harm]
    """Harms at or over their threshold, most probable first."""
    stance: dict[Stance, float]
    sentiment: dict[Sentiment, float]
    normalised: str
    spans: list[Span] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    thresholds: dict[Harm, float] = Field(default_factory=dict)
    """Threshold that each flagged harm was held against."""
    model: str
    """Model and checkpoint version."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := set(Harm) - set(self.harm):
            raise ValueError(f"harm lacks {sorted(missing)}")
        return self

    @property
    def top_stance(self) -> Stance:
        """The likeliest stance."""
        return max(self.stance, key=self.stance.__getitem__)

    @property
    def top_sentiment(self) -> Sentiment:
        """The likeliest sentiment."""
        return max(self.sentiment, key=self.sentiment.__getitem__)


class Scored(Frozen):
    """The message of the topic ``scored``: the post with its verdict."""

    post: Post
    verdict: Verdict

    def to_json(self) -> bytes:
        """The message body: UTF-8 JSON."""
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, raw: bytes) -> "Scored":
        """Parse a message body; raises BadInput in one line."""
        return parse(cls, raw)
