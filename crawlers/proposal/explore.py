"""From an address to a proposal."""

import re
from typing import Final
from urllib.parse import urlsplit

from crawlers.families import FAMILIES
from crawlers.proposal.addresses import absolute
from crawlers.proposal.known_family import marked, try_family
from crawlers.proposal.look import Asker
from crawlers.proposal.other_outcomes import not_had, nothing_on, of_trial, site_title
from crawlers.proposal.result import NothingFound, Proposal
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.proposal.unknown_site import Site, find_out

FEEDS: Final = "link[rel~=alternate][type*=rss], link[rel~=alternate][type*=atom], link[rel~=alternate][type*='feed+json']"
WAYS_IN: Final = re.compile(
    r"论坛|社区|讨论|留言|交流|贴吧|动态|公告|通知|新闻|文章|博客|bbs|forum|communit|board|discuss|blog|guestbook|news|posts?|notices?",
    re.IGNORECASE,
)


async def explore(ask: Asker, url: str) -> Proposal | NothingFound:
    """What to propose for `url`."""
    page = await ask.page(url)
    if page is None:
        return not_had(ask, url)
    known = await _of_known_kind(ask, page)
    if known and (known.whole if isinstance(known, Proposal) else True):
        return known
    if page.response.selector.type == "html":
        if site := await _anywhere(ask, page):
            return _of_site(site, ask, page)
        for feed in _feeds(page):
            if ask.left > 0 and (shown := await ask.page(feed)) and FAMILIES["feed"].recognises(shown.response):
                trial = await try_family(ask, "feed", shown)
                return of_trial(trial, page, "页面给出的订阅源 a feed that the page announces")
    return known or await nothing_on(ask, page)


async def _of_known_kind(ask: Asker, page: SeenPage) -> Proposal | NothingFound | None:
    """By the marks of a family; without one, by content that several kinds of site share, where it reads posts."""
    if family := marked(page):
        return of_trial(await try_family(ask, family, page), page, f"页面上有 {family} 的标记 marks of {family} on the page")
    for family, said in (
        ("feed", "网址本身就是订阅源 the address is a feed"),
        ("schema_org", "页面带有 schema.org 标注 posts are marked with schema.org"),
        ("notices", "政府网站的页面标注 marks of government sites"),
    ):
        if FAMILIES[family].recognises(page.response):
            trial = await try_family(ask, family, page)
            if trial.whole or family == "feed":
                return of_trial(trial, page, said)
    return None


async def _anywhere(ask: Asker, page: SeenPage) -> Site | None:
    """On the page, or behind its link to a forum, a guestbook, the news."""
    if site := await find_out(ask, page):
        return site
    ways: dict[str, str] = {}
    for link in page.links:
        target = absolute(page.url, link.get("href", ""))
        if (
            target
            and target != page.url
            and urlsplit(target).netloc == urlsplit(page.url).netloc
            and WAYS_IN.search(text_of(link, 30) + urlsplit(target).path)
        ):
            ways.setdefault(target, text_of(link, 30))
    for target, text in list(ways.items())[:2]:
        if ask.left > 4 and (inner := await ask.page(target, text)) and (site := await find_out(ask, inner)):
            return site
    return None


def _feeds(page: SeenPage) -> list[str]:
    return list(
        dict.fromkeys(filter(None, (absolute(page.url, link) for link in page.selector.css(FEEDS).css("::attr(href)").getall())))
    )


def _of_site(site: Site, ask: Asker, page: SeenPage) -> Proposal:
    missing = {}
    if site.family == "html":
        assert site.selectors
        if not site.selectors.thread.author:
            missing["thread.author"] = (
                "没有找到作者；如果网站有作者，请打开一个帖子，右键“检查”作者名，写它的 class no author found"
            )
    recognised = {
        "html": "未知网站，按页面结构推断出选择器 unknown site, selectors inferred from its pages",
        "schema_org": "页面带有 schema.org 标注，无需选择器 posts are marked with schema.org",
        "notices": "通知或文章列表，无需选择器 a list of notices or articles",
    }[site.family]
    notes = site.notes if site.family == "html" else {}
    return Proposal(
        family=site.family, recognised=recognised, start=(site.start,), title=site_title(page), selectors=site.selectors,
        encoding=ask.encoding, notes=notes, posts=tuple(site.posts), missing=missing,
    )  # fmt: skip
