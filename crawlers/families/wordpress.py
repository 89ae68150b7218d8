"""WordPress, by its REST interface: posts and comments as two timelines; by its feeds where the interface is closed."""

import re
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import Field, RootModel
from scrapy.http import TextResponse
from w3lib.url import add_or_replace_parameter, url_query_parameter

from crawlers.families.base import Family
from crawlers.families.feed import FeedFamily
from crawlers.families.json_page import (
    Answer,
    Flag,
    IsoTime,
    Lenient,
    Number,
    Words,
    address,
    glimpse,
    header,
    marks,
    read_each,
    refusal,
    whole,
)
from crawlers.families.rendered import NO_TEXT, markup, pictures, words
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source

PAGE: Final = 50
"""Items that one request brings."""
POSTS: Final = f"posts?per_page={PAGE}&orderby=modified&_embed=author%2Cwp%3Aterm"
COMMENTS: Final = f"comments?per_page={PAGE}"
_REST: Final = "/wp-json/wp/v2/"
_PLAIN: Final = "/?rest_route=/wp/v2/"
"""The interface of a site without rewritten addresses."""
_LISTS_WITH_FEED: Final = re.compile(r"/(?:category|tag|author)/[^/]")
_POST: Final = re.compile(r"[?&](?:p|page_id)=(\d{1,18})$")
_COMMENT: Final = re.compile(r"#comment-(\d{1,18})$")


class _Rendered(Answer):
    rendered: str
    protected: Flag = False


_NOTHING: Final = _Rendered(rendered="")


class _Post(Answer):
    id: int
    date_gmt: IsoTime
    link: Words = ""
    title: Annotated[_Rendered, Lenient] = _NOTHING
    content: _Rendered
    author: Number = 0
    status: Words = "publish"
    embedded: Any = Field(default=None, alias="_embedded")


class _Comment(Answer):
    id: int
    post: Number = 0
    parent: Number = 0
    author_name: Words = ""
    date_gmt: IsoTime
    link: Words = ""
    content: _Rendered


class _Items(RootModel[list[Any]]):
    """A page of posts or comments."""


class WordPress(Family):
    """A comment's number never meets a post's, because each carries its kind; a feed gives them the same ids."""

    name = "wordpress"

    def recognises(self, page: TextResponse) -> bool:
        """Its interface's link, its generator, or an answer of its interface."""
        if "https://api.w.org/" in header(page, "Link") or header(page, "X-WP-Total"):
            return True
        if marks(page, "link[rel='https://api.w.org/']"):
            return True
        if any(mark.startswith("WordPress") for mark in marks(page, "meta[name=generator]::attr(content)")):
            return True
        answer = glimpse(page)
        names = answer.get("namespaces") if isinstance(answer, dict) else None
        return isinstance(names, list) and "wp/v2" in names

    def starts(self, source: Source) -> tuple[str, ...]:
        """Two timelines for each site; the feed of a category, tag or author, which the interface knows by number only."""
        return tuple(start for url in source.start for start in _starts(url))

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:
        """A page of posts or comments, or the feed that stands in for it."""
        interface = _interface(page.url)
        if not interface:
            entries = FeedFamily().read_list(page, source, now)
            return replace(entries, posts=tuple(_with_kind(post) for post in entries.posts))
        root, mark, rest = interface
        of_posts = rest.startswith("posts")
        if reading := _instead(page, root, of_posts, other_addresses=mark == _REST) or refusal(page):
            return reading
        answer = whole(page, _Items)
        if isinstance(answer, Reading):
            return answer
        if of_posts:
            posts = read_each(answer.root, _Post, _read_post, kind="post-")
        else:
            posts = read_each(answer.root, _Comment, _read_comment, kind="comment-")
        return Reading(posts=posts, more=_following(page, len(answer.root)))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """A timeline has no threads."""
        raise NotImplementedError


