"""A site of no known kind: which of its pages lists threads, which are threads, and how both are read."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawlers.families import FAMILIES
from crawlers.html_pages import read_posts
from crawlers.proposal.addresses import BOARD, USER, absolute, same_thread, shape
from crawlers.proposal.known_family import provisional
from crawlers.proposal.list_activity import activity_selector
from crawlers.proposal.look import Asker
from crawlers.proposal.pagers import next_selector
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.proposal.selector_making import candidates, cost, find
from crawlers.proposal.thread_lists import Link, Listing, Rows, listings, row_selectors, rows_of
from crawlers.proposal.thread_search import Note, ThreadReading, read_threads_of
from crawlers.reading import ReadPost
from crawlers.source import ListSelectors, Selectors

TRIED: Final = 4
"""Lists of a page that are followed."""
ANY_LIST: Final = 8.0
"""Score of a list of a few short names, such as boards."""
SAMPLES: Final = 3
"""Threads that are looked at."""


@dataclass
class Site:
    """What was found out."""

    start: str
    lists: list[SeenPage] = field(default_factory=list)
    threads: list[SeenPage] = field(default_factory=list)
    listing: Listing | None = None
    rows: Rows | None = None
    board: str = ""
    """Selector of links to boards."""
    reading: ThreadReading | None = None
    selectors: Selectors | None = None
    notes: dict[str, Note] = field(default_factory=dict)
    wall_of_posts: bool = False
    family: str = "html"
    posts: list[ReadPost] = field(default_factory=list)

    @property
    def worth(self) -> float:
        """How much speaks for it."""
        if not self.reading or not self.reading.whole:
            return 0.0
        alike = sum(
            bool(post.title and page.link_text and _begins(post.title, page.link_text))
            for page, posts in zip(self.threads, self.reading.posts, strict=False)
            for post in posts[:1]
        )
        return self.reading.score / max(1, len(self.threads)) + 20 * alike + 2 * len(self.listing.links if self.listing else ())


async def find_out(ask: Asker, page: SeenPage) -> Site | None:
    """How the site around `page` is read; None = no posts were found."""
    own = read_threads_of([page], provisional("feed", page.url), wall=True)
    if own and _is_posts(own, page):
        if site := await _around_a_thread(ask, page, own):
            return site
        return await _wall(ask, page, own)
    sites: list[Site] = []
    for listing in _boards_first(listings(page))[:TRIED]:
        if ask.left < 3:
            break
        site = await _follow(ask, page, listing, ())
        if site:
            sites.append(site)
            if site.reading and site.reading.whole >= 2 and site.worth > 60:
                break
    if sites:
        return await _finish(ask, max(sites, key=lambda one: one.worth))
    return await _wall(ask, page, own) if own and own.whole else None


def _boards_first(found: list[Listing]) -> list[Listing]:
    """Lists to follow, but of an index the boards before the last thread of each: every row has one of both, the board first."""
    order = list(found)
    for listing in found[:TRIED]:
        rows = [set(row.iter()) for row in rows_of(listing)]
        for other in found:
            beside = [[one for one in other.links if one.element in row] for row in rows]
            single = all(len(one) == 1 for one in beside) and len(other.links) == len(rows)
            if other is not listing and single and not USER.search(other.shape) and BOARD.search(other.shape):
                order.remove(other)
                order.insert(order.index(listing), other)
                break
    return order


def _is_posts(reading: ThreadReading | None, page: SeenPage) -> bool:
    """Whether the page itself holds posts, rather than a list of threads."""
    if reading is None:
        return False
    posts = [post for post in reading.posts[0] if not post.trouble]
    if not posts or _in_rows(reading, page):
        return False
    if len(posts) >= 2:
        return True
    return len(posts[0].text) > 30 and max((one.score for one in listings(page)), default=0) < 60


def _in_rows(reading: ThreadReading, page: SeenPage) -> bool:
    """Whether what was taken for posts are the rows of a list, each with a title that leads elsewhere."""
    elements = find(page.root, reading.by.post)
    for listing in listings(page):
        if listing.score < ANY_LIST or USER.search(listing.shape) or len({one.text for one in listing.links}) < len(listing.links):
            continue
        rows = set(rows_of(listing))
        within = sum(any(above in rows for above in (one, *one.iterancestors())) for one in elements)
        holding = sum(any(inner in rows for inner in one.iter()) for one in elements)
        if max(within, holding) >= 0.7 * len(elements):
            return True
    return False


async def _around_a_thread(ask: Asker, page: SeenPage, own: ThreadReading) -> Site | None:
    """The list that a thread stands in; None where the page is no thread of many."""
    times = [post.ts for post in own.posts[0] if post.ts]
    newest_first = len(times) > 2 and times == sorted(times, reverse=True) and times[0] != times[-1]
    parts = urlsplit(page.url)
    if newest_first or not (parts.path.strip("/") or parts.query):
        return None
    above = _above(page)
    for url in above[:3]:
        if ask.left < 4:
            return None
        upper = await ask.page(url)
        if upper is None:
            continue
        for listing in listings(upper):
            many = shape(page.url) == listing.shape and len(listing.links) > 2
            if (many or page.url in listing.urls) and (site := await _follow(ask, upper, listing, ())):
                return await _finish(ask, site)
    return None


def _above(page: SeenPage) -> list[str]:
    """Pages that may list the thread: the ones that the way to it names, the folder, the root."""
    crumbs: dict[str, None] = {}
    for element in page.root.iter():
        if isinstance(element.tag, str) and (
            "crumb" in (element.get("class", "") + element.get("id", "")).lower() or element.tag == "nav"
        ):
            for link in list(element.iter("a"))[::-1]:
                if (url := absolute(page.url, link.get("href", ""))) and urlsplit(url).netloc == urlsplit(page.url).netloc:
                    crumbs.setdefault(url)
    for link in page.links:
        if text_of(link, 12).startswith(("返回", "Back", "« ")) and (url := absolute(page.url, link.get("href", ""))):
            crumbs.setdefault(url)
    parts = urlsplit(page.url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').rpartition('/')[0]}/"
    crumbs.setdefault(folder)
    return [
        url
        for url in dict.fromkeys([*[one for one in crumbs if one != root], root])
        if url != page.url and not same_thread(page.url, url)
    ]


async def _wall(ask: Asker, page: SeenPage, own: ThreadReading) -> Site:
    """A page that holds posts of no thread."""
    site = Site(page.url, wall_of_posts=True)
    pages = [page]
    following = _next_of(page, own.by.next)
    if following and ask.left > 0 and (second := await ask.page(following)):
        pages.append(second)
    reading = (read_threads_of(pages, provisional("feed", page.url), wall=True) if len(pages) > 1 else None) or own
    site.threads, site.reading = pages[: len(reading.posts)], reading
    site.selectors = Selectors(thread=reading.by)
    site.notes = {f"thread.{name}": note for name, note in reading.notes.items()}
    site.posts = [post for one in reading.posts for post in one]
    return site


async def _follow(ask: Asker, page: SeenPage, listing: Listing, above: tuple[SeenPage, ...]) -> Site | None:
    """Look where a list leads: to threads, or to boards that list them."""
    chosen = _samples(listing)
    first = await ask.page(chosen[0].url, chosen[0].text)
    if first is None:
        return None
    inner = _inner_list(page, listing, first)
    if inner and len(above) < 2:
        site = await _follow(ask, first, inner, (*above, page))
        if site:
            if not above:
                site.start, site.board = page.url, _board_selector(page, listing)
                site.lists.append(page)
            return site
    wanted = chosen[1:SAMPLES] if ask.left > SAMPLES else chosen[1:2]  # and some for second pages
    further = [await ask.page(link.url, link.text) for link in wanted]
    pages = [first, *filter(None, further)]
    reading = read_threads_of(pages, provisional("feed", page.url, ask.encoding), board_url=page.url)
    if reading and reading.whole <= len(pages):  # none of them was answered yet: others may have been
        more = [await ask.page(link.url, link.text) for link in chosen[SAMPLES : SAMPLES + ask.left // 2]]
        pages += filter(None, more)
        reading = read_threads_of(pages, provisional("feed", page.url, ask.encoding), board_url=page.url)
    rows = row_selectors([(page, listing)])
    if not reading or not reading.whole or not rows:
        return None
    return Site(page.url, [page], pages, listing, rows, reading=reading)


def _samples(listing: Listing) -> list[Link]:
    """Threads that say most: those with the largest numbers beside them, which count replies, and one from the middle."""
    links = list(listing.links)
    numbers = []
    for link, row in zip(links, rows_of(listing), strict=True):
        short = [text_of(one, 12) for one in row.iter() if isinstance(one.tag, str) and not len(one)]
        found = [int(hit[1]) for text in short if (hit := re.fullmatch(r"\D{0,6}(\d{1,4})\D{0,6}", text)) and "前" not in text]
        numbers.append((min(found) if found else 0, link))
    ranked = [link for number, link in sorted(numbers, key=lambda one: -one[0]) if number > 0]
    plain = [links[min(1, len(links) - 1)], links[len(links) // 2], links[-1], links[0], *links[2:4]]
    return list(dict.fromkeys([*ranked[:2], *plain]))[: 2 * SAMPLES]


def _inner_list(page: SeenPage, listing: Listing, target: SeenPage) -> Listing | None:
    """The list of threads on a page that the list led to, if that is a board; None = it is a thread."""
    known = {absolute(page.url, link.get("href", "")) for link in page.links}
    fresh = [
        one
        for one in listings(target)
        if one.shape != listing.shape and one.score > 30 and len(one.urls - listing.urls) >= 0.5 * len(one.urls)
    ]
    if not fresh:
        return None
    if same := [one for one in listings(target) if one.shape == listing.shape and one.urls - known and one.score > fresh[0].score]:
        del same
        return None
    own = read_threads_of([target], provisional("feed", target.url), wall=True)
    if own and _is_posts(own, target):
        return None
    if (
        own
        and own.whole == 1
        and not _in_rows(own, target)
        and own.posts[0]
        and len(own.posts[0][0].text) > 3 * max(len(link.text) for link in fresh[0].links)
    ):
        return None
    return fresh[0] if len(fresh[0].links) > 1 and fresh[0].score > 40 else None


def _board_selector(page: SeenPage, listing: Listing) -> str:
    wanted = set(listing.urls)
    tried = dict.fromkeys(one for link in listing.links[:3] for one in candidates(link.element, page.root, place=False))
    scored = []
    for one in tried:
        urls = [absolute(page.url, hit.get("href", "")) for hit in find(page.root, one) if hit.tag == "a"]
        wrong = [url for url in urls if url not in wanted and shape(url) != listing.shape]
        if wanted <= set(urls):
            scored.append((3 * len(wrong) + cost(one), one))
    return f"{min(scored)[1]}::attr(href)" if scored else ""


async def _finish(ask: Asker, site: Site) -> Site:
    """Second pages, the list's activity, and whether boards stand beside the list; then the selectors as a whole."""
    assert site.reading
    assert site.rows
    assert site.listing
    await _second_page_of_thread(ask, site)
    board = site.lists[0]
    times = {
        page.url: [post.ts for post in posts if post.ts] for page, posts in zip(site.threads, site.reading.posts, strict=False)
    }
    following = next_selector([board])
    if following and ask.left > 0 and (second := await ask.page(_next_of(board, following))):
        following = next_selector([board, second]) or following
        again = next((one for one in listings(second) if one.shape == site.listing.shape and one.urls - site.listing.urls), None)
        if again:
            site.rows = row_selectors([(board, site.listing), (second, again)]) or site.rows
    activity, said = activity_selector(board, site.rows, times)
    by_list = ListSelectors(
        board=site.board or None, row=site.rows.row, link=site.rows.link, activity=activity or None, next=following or None
    )
    thread = site.reading.by
    if following and not thread.next and not any(page.selector.css(following) for page in site.threads):
        thread = thread.model_copy(update={"next": following})  # one site has one kind of pager
    site.selectors = Selectors(list=by_list, thread=thread)
    site.notes = {f"thread.{name}": note for name, note in site.reading.notes.items()} | {
        "list.row": Note(1.0, f"{len(site.rows.urls)} 个主题 threads"),
        "list.link": Note(1.0, site.listing.shape),
        "list.activity": Note(1.0 if activity else 0.0, said or "没有随回复变化的内容 nothing changes with the thread"),
        "list.next": Note(1.0 if following else 0.3, "翻页链接 link" if following else "这一页没有下一页 no further page here"),
    }
    site.posts = [post for one in site.reading.posts for post in one]
    _better_family(site)
    return site


