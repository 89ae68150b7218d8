"""What of a post a role may see outside its alert."""

from dataclasses import dataclass

from alerting.console import access
from alerting.masking import mask
from humiao.account import Role
from humiao.alert import StoredPost


@dataclass(frozen=True, slots=True)
class Sight:
    """Title, text and author as this reader sees them."""

    title: str
    text: str
    author: str


def seen_by(role: Role, stored: StoredPost) -> Sight:
    """The post for `role`: whole with the right to identities, else with identifying details masked.

    The author of a cleared post is a keyed hash and is left out: it names nobody and reads like noise.
    """
    post = stored.post
    author = post.author if stored.outcome == "alerted" else ""
    if access.has(role, access.Right.SEE_IDENTITIES):
        return Sight(post.title, post.text, author)
    return Sight(mask(post.title), mask(post.text), f"{author[:1]}＊＊" if author else "")
