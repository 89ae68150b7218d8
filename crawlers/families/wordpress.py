"""WordPress, by its REST interface: posts and comments; by its feeds where the interface is closed."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from pydantic import RootModel
from scrapy.http import TextResponse

from crawlers.families.base import Family
from crawlers.families.feed import FeedFamily
from crawlers.families.json_page import Answer, IsoTime, each, markup_text, parsed, pictures, refusal
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source

PAGE: Final = 50
"""Items that one request brings."""
REST: Final = "wp-json/wp/v2/"
CLOSED: Final = frozenset({401, 403, 404})


class _Rendered(Answer):
    rendered: str = ""
    protected: bool = False


class _Post(Answer):
    id: int
    date_gmt: IsoTime
    link: str = ""
    title: _Rendered = _Rendered()
    content: _Rendered
    author: int = 0
    status: str = "publish"


class _Comment(Answer):
    id: int
    post: int = 0
    parent: int = 0
    author_name: str = ""
    date_gmt: IsoTime
    link: str = ""
    content: _Rendered


class Items(RootModel[list[Any]]):
    """A page of posts or comments."""


class WordPress(Family):
    """Posts and comments come as two timelines; a comment's number never meets a post's, because each carries its kind."""

    name = "wordpress"

    def recognises(self, page: TextResponse) -> bool:
        """Its interface's link, or its generator."""
        generator = page.css("meta[name=generator]::attr(content)").get(default="")
        return generator.startswith("WordPress") or bool(page.css("link[rel='https://api.w.org/']"))

    def starts(self, source: Source) -> tuple[str, ...]:
        """Two timelines for each site."""
        found: list[str] = []
        for url in source.start:
            root = f"{url.partition('?')[0].rstrip('/')}/"
            if "/wp-json/" in root:
                found.append(url)
            else:
                found += [f"{root}{REST}posts?per_page={PAGE}&orderby=modified", f"{root}{REST}comments?per_page={PAGE}"]
        return tuple(found)

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:
        """A page of posts or comments, or the feed that stands in for it."""
        if "/wp-json/" not in urlsplit(page.url).path:
            return FeedFamily().read_list(page, source, now)
        root = f"{page.url.partition('/wp-json/')[0]}/"
        of_posts = "/posts" in urlsplit(page.url).path
        if page.status == 400:  # noqa: PLR2004 (a page past the end)
            return Reading()
        if page.status in CLOSED:
            return Reading(boards=(f"{root}feed/" if of_posts else f"{root}comments/feed/",))
        if reading := refusal(page):
            return reading
        try:
            items = Items.model_validate(parsed(page)).root
        except ValueError as error:
            return Reading(trouble=f"is no list of posts: {str(error).splitlines()[0]}")
        posts = [_read_post(one, id, why) for one, id, why in each(items, _Post)] if of_posts else []
        comments = [] if of_posts else [_read_comment(one, id, why) for one, id, why in each(items, _Comment)]
        return Reading(posts=tuple(posts + comments), more=_following(page, len(items)))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A timeline has no threads."""
        raise NotImplementedError


def _read_post(post: _Post | None, id: str, trouble: str) -> ReadPost:
    if post is None:
        return ReadPost(f"post-{id}" if id else "", trouble=trouble)
    if post.content.protected or post.status != "publish":
        return ReadPost(f"post-{post.id}", withheld="protected by a password" if post.content.protected else post.status)
    text = markup_text(post.content.rendered)
    title = markup_text(post.title.rendered)
    return ReadPost(
        native_id=f"post-{post.id}",
        url=post.link,
        title=title,
        author=f"author-{post.author}" if post.author else "",
        text=text or title,
        ts=post.date_gmt,
        images=tuple(urljoin(post.link, one) for one in pictures(post.content.rendered)),
        trouble="" if text or title else "the post has no text (an image only?)",
    )


def _read_comment(comment: _Comment | None, id: str, trouble: str) -> ReadPost:
    if comment is None:
        return ReadPost(f"comment-{id}" if id else "", trouble=trouble)
    text = markup_text(comment.content.rendered)
    return ReadPost(
        native_id=f"comment-{comment.id}",
        url=comment.link,
        author=comment.author_name,
        text=text,
        ts=comment.date_gmt,
        reply_to=f"comment-{comment.parent}" if comment.parent else f"post-{comment.post}" if comment.post else "",
        trouble="" if text else "the comment has no text",
    )


def _following(page: TextResponse, found: int) -> tuple[str, ...]:
    """The next page, as long as this one was full: totals are not always sent."""
    if found < PAGE:
        return ()
    parts = urlsplit(page.url)
    pairs = [pair for pair in parts.query.split("&") if pair and not pair.startswith("page=")]
    number = next((pair[5:] for pair in parts.query.split("&") if pair.startswith("page=")), "1")
    following = int(number) + 1 if number.isdigit() else 2
    return (parts._replace(query="&".join([*pairs, f"page={following}"])).geturl(),)
