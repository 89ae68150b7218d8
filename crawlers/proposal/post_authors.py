"""Who wrote a post."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from crawlers.proposal.addresses import USER
from crawlers.proposal.field_search import Found, Post, best, first, tries
from crawlers.proposal.patterns import plainer_label
from crawlers.proposal.post_blocks import AUTHOR, marks, quoted
from crawlers.proposal.seen_page import text_of
from crawlers.proposal.selector_making import cost

LONGEST: Final = 30
_NO_NAME: Final = re.compile(
    r"^(?:回[复應帖]|引用|举报|只看|编辑|删除|分享|收藏|点?赞|踩|顶|支持|反对|楼主|沙发|板凳|地板|第?\s*\d+\s*[楼樓层F#]|[#＃]\s*\d+|lv\.?\s*\d+|"
    r"(?:初级|中级|高级|注册|新手|普通|资深|论坛)?会员|管理员|版主|积分|帖子|来自|ip|作者|时间|发表|发布|置顶|精华|热|新|答|问|评论|"
    r"from$|date$|subject$|reply|quote|report|like|edit|share|permalink|link|delete|posted|by|op|admin|moderator|member|up|down|vote)",
    re.IGNORECASE,
)
_LABELLED: Final = (
    r"(?:作\s*者|发帖人|发布人|发表人|留言人|来信人|投稿人|发起人|联系人|卖家|买家|业主|记者|网\s*友|昵\s*称|姓\s*名|用户名?|楼主|评论人|回[复答]者|提问者|来自网友|信息来源|来\s*源|"
    r"发布机构|发布单位|发布部门|回复单位|供稿|撰稿|编者|(?i:by|author|name|from|posted by))\s*[:：]\s*"
)
_BEFORE: Final = (
    r"(?=\s*(?:[|·•,，/\-—(（\[【]\s*)?(?:发表于|发布于|发表|回复于|评论于|留言于|写于|提问于|回答于|于\s*\d|说\s*[:：]|写道|在\s*\d|posted|wrote|said|on\b|at\b|"
    r"(?:19|20)\d\d|\d{1,2}[-/月]\d|昨天|前天|今天|刚刚|\d+\s*(?:秒|分|小时|个?小时|天|周|月|年)))"
)
PATTERNS: Final = (
    rf"{_LABELLED}(\S{{1,30}})",
    rf"^\W*(?:第?\s*\d+\s*[楼樓层F#]?\s*[:：.]?\s+)?(\S{{1,30}}?){_BEFORE}",
    r"\bby\s+(\S{1,30})",
)
"""Authors within a sentence."""
_TITLE: Final = re.compile(r"title|subject|headline", re.IGNORECASE)
ENOUGH: Final = 3


def post_author(posts: Sequence[Post], time: str) -> Found:
    """Selector and pattern of the author; `time`: selector of the time, which is no author."""
    plain = tries(posts, lambda one: 0 < len(text_of(one, LONGEST + 1)) <= LONGEST and not quoted(one))
    clean = best(_judged(posts, selector, "", time) for selector in plain)
    if clean.share > 0.9 and clean.score > 70:
        return _without_badges(posts, clean)
    longer = tries(posts, lambda one: 0 < len(text_of(one, 91)) <= 90 and not quoted(one))
    mixed = best(_judged(posts, selector, pattern, time) for selector in longer for pattern in PATTERNS)
    own = best(_judged(posts, selector, pattern, time) for selector in _roots(posts) for pattern in PATTERNS[:1])
    found = best((clean, mixed, own))
    if not found.pattern and found.selector:
        return _without_badges(posts, found)
    texts = (
        [text_of(element, 300) for post in posts if (element := first(post, found.selector)) is not None] if found.pattern else []
    )
    return replace(found, pattern=plainer_label(found.pattern, texts)) if texts else found


def _without_badges(posts: Sequence[Post], found: Found) -> Found:
    """The name alone where its element also holds a rank or a badge."""
    elements = [element for post in posts if (element := first(post, found.selector)) is not None]
    badged = sum(bool((one.text or "").strip()) and any(text_of(child, 30) for child in one) for one in elements)
    if badged < 0.2 * len(elements) or not all((one.text or "").strip() for one in elements):
        return found
    return replace(found, selector=f"{found.selector}::text", values=tuple((one.text or "").strip() for one in elements))


def _roots(posts: Sequence[Post]) -> dict[str, None]:
    """The post itself, where the author stands in its text."""
    return tries(posts, lambda one: one.getparent() is None or one.tag in {"td", "div", "li", "p"}, most=60)


def _judged(posts: Sequence[Post], selector: str, pattern: str, time: str) -> Found:
    values: list[str] = []
    elements: list[Any] = []
    for post in posts:
        element = first(post, selector)
        value = text_of(element, 300) if element is not None else ""
        if pattern:
            hit = re.search(pattern, value, re.IGNORECASE) if pattern.startswith(r"\bby") else re.search(pattern, value)
            value = hit[1] if hit else ""
        if value and len(value) <= LONGEST:
            values.append(value)
            elements.append(element)
    if not values or len(values) < 0.5 * len(posts):
        return Found()
    share = len(values) / len(posts)
    score = 60 * share - 2 * cost(selector) - 6 * bool(pattern)
    score += 25 * _share(elements, lambda one: one.tag == "a" and bool(USER.search(one.get("href", ""))))
    score += 20 * bool(AUTHOR.search(selector)) + 6 * _share(
        elements, lambda one: bool(AUTHOR.search(marks(one.getparent()))) if one.getparent() is not None else False
    )
    score += 22 * bool(pattern.startswith("(?:作"))
    score -= 25 * _share(elements, lambda one: bool(_TITLE.search(marks(one))))
    labelled = _share(elements, _behind_a_label) if not pattern else 1.0 * pattern.startswith("(?:作")
    if not pattern:
        score += 22 * labelled - 35 * _share(values, lambda one: bool(re.search(r"[:：]", one)))
    score -= 60 * _share(values, lambda one: bool(_NO_NAME.search(one)) or one.isdigit() or not re.search(r"\w", one))
    score -= 40 * _share(
        values,
        lambda one: bool(re.search(r"\d{1,2}:\d\d|\d{4}-\d|\d月\d|\d{1,2}-\d{1,2}$|\d+\s*(?:分钟|小时|天)前|[。！？!?；]", one)),
    )
    score -= 30 * (len(values) >= ENOUGH and len(set(values)) == 1 and not labelled) + 30 * (
        f"{selector}" == time.partition("::")[0] and not pattern
    )
    score -= 8 * (sum(map(len, values)) / len(values) > 14) + 12 * (len(values) >= ENOUGH and len(set(values)) == len(values) > 8)
    score -= 15 * _share(elements, lambda one: one.tag in {"h1", "h2", "h3", "p", "button", "blockquote", "time"})
    reason = (
        "指向用户页的链接 link to a user"
        if any(one.tag == "a" and USER.search(one.get("href", "")) for one in elements)
        else "位置与用词 place and names"
    )
    return Found(selector, pattern, score, share, reason, tuple(values))


def _behind_a_label(element: Any) -> bool:
    """Whether 作者： or its like stands right before it."""
    before, parent = element.getprevious(), element.getparent()
    said = (before.tail or text_of(before, 20)) if before is not None else (parent.text or "") if parent is not None else ""
    return bool(re.search(rf"{_LABELLED}$", said.strip()))


def _share(items: Sequence[Any], holds: Any) -> float:
    return sum(bool(holds(one)) for one in items) / len(items)
