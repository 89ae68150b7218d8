"""phpwind 9."""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import TextResponse

from crawlers.families.preset import Preset
from crawlers.page_text import element_text
from crawlers.reading import Reading
from crawlers.source import ListSelectors, Selectors, Source, ThreadSelectors
from crawlers.states import State, Wall


class Phpwind(Preset):
    """The first post of every thread has the number 0; it gets the thread's number with a t before it."""

    name = "phpwind"
    by = Selectors(
        list=ListSelectors(
            board="#J_forum_list a.fnamelink::attr(href), .ct h4 a::attr(href)",
            row="#J_posts_list tr",
            link="p.title a.st[title]::attr(href)",
            activity="p.info span:last-of-type, td.num span:first-child em",
            sticky="i[class^=icon_headtopic]",
            next="a.pages_next::attr(href)",
        ),
        thread=ThreadSelectors(
            title="h1#J_post_title::text",
            board=".bread_crumb > a[href*='c=thread']::text, .bread_crumb > a[href*='thread-']::text",
            post=".J_read_floor[id^=read_]",
            id="::attr(id)",
            id_pattern=r"^read_(\d+)$",
            author=".name a[data-uid]::text",
            time=".floor_top_tips span.fl",
            body=".editor_content",
            quote="blockquote.blockquote",
            edited=".edit_log",
            drop=(".inside_title",),
            next="a.pages_next::attr(href)",
        ),
        gone="#J_html_error",
    )

    def recognises(self, page: TextResponse) -> bool:
        """Generator."""
        return page.css("meta[name=generator]::attr(content)").get(default="").lower().startswith("phpwind")

    def address(self, url: str) -> str:
        """The thread's number and the page, nothing else."""
        parts = urlsplit(url)
        kept = [
            (name, value)
            for name, value in parse_qsl(parts.query)
            if name in {"m", "c", "tid", "fid", "page"} and (name, value) != ("page", "1")
        ]
        return parts._replace(query=urlencode(kept), fragment="").geturl()

    def first_page(self, url: str) -> str:
        """Where the thread begins."""
        return re.sub(r"[?&]page=\d+", "", self.address(url))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """See `Family.read_thread`."""
        reading = super().read_thread(page, source, now, first=first)
        number = re.search(r"(?:[?&]tid=|read-)(\d+)", page.url)
        name = f"t{number[1]}" if number else ""
        posts = tuple(replace(post, native_id=name) if post.native_id == "0" else post for post in reading.posts)
        return replace(reading, posts=posts)

    def wall(self, page: TextResponse) -> Wall | None:
        """The notice page."""
        notice = page.css("#J_html_error")
        said = " ".join(element_text(notice[0]).split())[:200] if notice else ""
        if not said or "不存在" in said or "已被删除" in said:
            return None
        return Wall(State.THROTTLED if "刷新太快" in said else State.LOGIN_WALL, said)