def _next_of(page: SeenPage, selector: str | None) -> str:
    if not selector:
        return ""
    hits = [absolute(page.url, link) for link in page.selector.css(selector).getall()]
    return next((url for url in hits if url and url != page.url), "")


async def _second_page_of_thread(ask: Asker, site: Site) -> None:
    """Ids that begin anew on each page are none; and the next page must be read like the first."""
    assert site.reading
    by = site.reading.by
    for page in site.threads:
        target = _next_of(page, by.next)
        if not target or ask.left <= 0:
            continue
        second = await ask.page(target)
        if second is None:
            return
        source = provisional("feed", page.url)
        first_ids = {post.native_id for post in read_posts(page.selector, page.url, source, by, first_page=True, now=page.now)}
        later = read_posts(second.selector, second.url, source, by, first_page=False, now=second.now)
        if by.id and first_ids & {post.native_id for post in later if post.native_id}:
            by = by.model_copy(update={"id": None, "id_pattern": None, "parent": None})
            site.reading = ThreadReading(by, site.reading.notes, site.reading.posts, site.reading.score)
        return


def _better_family(site: Site) -> None:
    """A family that needs no selectors, where it reads as much."""
    assert site.listing
    whole = site.reading.whole if site.reading else 0
    board = site.lists[0]
    hosts = frozenset({urlsplit(board.url).hostname or ""})
    for name in ("schema_org", "notices"):
        family, source = FAMILIES[name], provisional(name, board.url)
        posts = [post for page in site.threads for post in family.read_thread(page.response, source, page.now, first=True).posts]
        good = [post for post in posts if not post.trouble and post.ts and post.text]
        if len(good) < whole or not good or (name == "notices" and len(good) > len(site.threads)):
            continue
        if _cleaner(site.posts, good) or sum(bool(post.author) for post in good) < sum(bool(post.author) for post in site.posts):
            continue
        listed = {one.url for one in family.read_list(board.response, source, board.now).threads}
        if (
            hosts
            and len(listed & set(site.listing.urls)) >= 0.9 * len(site.listing.urls)
            and len(listed) < 1.3 * len(site.listing.urls)
        ):
            site.family, site.posts, site.selectors = name, posts, None
            return


def _cleaner(own: list[ReadPost], other: list[ReadPost]) -> bool:
    """Whether the selectors leave out what another family takes for words of the post: its source, date, number of readers."""
    pairs = [
        ("".join(one.text.split()), "".join(two.text.split()))
        for one, two in zip(own, other, strict=False)
        if one.text and two.text
    ]
    extra = [long.replace(short, "") for short, long in pairs if short in long and len(short) < len(long)]
    return bool(extra) and all(re.search(r"来源|发布|时间|日期|点击|浏览|阅读|作者", one) for one in extra)


def _begins(title: str, link: str) -> bool:
    return title[:6] == link[:6]
