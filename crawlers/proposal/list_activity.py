"""What in a row of a list changes when its thread does: the time of the last post, the number of replies, never that of readers."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from crawlers.proposal.addresses import absolute
from crawlers.proposal.post_blocks import marks
from crawlers.proposal.seen_page import SeenPage, SeenTime, text_of
from crawlers.proposal.selector_making import candidates, cost, find
from crawlers.proposal.thread_lists import Rows


def activity_selector(page: SeenPage, rows: Rows, first_times: dict[str, list[Any]]) -> tuple[str, str]:
    """Selector of what changes with the thread, and what it is; empty if nothing does.

    `first_times`: of threads that were read, by address, the times (UTC) of their posts in order.
    """
    elements = [
        one for one in find(page.root, rows.row) if [hit for hit in find(one, rows.link.partition("::")[0]) if hit.get("href")]
    ]
    found = [one for one in (*_times_in(page, elements, rows, first_times), *_counts_in(elements)) if one[0] > 0]
    if not found:
        return "", ""
    best = sorted(found, reverse=True)
    chosen = [best[0]]
    chosen += [one for one in best[1:] if one[2] != best[0][2] and "relative" not in one[2]][:1]
    return ", ".join(one[1] for one in chosen), " + ".join(one[2] for one in chosen)


def _times_in(page: SeenPage, elements: Sequence[Any], rows: Rows, known: dict[str, list[Any]]) -> list[tuple[float, str, str]]:
    times: dict[Any, list[SeenTime]] = defaultdict(list)
    for time in page.times:
        times[time.element].append(time)
    tried: dict[tuple[str, str], None] = {}
    for row in elements[:6]:
        for one in row.iter():
            for time in times.get(one, ()):
                if not time.pattern:
                    tried.update(dict.fromkeys((name, time.attribute) for name in candidates(one, row, place=True)))
    found = []
    for selector, attribute in tried:
        values = _by_thread(page, elements, rows, times, selector, attribute)
        if len(values) < 0.6 * len(elements):
            continue
        begun = [
            time
            for url, time in values
            if len(known.get(url, ())) > 1 and _at(time, known[url][0]) and not _at(time, known[url][-1])
        ]
        ended = [
            time
            for url, time in values
            if len(known.get(url, ())) > 1 and _at(time, known[url][-1]) and not _at(time, known[url][0])
        ]
        if begun and not ended:
            continue  # the time of the thread's beginning never changes
        latest = sum(time.ts.timestamp() for _, time in values) / len(values)
        relative = sum(time.relative for _, time in values) / len(values)
        score = (
            40 * len(values) / len(elements)
            - 10 * any(len(find(row, selector)) > 1 for row in elements)
            - 2 * cost(selector)
            - 20 * relative
            + 12 * bool(ended)
            + 1e-9 * latest
        )
        found.append(
            (
                score,
                f"{selector}::attr({attribute})" if attribute else selector,
                "相对时间 relative time" if relative > 0.5 else "时间 time",
            )
        )
    return sorted(found, reverse=True)[:1]


def _by_thread(
    page: SeenPage, elements: Sequence[Any], rows: Rows, times: dict[Any, list[SeenTime]], selector: str, attribute: str
) -> list[tuple[str, SeenTime]]:
    """The time that a selector finds in each row, with the address of the row's thread."""
    values = []
    for row in elements:
        hit = next(iter(find(row, selector)), None)
        found = [one for one in times.get(hit, ()) if one.attribute == attribute]
        link = next((one for one in find(row, rows.link.partition("::")[0]) if one.get("href")), None)
        if found and link is not None:
            values.append((absolute(page.url, link.get("href", "")), found[0]))
    return values


def _at(time: SeenTime, moment: Any) -> bool:
    apart: float = abs((time.ts - moment).total_seconds())
    return apart < (60 if time.clock and not time.relative else 86_400)


_VIEWS: Final = re.compile(r"view|hit|click|read|浏览|阅读|点击|人气|查看|访问|热度", re.IGNORECASE)
_REPLIES: Final = re.compile(r"repl|comment|answer|post|回复|评论|回帖|回答|跟帖|count|num", re.IGNORECASE)


def _counts_in(elements: Sequence[Any]) -> list[tuple[float, str, str]]:
    """Numbers in the rows that count replies."""
    tried: dict[str, None] = {}
    for row in elements[:6]:
        for one in row.iter():
            if isinstance(one.tag, str) and re.fullmatch(r"\D{0,8}\d{1,6}\D{0,6}", text_of(one, 20)) and len(text_of(one, 20)) < 16:
                tried.update(dict.fromkeys(candidates(one, row, place=True)))
    found = []
    for selector in tried:
        texts = [text_of(hit[0], 20) for row in elements if (hit := find(row, selector))]
        numbers = [
            int(number[0])
            for text in texts
            if len(number := re.findall(r"\d{1,6}", text)) == 1 and not re.search(r"\d[-:/.]\d|前|#", text)
        ]
        counted = len(numbers) > 2 and {later - one for one, later in pairwise(numbers)} in ({1}, {-1})
        if counted or len(numbers) < 0.8 * len(elements) or len(set(numbers)) < 2:
            continue
        hits = [one for row in elements for one in find(row, selector)[:1]]
        around = (
            " ".join(
                {
                    marks(one) + " " + (marks(one.getparent()) if one.getparent() is not None else "") + " " + _heading(one)
                    for one in hits[:3]
                }
            )
            + selector
        )
        words = " ".join(texts[:3])
        if _VIEWS.search(words) or (_VIEWS.search(around) and not _REPLIES.search(words)):
            continue
        score = (
            30 * len(numbers) / len(elements)
            - 2 * cost(selector)
            + 12 * bool(_REPLIES.search(around + words))
            - 8 * (sum(numbers) / len(numbers) > 300)
            - 10 * any(len(find(row, selector)) > 1 for row in elements)
        )
        found.append((score, selector, "回复数 number of replies"))
    return sorted(found, reverse=True)[:1]


def _heading(cell: Any) -> str:
    """What the head of the table says above a cell."""
    while cell is not None and cell.tag not in {"td", "th"}:
        cell = cell.getparent()
    if cell is None or cell.getparent() is None:
        return ""
    place = [one for one in cell.getparent() if one.tag in {"td", "th"}].index(cell)
    table = next(cell.iterancestors("table"), None)
    head = next((row for row in table.iter("tr")), None) if table is not None else None
    cells = [one for one in head if one.tag in {"td", "th"}] if head is not None else []
    return text_of(cells[place], 20) if place < len(cells) else ""
