"""WordPress's feeds, whose entries get the ids, titles and parents that its interface would give them."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from scrapy.http import TextResponse

from crawlers.families.feed import FeedFamily
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source

_POST: Final = re.compile(r"[?&](?:p|page_id)=(\d{1,18})$")
_COMMENT: Final = re.compile(r"(?:[?&](?:p|page_id)=(\d{1,18}))?#comment-(\d{1,18})$")
_ITEM: Final = re.compile(r"<item>(.{1,200000}?)</item>", re.DOTALL)
_GUID: Final = re.compile(r"<guid[^>]{0,60}>[^<]{0,1000}#comment-(\d{1,18})</guid>")
_ANSWERS: Final = re.compile(
    r'<content:encoded><!\[CDATA\[<p>[^<]{1,60}<a href="[^"]{0,1000}#comment-(\d{1,18})"[^>]*>[^<]*</a>[.。]</p>'
)
"""The line that feeds put before a comment that answers another one: In reply to NAME."""


def read_entries(page: TextResponse, source: Source, now: datetime) -> Reading:
    """The entries of a feed of posts or comments."""
    entries = FeedFamily().read_list(page, source, now)
    answered = _answered(page.text)
    return replace(entries, posts=tuple(_as_of_interface(post, answered) for post in entries.posts))


def _as_of_interface(post: ReadPost, answered: dict[str, str]) -> ReadPost:
    if found := _COMMENT.search(post.native_id):
        thread, id = found.groups()
        text, to = post.text, f"post-{thread}" if thread else ""
        if id in answered:
            to, text = f"comment-{answered[id]}", text.partition("\n\n")[2] or text
        return replace(post, native_id=f"comment-{id}", title="", text=text, reply_to=to)
    found = _POST.search(post.native_id)
    return replace(post, native_id=f"post-{found[1]}") if found else post


def _answered(feed: str) -> dict[str, str]:
    """Comments that answer a comment, by their ids."""
    items = ((_GUID.search(item), _ANSWERS.search(item)) for item in _ITEM.findall(feed))
    return {guid[1]: answer[1] for guid, answer in items if guid and answer}
