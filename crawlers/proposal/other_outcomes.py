"""What is said where no posts were found, and a draft where at least a list was."""

import re
from typing import Final
from urllib.parse import urlsplit

from crawlers.families import FAMILIES
from crawlers.proposal.known_family import Trial, try_family
from crawlers.proposal.look import Asker
from crawlers.proposal.result import NothingFound, Proposal
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.proposal.thread_lists import listings, row_selectors
from crawlers.states import ADVICE
from crawlers.walls import find_wall

GUESSED: Final = ("/feed", "/rss.xml", "/atom.xml", "/index.xml")
"""Where feeds stand that no page announces; asked for only where nothing else was found."""
SEEMS_A_LIST: Final = 60.0
"""Score from which on a list is worth a draft."""
LITTLE: Final = 200
"""Characters up to which a page with scripts may be an empty frame."""


def of_trial(trial: Trial, page: SeenPage, recognised: str) -> Proposal | NothingFound:
    """What a family read."""
    if trial.wall:
        return NothingFound(f"{trial.wall.state}：{trial.wall.evidence}", " ".join(ADVICE[trial.wall.state]), trial.wall)
    remarks = (
        ()
        if trial.whole
        else (f"认出是 {trial.family}，但这次没有读到帖子 recognised, but no post was read {trial.trouble}".strip(),)
    )
    return Proposal(
        family=trial.family,
        recognised=recognised,
        start=(trial.start,),
        title=site_title(page),
        posts=tuple(trial.posts),
        remarks=remarks,
    )


def site_title(page: SeenPage) -> str:
    """What the site calls itself."""
    stated = page.selector.css("meta[property='og:site_name']::attr(content)").get() if page.selector.type == "html" else ""
    title = stated or (page.selector.css("title::text").get() or "" if page.selector.type in {"html", "xml"} else "")
    parts = [part.strip() for part in re.split(r"\s+[-|–—_·]\s+|\s*[|_]\s*", title) if part.strip()]
    return (parts[-1] if parts else "")[:60]


async def nothing_on(ask: Asker, page: SeenPage) -> NothingFound | Proposal:
    """No posts on the page: a wall, an empty frame, or something that no search understands."""
    if wall := find_wall(page.response):
        return NothingFound(f"{wall.state}：{wall.evidence}", " ".join(ADVICE[wall.state]), wall)
    if feed := await _guessed_feed(ask, page):
        return feed
    if page.response.status >= 400:
        return NothingFound(f"网站回答 HTTP {page.response.status} the site answers so", "请核对网址 check the address")
    return _draft(page, ask) or NothingFound(*_why(page))


def _why(page: SeenPage) -> tuple[str, str]:
    if page.response.selector.type != "html":
        return (
            "这个网址不是网页，也不是订阅源 neither a page nor a feed",
            "请给出论坛首页、版块或主题的网址 give the address of a board",
        )
    text = text_of(page.root, 2000)
    scripted = bool(page.selector.css("script[src], script[type=module]")) and len(text) < LITTLE
    if scripted:
        return (
            "页面内容由脚本生成，网页源码里没有帖子 the page is an empty frame that scripts fill",
            "本系统不运行脚本采集：请向站方要订阅源（RSS）或接口，或改用有静态网页的版块 ask the owner for a feed or an interface",
        )
    if len(text) < 20:
        return "页面是空的 the page is empty", "请核对网址，或换一个版块的网址 check the address, or give that of a board"
    return (
        "没有认出帖子：没有找到重复出现、带时间的块 no posts recognised: nothing that repeats and has times",
        "请换一个版块或主题的网址再试，或手写选择器 give a board's or thread's address, or write selectors",
    )


async def _guessed_feed(ask: Asker, page: SeenPage) -> Proposal | NothingFound | None:
    """A feed where feeds usually stand, though no page announces it."""
    root = f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}"
    for path in GUESSED[: min(ask.left, len(GUESSED))] if page.response.status < 400 else ():
        if (shown := await ask.page(root + path)) and FAMILIES["feed"].recognises(shown.response):
            return of_trial(await try_family(ask, "feed", shown), page, f"在常见位置找到订阅源 a feed at {path}")
    return None


def _draft(page: SeenPage, ask: Asker) -> Proposal | None:
    """A list was found and its threads can't be read: a person has to say how."""
    found = next(
        ((one, rows) for one in listings(page) if one.score > SEEMS_A_LIST and (rows := row_selectors([(page, one)]))), None
    )
    if not found:
        return None
    listing, rows = found
    example = listing.links[0].url
    hint = f"打开 {example}，右键“检查”，写出 open it, inspect it and write the selector of"
    missing = {
        "thread.post": f"{hint} 一条帖子 one post",
        "thread.time": f"{hint} 发帖时间 its time",
        "thread.author": f"{hint} 作者 its author",
        "thread.body": f"{hint} 正文 its text",
    }
    return Proposal(
        family="html", recognised="找到主题列表，但读不出帖子 a list of threads, whose posts can't be read", start=(page.url,),
        title=site_title(page), encoding=ask.encoding, partial={"list": {"row": rows.row, "link": rows.link}}, missing=missing,
    )  # fmt: skip


def not_had(ask: Asker, url: str) -> NothingFound:
    """The address itself could not be read."""
    reason = ask.looked.failures.get(url, "")
    if "is no host of this source" in reason:
        other = reason.split()[0]
        ask.looked.moved_to = other
        return NothingFound(
            f"网站转到另一个主机 the site leads to {other}", f"请改用 try: humiao sources new {urlsplit(url).scheme}://{other}/"
        )
    if "Forbidden by robots.txt" in reason:
        return NothingFound(
            "robots.txt 不允许读取这个网址 robots.txt forbids this address",
            "请先取得站方书面同意，或换一个网址 get a written agreement first, or take another address",
        )
    if "robots.txt could not be read" in reason:
        return NothingFound(
            f"读不到 robots.txt，按规定什么都不读 {reason}", "请稍后再试，或核对网址 try again later, or check the address"
        )
    return NothingFound(
        f"打不开网址 can't be reached: {reason}", "请核对网址和网络；内网地址只能用数字写明 check address and network"
    )
