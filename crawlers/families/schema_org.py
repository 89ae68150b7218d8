"""Sites that name their threads in a sitemap and mark their posts with schema.org's words."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urldefrag, urlsplit

from scrapy.http import TextResponse

from crawlers.article_page import article_text, listed_articles
from crawlers.families.base import Family
from crawlers.families.schema_items import ARTICLES, DISCUSSIONS, LISTS, REPLIES, Item, Items, page_items, several, words
from crawlers.families.schema_posts import read_items
from crawlers.families.sitemap import GZIP, read_sitemap
from crawlers.reading import ListedThread, Reading
from crawlers.source import Source
from crawlers.web_address import absolute

_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_CHANGES: Final = ("dateModified", "commentCount", "answerCount", "datePublished")
_NEXT: Final = "link[rel~=next]::attr(href), a[rel~=next]::attr(href)"
_PREVIOUS: Final = "link[rel~=prev], a[rel~=prev], link[rel~=previous], a[rel~=previous]"
_CONTENT_LINKS: Final = "//body//a[@href][not(ancestor::nav or ancestor::header or ancestor::footer or ancestor::aside)]/@href"
_NUMBERED: Final = re.compile(r"\d")


class SchemaOrg(Family):
    """Starts from a sitemap, an index of them, the robots.txt that announces them, or a page of links."""

    name = "schema_org"
    binary = (GZIP,)

    def recognises(self, page: TextResponse) -> bool:
        """By its marked posts, or because it is a sitemap."""
        if urlsplit(page.url).path != "/robots.txt" and read_sitemap(
            page.body, page.url, frozenset({urlsplit(page.url).hostname or ""})
        ):
            return True
        return any(items.of(DISCUSSIONS | ARTICLES) for items in page_items(page))

    def read_list(self, page: TextResponse, source: Source, now: datetime) -> Reading:  # noqa: ARG002 (the base's signature)
        """Further sitemaps as boards, their pages as threads; of a page of links, those to what looks like threads."""
        if page.status in _GONE:
            return Reading(gone=True)
        hosts = source.allowed_hosts
        if sitemap := read_sitemap(page.body, page.url, hosts):
            return Reading(boards=sitemap.maps, threads=sitemap.threads, trouble=sitemap.trouble)
        marked = {thread.url: thread for items in page_items(page) for thread in _listed(items, page.url, hosts)}
        threads = tuple(marked.values()) or listed_articles(page, hosts) or _numbered(page, hosts)
        return Reading(threads=threads, more=_further(page))

    def read_thread(self, page: TextResponse, source: Source, now: datetime, *, first: bool) -> Reading:
        """Posts as the page marks them: JSON-LD before microdata, discussions before articles."""
        if page.status in _GONE:
            return Reading(gone=True)
        root = first or not page.css(_PREVIOUS)
        for kind in (DISCUSSIONS, ARTICLES, REPLIES):
            for items in page_items(page):
                if main := items.of(kind):
                    body = article_text(page, words(main[0].get("headline"))) if _lacks_text(main[0], kind) else ""
                    posts = read_items(items, main, page.url, source.zone, now, root=root, body=body)
                    title = words(main[0].get("headline") or main[0].get("name"))
                    return Reading(posts=posts, title=title, more=_further(page))
        return Reading(no_thread=True)


def _lacks_text(item: Item, kind: frozenset[str]) -> bool:
    return kind is ARTICLES and not words(item.get("articleBody") or item.get("text"))


def _listed(items: Items, url: str, hosts: frozenset[str]) -> list[ListedThread]:
    """Threads that an item of a list names, or that stand on the page in short."""
    entries: list[Item] = []
    for listing in items.of(LISTS):
        for element in several(listing.get("itemListElement")):
            entry = element.get("item", element) if isinstance(element, dict) else {"url": element}
            entries.append(entry if isinstance(entry, dict) else {"url": entry})
    entries.extend(items.of(DISCUSSIONS | ARTICLES))
    found = []
    for entry in entries:
        address = urldefrag(absolute(url, words(entry.get("url") or entry.get("@id")))).url
        if urlsplit(address).hostname in hosts and address != url:
            found.append(ListedThread(address, " ".join(filter(None, (words(entry.get(change)) for change in _CHANGES)))))
    return found


def _numbered(page: TextResponse, hosts: frozenset[str]) -> tuple[ListedThread, ...]:
    """Links outside of menus whose address has a number in it, as threads' have."""
    addresses = dict.fromkeys(urldefrag(absolute(page.url, link.strip())).url for link in page.xpath(_CONTENT_LINKS).getall())
    further = _further(page)
    parts = ((address, urlsplit(address)) for address in addresses if address != page.url and address not in further)
    return tuple(ListedThread(a) for a, split in parts if split.hostname in hosts and _NUMBERED.search(split.path + split.query))


def _further(page: TextResponse) -> tuple[str, ...]:
    found = (absolute(page.url, link.strip()) for link in page.css(_NEXT).getall())
    return tuple(url for url in dict.fromkeys(found) if url != page.url)[:1]
