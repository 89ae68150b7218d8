"""What of a post is shown outside its alert."""

from dataclasses import dataclass

from humiao.alert import StoredPost
from humiao.masking import mask


@dataclass(frozen=True, slots=True)
class Sight:
    """Title, text and author as a reader sees them."""

    title: str
    text: str
    author: str


def masked(stored: StoredPost) -> Sight:
    """The post with identifying details masked, for every role: the whole text stands on the page of its alert only.

    The author of a cleared post is a keyed hash and is left out: it names nobody and reads like noise.
    """
    post = stored.post
    author = f"{post.author[:1]}＊＊" if post.author and stored.outcome == "alerted" else ""
    return Sight(mask(post.title), mask(post.text), author)
