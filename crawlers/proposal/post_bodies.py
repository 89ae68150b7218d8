"""The words of a post, and what stands among them that is not its author's."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from crawlers.proposal.field_search import Found, Post, best, first, tries
from crawlers.proposal.post_blocks import marks
from crawlers.proposal.seen_page import text_of
from crawlers.proposal.selector_making import best_for, cost, find, simple

_BODY: Final = re.compile(
    r"body|content|message|(?:^|[-_\s.])(?:text|txt|msg|main|entry|post)(?:$|[-_\s])|comment-?text|t_f|neirong|zhengwen|articleBody|desc",
    re.IGNORECASE,
)
_NOT_BODY: Final = re.compile(
    r"sign|profile|author|avatar|meta|userinfo|user-|tool|action|panel|foot|head|title|quote|rating|stat|badge|level|tag|crumb|pager|button|btn",
    re.IGNORECASE,
)
_DROPPED: Final = re.compile(
    r"quote|signature|(?:^|[-_\s])sig(?:n|$|[-_\s])|edited|edit-?(?:info|note|time)|pstatus|tool|action|button|btn|reply-?link|attach|rating|share|floor|reactions|controls|"
    r"toolbar|permalink|avatar",
    re.IGNORECASE,
)
_EDIT_NOTE: Final = re.compile(
    r"^[\[（(]?\s*(?:本帖|该帖|此帖)?(?:最后)?[由被于].{0,40}(?:编辑|修改)|^(?:最后)?(?:编辑|修改)(?:于|时间)|^(?:last\s)?edited",
    re.IGNORECASE,
)
_ACTIONS: Final = re.compile(
    r"^(?:回[复覆應帖]|引用|举报|分享|收藏|点?赞|[顶踩]|支持|反对|编辑|删除|只看(?:该作者|楼主)|查看全文|展开|收起|reply|quote|report|like|share|edit|permalink|#\d+|\d+\s*[楼樓#F]|"
    r"第\s*\d+\s*楼|沙发|板凳|地板|楼主)?\s*[(（]?\d*[)）]?$",
    re.IGNORECASE,
)


def post_body(posts: Sequence[Post], time: Found, author: Found) -> tuple[Found, tuple[str, ...], str]:
    """The body's selector, what to drop from it, and the selector of the notice of an edit (empty if there is none)."""
    tried = tries(
        posts, lambda one: one.tag not in {"a", "button", "time", "img", "br", "input"} and len(text_of(one, 3)) > 0, most=220
    )
    sizes = [max(1, len(text_of(post.root, 600))) for post in posts]
    apart = {id(post): [first(post, one.selector.partition("::")[0]) for one in (time, author) if one.selector] for post in posts}
    chosen = best(_judged(posts, selector, sizes, apart) for selector in tried)
    if not chosen.selector:
        return chosen, (), ""
    drop, edited = _dropped(posts, chosen.selector, (time, author))
    drop = (*drop, *_signatures(posts, chosen.selector))
    pattern = _after_the_time(posts, chosen.selector, time)
    return Found(chosen.selector, pattern, chosen.score, chosen.share, chosen.reason, chosen.values), drop, edited


def _outermost(elements: Sequence[Any]) -> list[Any]:
    chosen: set[Any] = set()
    for one in elements:
        if not any(above in chosen for above in one.iterancestors()):
            chosen.add(one)
    return [one for one in elements if one in chosen]


def _judged(posts: Sequence[Post], selector: str, sizes: Sequence[int], apart: dict[int, list[Any]]) -> Found:
    values: list[str] = []
    dirty = linked = nested = 0.0
    for post in posts:
        found = find(post.root, selector)
        elements = _outermost(found)
        nested += len(found) > len(elements)
        text = " ".join(text_of(one, 800) for one in elements)
        if not text:
            continue
        values.append(text)
        within = {inner for one in elements for inner in one.iter()}
        dirty += sum(one is not None and one in within for one in apart[id(post)])
        links = sum(len(text_of(one, 200)) for element in elements for one in element.iter("a"))
        linked += links / len(text)
    if len(values) < 0.5 * len(posts):
        return Found()
    share, number = len(values) / len(posts), len(values)
    said = sum(min(len(one), 300) for one in values) / sum(min(size, 300) for size in sizes)
    score = 60 * share + 45 * said - 1.5 * cost(selector) - 40 * dirty / number - 25 * linked / number - 15 * nested / number
    last = re.split(r"[ >]+", selector)[-1]
    score += 16 * bool(_BODY.search(last)) - 30 * bool(_NOT_BODY.search(last))
    if number > 2:
        score += 20 * len(set(values)) / number
        ends = Counter(one[-4:] for one in values) + Counter(f"^{one[:4]}" for one in values)
        score -= 12 * sum(count > 0.8 * number for count in ends.values())
    return Found(selector, "", score, share, f"最长的正文 {said:.0%} of the words", tuple(values))


