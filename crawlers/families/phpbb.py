"""phpBB 3.3 with its default style (prosilver)."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import TextResponse

from crawlers.families.preset import Preset
from crawlers.page_text import element_text
from crawlers.source import ListSelectors, Selectors, ThreadSelectors
from crawlers.states import State, Wall


class PhpBB(Preset):
    """Session ids are taken out of every address; a board that wants a login says so with status 200."""

    name = "phpbb"
    by = Selectors(
        list=ListSelectors(
            board="a.forumtitle::attr(href)",
            row="ul.topics > li.row",
            link="a.topictitle::attr(href)",
            activity="dd.lastpost time::attr(datetime)",
            sticky="li.sticky, li.announce, li.global-announce",
            next="li.arrow.next a::attr(href)",
        ),
        thread=ThreadSelectors(
            title="h2.topic-title a::text, h2.topic-title::text",
            board="#nav-breadcrumbs span.crumb:last-of-type span::text",
            post="div.post[id^=p]",
            id="div.post::attr(id)",
            id_pattern=r"^p(\d+)$",
            author="p.author a.username::text, p.author .username::text, p.author .username-coloured::text",
            time="p.author time::attr(datetime)",
            body=".content",
            permalink="p.author a.unread::attr(href), h3 a::attr(href)",
            parent="blockquote cite a[data-post-id]::attr(data-post-id)",
            quote="blockquote",
            drop=(".notice", ".signature", ".attachbox"),
            next="li.arrow.next a::attr(href)",
        ),
    )

    def recognises(self, page: TextResponse) -> bool:
        """The id of its body."""
        return bool(page.css("body#phpbb"))

    def address(self, url: str) -> str:
        """Without session id, highlights and marks; `start` stays, for it names the page."""
        parts = urlsplit(url)
        kept = [
            (name, value)
            for name, value in parse_qsl(parts.query)
            if name in {"f", "t", "p", "start"} and (name, value) != ("start", "0")
        ]
        kept = [pair for pair in kept if not (pair[0] == "f" and parts.path.endswith("viewtopic.php"))]
        return parts._replace(query=urlencode(kept), fragment="").geturl()

    def first_page(self, url: str) -> str:
        """Where the thread begins."""
        return re.sub(r"[?&]start=\d+", "", self.address(url))

    def wall(self, page: TextResponse) -> Wall | None:
        """A login form in place of the content, or the board's notice."""
        if page.css("div.post[id^=p], ul.topics, ul.forums"):
            return None
        if page.css("form#login"):
            return Wall(State.LOGIN_WALL, " ".join(element_text(page.css("form#login")[0]).split())[:200])
        notice = page.css("#message")
        if notice and page.status == 200:  # noqa: PLR2004 (a notice with 404 says that something is gone)
            return Wall(State.UNREACHABLE, " ".join(element_text(notice[0]).split())[:200])
        return None
