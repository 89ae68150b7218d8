"""Notices and articles of public bodies: a list of links with dates, and pages with the metas that the state asks for."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urldefrag, urlsplit

from scrapy.http import TextResponse

from crawlers.article_page import article_text, date_beside, listed_articles
from crawlers.families.base import Family
from crawlers.page_text import element_text
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source
from crawlers.web_address import absolute
from humiao.times import parse_time

_METAS: Final = frozenset({"sitename", "siteidcode", "columnname", "columntype", "articletitle", "contentsource"})
"""Names of the page rules for government sites (国办发〔2017〕47号)."""
_BODIES: Final = ".TRS_Editor, .trs_editor_view, .TRS_UEDITOR, #UCAP-CONTENT, #zoom, #Zoom"
_NEXT: Final = (
    "//a[normalize-space()='下一页' or normalize-space()='下页' or normalize-space()='下一页>' or normalize-space()='>']/@href"
)
_PAGER: Final = re.compile(r"createPageHTML\([^)]{0,60}?(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*[\"']([\w-]+)[\"']\s*,\s*[\"'](\w+)[\"']")
_SOURCE: Final = re.compile(r"(?:信息来源|来\s*源|发布机构)\s*[:：]\s*([^\s|:：<]{2,40})")
_DATED_PATH: Final = re.compile(r"/t(20\d{6})_\d+|/art/(20\d\d/\d{1,2}/\d{1,2})/")
_MOST_PAGES: Final = 1000
_NOTE_CHARACTERS: Final = 5000
_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Notices(Family):
    """Each article is a thread with one post; a long one that is split over pages has a post for each."""

    name = "notices"

    def recognises(self, page: TextResponse) -> bool:
        """By the metas of government sites or by their pager."""
        return len(_METAS & _metas(page).keys()) > 1 or bool(_PAGER.search(page.text))

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """Links with a date beside them or with the address of an article."""
        if page.status in _GONE:
            return Reading(gone=True)
        return Reading(threads=listed_articles(page, source.allowed_hosts), more=_further(page))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:  # noqa: ARG002
        """The article."""
        if page.status in _GONE:
            return Reading(gone=True)
        metas = _metas(page)
        heading = page.css("h1")
        title = metas.get("articletitle") or (element_text(heading[0]) if heading else "") or metas.get("og:title", "")
        bodies = page.css(_BODIES)
        text = element_text(bodies[0]) if bodies else article_text(page, title)
        note = " ".join(page.xpath("//body//text()[not(parent::script or parent::style)]").getall())[:_NOTE_CHARACTERS]
        said = _SOURCE.search(note)
        url = urldefrag(page.url).url
        ts = _published(page, metas, note, source, now)
        if not title and not text:
            return Reading(no_thread=True)
        post = ReadPost(
            native_id=url.partition("://")[2],
            url=url,
            board=metas.get("columnname", ""),
            title=title,  # the same on every page of it, so that no page looks edited when it is read alone
            author=metas.get("contentsource") or (said[1] if said else "") or metas.get("author", ""),
            text=text or title,  # a notice may be an attached file alone
            ts=ts,
            images=tuple(dict.fromkeys(absolute(url, image) for image in bodies.css("img::attr(src)").getall())),
            trouble="" if ts else "no date: neither in the metas nor on the page nor in the address",
        )
        return Reading(posts=(post,), title=title, more=_further(page, pager_only=True))


def _metas(page: TextResponse) -> dict[str, str]:
    names = ((meta.attrib.get("name") or meta.attrib.get("property") or "", meta) for meta in page.css("meta[content]"))
    return {
        name.lower(): " ".join(meta.attrib["content"].split()) for name, meta in names if name and meta.attrib["content"].strip()
    }


def _published(page: TextResponse, metas: dict[str, str], note: str, source: Source, now: datetime) -> datetime | None:
    stated = [metas.get(name, "") for name in ("pubdate", "article:published_time", "publishdate")]
    for text in filter(None, [*stated, *page.css("time::attr(datetime)").getall()[:1]]):
        try:
            return parse_time(text, source.zone, now)
        except ValueError:
            continue
    if ts := date_beside(note, source.zone, now):
        return ts
    if found := _DATED_PATH.search(urlsplit(page.url).path):
        return parse_time(found[1] or found[2], source.zone, now)
    return None


def _further(page: TextResponse, *, pager_only: bool = False) -> tuple[str, ...]:
    """Pages that follow. The pager counts from zero: the first is index.html, the second index_1.html."""
    if found := _PAGER.search(page.text):
        count, current = min(int(found[1]), _MOST_PAGES), int(found[2])
        return tuple(absolute(page.url, f"{found[3]}_{number}.{found[4]}") for number in range(current + 1, count))
    if pager_only:
        return ()
    links = [*page.css("link[rel=next]::attr(href), a[rel=next]::attr(href)").getall(), *page.xpath(_NEXT).getall()]
    real = (absolute(page.url, link) for link in links if link.strip() and not link.lower().startswith(("javascript:", "#")))
    return tuple(url for url in dict.fromkeys(real) if url != page.url)[:1]
