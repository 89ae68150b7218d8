"""The text of an article, and the list of articles that a page links to, on sites that mark neither."""

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit
from zoneinfo import ZoneInfo

import trafilatura
from lxml.html import HtmlElement
from parsel import Selector
from scrapy.http import TextResponse

from crawlers.reading import ListedThread
from crawlers.web_address import absolute
from humiao.times import parse_time

_AROUND: Final = [
    "//nav|//header|//footer|//aside|//form",
    "//*[re:test(@class, '(^|[-_ ])(nav|menu|crumbs?|breadcrumbs?|position|location|footer|share|related|sidebar)([-_ ]|$)', 'i')]",
]
MOST_LINKS: Final = 5000
"""Links of a page that are looked at."""
_ROW_LINKS: Final = 3
_ROW: Final = "ancestor::*[self::body or self::li or self::tr or self::dd or self::dt or self::p or self::div][1]"
_DATE: Final = re.compile(
    r"(?<!\d)(?:20\d\d\s*(?P<by>[-/.])\d{1,2}(?P=by)\d{1,2}|20\d\d年\d{1,2}月\d{1,2}日|\[\s*\d\d-\d\d\s*\])(?:\s+\d{1,2}:\d\d(?::\d\d)?)?(?!\d)"
)
_ARTICLE: Final = re.compile(
    r"/t20\d{6}_\d+\.s?html?$|/art/20\d\d/\d{1,2}/\d{1,2}/art_\w+\.html?$|/post_\d+\.s?html?$|/content_\d+\.s?html?$", re.IGNORECASE
)
_FILE: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|zip|rar|7z|jpe?g|png|gif|mp[34])$", re.IGNORECASE)


def article_text(page: TextResponse, title: str = "") -> str:
    """What `page` is about, without what stands around it; empty if nothing can be told apart."""
    document = Selector(page.text, type="html")
    for path in _AROUND:
        document.xpath(path).drop()
    text = trafilatura.extract(document.root, include_comments=False) if isinstance(document.root, HtmlElement) else None
    lines = (text or "").splitlines()
    while lines and lines[0].strip() == title:
        lines.pop(0)
    return "\n".join(lines).strip()


def listed_articles(page: TextResponse, hosts: frozenset[str]) -> tuple[ListedThread, ...]:
    """Articles that `page` links to on one of `hosts`: those with a date beside them, and those with an address of one."""
    found: dict[str, ListedThread] = {}
    dates: dict[Any, str] = {}
    for link in page.css("a[href]")[:MOST_LINKS]:
        url = urldefrag(absolute(page.url, link.attrib["href"].strip())).url
        parts = urlsplit(url)
        if parts.hostname not in hosts or url == page.url or _FILE.search(parts.path):
            continue
        for row in link.xpath(_ROW):
            if row.root not in dates:
                dates[row.root] = _date_of(row)
            dated = dates[row.root]
            if (dated or _ARTICLE.search(parts.path)) and url not in found:
                found[url] = ListedThread(url, dated)
    return tuple(found.values())


def _date_of(row: Selector) -> str:
    """The date that stands in a row of a list; empty if there is none, or more links than a row has."""
    if len(row.xpath(".//a[@href]")) > _ROW_LINKS:
        return ""
    found = _DATE.search(" ".join(row.xpath(".//text()").getall())[:2000])
    return found.group().strip("[ ]") if found else ""


def date_beside(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first date in `text` that stands behind a word for publication (发布时间, 日期, 成文日期); None = there is none."""
    for found in _PUBLISHED.finditer(text):
        try:
            return parse_time(found[1], zone, now)
        except ValueError:
            continue
    return None


_PUBLISHED: Final = re.compile(
    r"(?:发[布文稿表]\s*(?:时间|日期)|成文日期|印发日期|更新时间|日\s*期|时\s*间)\s*[:：]\s*\[?\s*"
    r"(20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?)"
)
