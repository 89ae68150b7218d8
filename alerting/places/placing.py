"""The place of a scored post: where its source's hint stood, the place that the post is about."""

from typing import Final

from alerting.places.gazetteer import Gazetteer
from alerting.places.mentions import Mention, Whereabouts, find
from alerting.places.surroundings import Surroundings
from humiao.post import Post
from humiao.verdict import Scored

MOST_DOUBTS: Final = 3
"""Uncertain names that are told of one post."""


def placed(scored: Scored, gazetteer: Gazetteer) -> tuple[Scored, tuple[str, ...]]:
    """The post with the official name of its place in `place`, and the reasons (Chinese, one fact each).

    Where no place is certain the source's hint stays as it is. Doing it again to what it gave changes nothing.
    """
    found = whereabouts(scored.post, gazetteer)
    reasons = (*([found.reason] if found.reason else []), *doubts(found, gazetteer))
    if found.place is None or (name := gazetteer.places[found.place].name) == scored.post.place:
        return scored, reasons
    return scored.model_copy(update={"post": scored.post.model_copy(update={"place": name})}), reasons


def whereabouts(post: Post, gazetteer: Gazetteer) -> Whereabouts:
    """What a post says of where."""
    return find(post.text, Surroundings(post.board, post.place, post.title, post.parent), gazetteer)


def doubts(found: Whereabouts, gazetteer: Gazetteer) -> list[str]:
    """One sentence for each name that may mean several places."""
    unsure: dict[str, Mention] = {mention.text: mention for mention in found.mentions if mention.place is None}
    return [f"“{text}”未能确定：可能是{_names(mention, gazetteer)}" for text, mention in list(unsure.items())[:MOST_DOUBTS]]


def _names(mention: Mention, gazetteer: Gazetteer) -> str:
    return "、".join(gazetteer.places[candidate.id].name for candidate in mention.candidates)
