"""WordPress, by its REST interface: posts and comments as two timelines; by its feeds where the interface is closed.

Timelines say nothing about deletions and edited comments, so posts of the last days are threads too: each with its comments.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import Field, RootModel
from scrapy.http import TextResponse
from w3lib.url import add_or_replace_parameter, url_query_parameter

from crawlers.families.base import Family
from crawlers.families.json_page import (
    Answer,
    Flag,
    IsoTime,
    Lenient,
    Number,
    Words,
    address,
    fitting,
    glimpse,
    header,
    marks,
    read_each,
    refusal,
    whole,
)
from crawlers.families.rendered import NO_TEXT, markup, pictures, words
from crawlers.families.wordpress_feeds import read_entries
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.source import Source

PAGE: Final = 50
"""Items that one request brings."""
POSTS: Final = f"posts?per_page={PAGE}&_embed=author%2Cwp%3Aterm"
"""Newest first by date: the order by change has no second key, so posts changed in one second stand on two pages or on none."""
COMMENTS: Final = f"comments?per_page={PAGE}"
_THREAD: Final = "posts/{}?_embed=author%2Cwp%3Aterm%2Creplies"
_ITS_COMMENTS: Final = "comments?post={}&per_page=50&orderby=date&order=asc"
_NOT_FOR_GUESTS: Final = "rest_forbidden"
"""The interface's own word for a post in the trash, a draft or a private one; plug-ins that close it have other words."""
_REST: Final = "/wp-json/wp/v2/"
_PLAIN: Final = "/?rest_route=/wp/v2/"
"""The interface of a site without rewritten addresses."""
_LISTS_WITH_FEED: Final = re.compile(r"/(?:category|tag|author)/[^/]")


class _Rendered(Answer):
    rendered: str
    protected: Flag = False


_NOTHING: Final = _Rendered(rendered="")


class _Post(Answer):
    id: int
    date_gmt: IsoTime
    modified_gmt: Annotated[IsoTime | None, Lenient] = None
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
            return read_entries(page, source, now)
        root, mark, rest = interface
        of_posts = rest.startswith("posts")
        if reading := _instead(page, root, of_posts, other_addresses=mark == _REST) or refusal(page):
            return reading
        answer = whole(page, _Items)
        if isinstance(answer, Reading):
            return answer
        if of_posts:
            posts = read_each(answer.root, _Post, _read_post, kind="post-")
            threads = tuple(_threads(answer.root, root, mark, now - timedelta(days=source.watch_days)))
            return Reading(posts=posts, threads=threads, more=_following(page, len(answer.root)))
        return _comments(page, answer.root)

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """A post, then its comments, oldest first."""
        if page.status == HTTPStatus.UNAUTHORIZED and _code(page) == _NOT_FOR_GUESTS:
            return Reading(gone=True)
        if reading := refusal(page):
            return reading
        root, mark, rest = _interface(page.url) or ("", "", "")
        if rest.startswith("comments"):
            items = whole(page, _Items)
            return items if isinstance(items, Reading) else _comments(page, items.root)
        post = whole(page, _Post)
        return post if isinstance(post, Reading) else _with_comments(post, root, mark)


def _comments(page: TextResponse, items: list[Any]) -> Reading:
    posts = read_each(items, _Comment, _read_comment, kind="comment-")
    return Reading(posts=posts, more=_following(page, len(items)))


def _with_comments(post: _Post, root: str, mark: str) -> Reading:
    """A post as a thread's first page; its comments follow, should there be any."""
    read = _read_post(post)
    if read.withheld:
        return Reading(gone=True)
    embedded = post.embedded if isinstance(post.embedded, dict) else {}
    comments = (_of_interface(root, mark, _ITS_COMMENTS.format(post.id)),) if any(embedded.get("replies") or ()) else ()
    return Reading(posts=(read,), title=read.title, more=comments)


def _instead(page: TextResponse, root: str, of_posts: bool, *, other_addresses: bool) -> Reading | None:
    """What a status says: the end, or where to go on (the interface under its other address, then the feed); None = neither."""
    if page.status == HTTPStatus.BAD_REQUEST and url_query_parameter(page.url, "page"):
        return Reading()
    if page.status == HTTPStatus.NOT_FOUND and other_addresses:
        return Reading(boards=(_of_interface(root, _PLAIN, POSTS if of_posts else COMMENTS),))
    if other_addresses and page.status == HTTPStatus.OK and "html" in header(page, "Content-Type"):
        # without rewriting, any path may be the front page
        return Reading(boards=(_of_interface(root, _PLAIN, POSTS if of_posts else COMMENTS),))
    if page.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        return Reading(boards=(f"{root}/?feed={'rss2' if of_posts else 'comments-rss2'}",))
    return None


def _threads(items: list[Any], root: str, mark: str, since: datetime) -> Iterator[ListedThread]:
    """Posts that were written or changed since, as threads."""
    for post in fitting(items, _Post):
        changed = post.modified_gmt or post.date_gmt
        if changed >= since and post.status == "publish" and not post.content.protected:
            yield ListedThread(_of_interface(root, mark, _THREAD.format(post.id)), changed.isoformat())


def _code(page: TextResponse) -> str:
    """The interface's word for a refusal; empty if the answer has none."""
    answer = glimpse(page)
    return str(answer.get("code", "")) if isinstance(answer, dict) else ""


def _of_interface(root: str, mark: str, rest: str) -> str:
    """Address of a part of the interface, in the form of its other addresses."""
    return address(f"{root}{mark}{rest if mark == _REST else rest.replace('?', '&')}", "")


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
