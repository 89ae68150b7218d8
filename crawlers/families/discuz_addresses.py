"""Addresses of Discuz!: one name for each thread, whatever way led to it."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

_REWRITTEN: Final = re.compile(r"^(?P<path>.*/)?thread-(?P<tid>\d+)-\d+-\d+\.html$")
_LIST: Final = re.compile(r"/forum-[\w-]+?-(\d+)\.html$")


def thread_address(url: str) -> str:
    """First page of the thread, without the list page one came from, session ids and marks; in the site's own form (idempotent)."""
    parts = urlsplit(url)
    if found := _REWRITTEN.match(parts.path):
        return urlunsplit((parts.scheme, parts.netloc, f"{found['path'] or '/'}thread-{found['tid']}-1-1.html", "", ""))
    query = parse_qs(parts.query.replace("&amp;", "&"))
    if query.get("mod") == ["viewthread"] and query.get("tid", [""])[0].isdigit():
        return urlunsplit((parts.scheme, parts.netloc, parts.path, f"mod=viewthread&tid={query['tid'][0]}", ""))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))


def list_page(url: str) -> int:
    """The page of a list that `url` asks for."""
    parts = urlsplit(url)
    if found := _LIST.search(parts.path):
        return int(found[1])
    asked = parse_qs(parts.query).get("page", ["1"])[0]
    return int(asked) if asked.isdigit() else 1