def _instead(page: TextResponse, root: str, of_posts: bool, *, other_addresses: bool) -> Reading | None:
    """What a status says: the end, or where to go on (the interface under its other address, then the feed); None = neither."""
    if page.status == HTTPStatus.BAD_REQUEST and url_query_parameter(page.url, "page"):
        return Reading()
    if page.status == HTTPStatus.NOT_FOUND and other_addresses:
        return Reading(boards=(address(f"{root}{_PLAIN}{(POSTS if of_posts else COMMENTS).replace('?', '&')}", ""),))
    if page.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        return Reading(boards=(f"{root}/?feed={'rss2' if of_posts else 'comments-rss2'}",))
    return None


def _read_post(post: _Post) -> ReadPost:
    if post.content.protected or post.status != "publish":
        return ReadPost(f"post-{post.id}", withheld="protected by a password" if post.content.protected else post.status)
    body = markup(post.content.rendered)
    title = words(markup(post.title.rendered))
    text = words(body) or title
    return ReadPost(
        native_id=f"post-{post.id}",
        url=post.link,
        board=_embedded(post, "wp:term", 0, 0, "name"),
        title=title,
        author=_embedded(post, "author", 0, "name") or (f"author-{post.author}" if post.author else ""),
        text=text,
        ts=post.date_gmt,
        images=pictures(body, post.link),
        trouble="" if text else NO_TEXT,
    )


def _read_comment(comment: _Comment) -> ReadPost:
    body = markup(comment.content.rendered)
    text = words(body)
    return ReadPost(
        native_id=f"comment-{comment.id}",
        url=comment.link,
        author=words(markup(comment.author_name)),
        text=text,
        ts=comment.date_gmt,
        reply_to=f"comment-{comment.parent}" if comment.parent else f"post-{comment.post}" if comment.post else "",
        images=pictures(body, comment.link),
        trouble="" if text else NO_TEXT,
    )


def _embedded(post: _Post, *path: str | int) -> str:
    """What the answer brings along, such as the author's name; empty where the site keeps that to itself."""
    found = post.embedded
    for step in path:
        try:
            found = found[step]
        except (KeyError, TypeError, IndexError):
            return ""
    return words(markup(found)) if isinstance(found, str) else ""


def _with_kind(post: ReadPost) -> ReadPost:
    """An entry of a feed under the id that the interface gives it."""
    if found := _COMMENT.search(post.native_id):
        return replace(post, native_id=f"comment-{found[1]}")
    found = _POST.search(post.native_id)
    return replace(post, native_id=f"post-{found[1]}") if found else post


def _following(page: TextResponse, found: int) -> tuple[str, ...]:
    """The next page, as the header counts them, or, where it does not, after a full page."""
    total, per_page, asked = (
        int(value) if value.isascii() and value.isdigit() and len(value) < PAGE else None
        for value in (
            header(page, "X-WP-TotalPages"),
            url_query_parameter(page.url, "per_page") or "10",
            url_query_parameter(page.url, "page") or "1",
        )
    )
    number = asked or 1
    if number >= total if total is not None else found < (per_page or PAGE):
        return ()
    return (str(add_or_replace_parameter(page.url, "page", str(number + 1))),)


def _starts(url: str) -> tuple[str, ...]:
    bare, _, query = url.partition("?")
    if _interface(url) or "feed" in {*urlsplit(url).path.split("/"), *(pair.partition("=")[0] for pair in query.split("&"))}:
        return (address(url, ""),)
    if _LISTS_WITH_FEED.search(urlsplit(url).path):
        return (address(f"{bare.rstrip('/')}/feed/", ""),)
    if query:
        return (address(f"{url}&feed=rss2", ""),)
    root = bare.rstrip("/").removesuffix("/index.php")
    return (address(f"{root}{_REST}{POSTS}", ""), address(f"{root}{_REST}{COMMENTS}", ""))


def _interface(url: str) -> tuple[str, str, str] | None:
    """Site, kind of address and what is asked of the interface; None = the address is not one of the interface."""
    root, mark, rest = url.partition(_REST)
    if mark:
        return root, _REST, rest
    route = url_query_parameter(url, "rest_route") or ""
    return (url.partition("?")[0].rstrip("/"), _PLAIN, route.removeprefix("/wp/v2/")) if route.startswith("/wp/v2/") else None
