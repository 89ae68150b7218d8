"""Spirit, a forum on Django."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from crawlers.families.preset import Preset
from crawlers.reading import Reading, ReadPost
from crawlers.source import ListSelectors, Selectors, Source, ThreadSelectors
from crawlers.states import State, Wall


class Spirit(Preset):
    """A removed comment loses its number and leaves a moderator's line, so it is simply absent."""

    name = "spirit"
    by = Selectors(
        list=ListSelectors(
            row=".layout__topics__topic",
            link="a.topic__link::attr(href)",
            activity=".topic__date::attr(title), .topic__comments::text",
            sticky=".fa-thumb-tack",
            next="li.paginator__button a:has(.fa-chevron-right)::attr(href)",
        ),
        thread=ThreadSelectors(
            title="h1.headline",
            board="ul.breadcrumb_nav li:last-of-type a::text",
            post=".comments_list__comment[data-pk]",
            id="::attr(data-pk)",
            author="a.comment__info__username__link span::text",
            time=".comment__info__date li[title]::attr(title)",
            body=".comment__text",
            quote="blockquote",
            next="li.paginator__button a:has(.fa-chevron-right)::attr(href)",
        ),
    )

    def recognises(self, page: TextResponse) -> bool:
        """Its footer."""
        return bool(page.css("a.footer__logo, .layout__topics__topic, .comments_list__comment[data-pk]"))

    def address(self, url: str) -> str:
        """Without anything but the page."""
        parts = urlsplit(url)
        number = [pair for pair in parts.query.split("&") if pair.startswith("page=") and pair != "page=1"]
        return parts._replace(query="&".join(number), fragment="").geturl()

    def first_page(self, url: str) -> str:
        """Without anything: a list may lead to the page that one read last."""
        return urlsplit(url)._replace(query="", fragment="").geturl()

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """See `Family.read_thread`."""
        reading = super().read_thread(page, source, now, first=first)
        removed = page.css(".comments_list__item[data-pk]:has(.fa-trash-o)::attr(data-pk)").getall()
        return replace(reading, posts=(*reading.posts, *(ReadPost(pk, withheld="removed") for pk in removed)))

    def wall(self, page: TextResponse) -> Wall | None:
        """A private forum sends guests to its login page."""
        if page.css("form input[name=password]") and not page.css(".layout__topics__topic, .comments_list__comment"):
            return Wall(State.LOGIN_WALL, page.css("title::text").get(default="login").strip()[:200])
        return None
