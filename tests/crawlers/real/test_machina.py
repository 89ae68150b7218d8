"""The crawl stage against a forum that no family knows, by selectors that a person reads off its pages."""

import pytest

from tests.crawlers.real.contract import RealSite
from tests.servers.forums import machina

pytestmark = pytest.mark.servers

SELECTORS = {
    "list": {
        "board": "a.forum-name-link::attr(href)",
        "row": ".topiclist .border-bottom",
        "link": "a.topic-name-link::attr(href)",
        "activity": ".topic-last-post small, .topic-count:nth-child(2)",  # not the next one: our own visits are views
    },
    "thread": {
        "title": "h1",
        "board": ".breadcrumb-item:nth-last-child(2) a",
        "post": "div.card.post",
        "id": "::attr(id)",
        "author": ".username",
        "time": "small.text-muted",
        "time_pattern": r"on (\d.+)",
        "body": ".post-content",
        "quote": ".post-content blockquote",
        "permalink": ".subject a::attr(href)",
    },
}


class TestMachina(RealSite):
    family = "html"
    source = {"selectors": SELECTORS}  # noqa: RUF012 (a class's constant)
    quiet_pages = 5
    start = staticmethod(machina.start)