def _dropped(posts: Sequence[Post], body: str, apart: Sequence[Found]) -> tuple[tuple[str, ...], str]:
    """Quotations, signatures, links to act on the post; and, where the body holds them, its time and author."""
    drop: dict[str, None] = {}
    edited = ""
    acting: dict[str, None] = {}
    for post in posts:
        roots = set(find(post.root, body))
        for element in (one for root in roots for one in root.iter() if isinstance(one.tag, str) and one not in roots):
            name = simple(element)[0]
            if element.tag in {"blockquote", "button"} or _DROPPED.search(marks(element)):
                drop.setdefault(element.tag if element.tag in {"blockquote", "button"} else name)
            elif len(text_of(element, 81)) <= 80 and _EDIT_NOTE.search(text_of(element, 80)):
                edited = edited or (name if element.tag in {"i", "em", "small"} or name != element.tag else "")
            elif name != element.tag and (text := text_of(element, 20)) and _ACTIONS.fullmatch(text):
                acting.setdefault(name)
        drop.update(dict.fromkeys(_held(post, roots, apart)))
    drop.update(dict.fromkeys(name for name in acting if _only_acts(posts, body, name)))
    kept = [one for one in drop if not any(one != other and _covers(posts, body, other, one) for other in drop)]
    return tuple(kept), edited if edited not in drop else ""


def _signatures(posts: Sequence[Post], body: str) -> list[str]:
    """Where a second element of the body's make holds the signature: below a line, or the same under every post of its author."""
    seconds = [(post.root, set(found[1:])) for post in posts if len(found := find(post.root, body)) > 1]
    texts = [text_of(one, 40) for _, elements in seconds for one in elements]
    if not texts or not (all(re.match(r"\W{5,}", one) for one in texts) or (len(texts) > 3 and len(set(texts)) == 1)):
        return []
    signature = best_for(seconds)
    return [signature] if signature else []


def _held(post: Post, roots: set[Any], apart: Sequence[Found]) -> list[str]:
    """Selectors of time and author where they stand within the body."""
    bare = [one.selector.partition("::")[0] for one in apart if one.selector and not one.pattern]
    elements = [(one, first(post, one)) for one in bare]
    return [
        one
        for one, element in elements
        if element is not None and element not in roots and any(above in roots for above in element.iterancestors())
    ]


def _only_acts(posts: Sequence[Post], body: str, name: str) -> bool:
    return all(_ACTIONS.fullmatch(text_of(one, 30)) for post in posts for root in find(post.root, body) for one in find(root, name))


def _covers(posts: Sequence[Post], body: str, outer: str, inner: str) -> bool:
    """Whether everything that `inner` finds stands in what `outer` finds."""
    held = set()
    found: list[Any] = []
    for post in posts:
        for root in find(post.root, body):
            held |= {one for element in find(root, outer) if element is not root for one in element.iterdescendants()}
            found += find(root, inner)
    return bool(found) and all(one in held for one in found)


def _after_the_time(posts: Sequence[Post], body: str, time: Found) -> str:
    """Where time and text stand in one element: what takes the text after the time."""
    if not time.pattern or time.selector.partition("::")[0] != body:
        return ""
    inner = re.sub(r"(?<!\\)\((?!\?)", "(?:", time.pattern)
    pattern = rf"{inner}\s*(?:[)）\]】|:：,，]\s*)?([\s\S]+)"
    fits = [bool(re.search(pattern, text_of(one, 2000))) for post in posts for one in find(post.root, body)[:1]]
    return pattern if fits and all(fits) else ""
