"""Addresses of one site by their shape: which ones lead to the same kind of page, and which are pages of one thread."""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

MANY: Final = "*"
"""Stands in a shape for what differs from page to page."""
_CODE: Final = re.compile(r"^(?=.*\d)[0-9a-zA-Z_-]{6,}$|^[0-9a-fA-F]{8,}$")
_SLUG: Final = re.compile(r"[-_].*[-_]|%|[^\x00-\x7f]")
_PAGE_NAME: Final = re.compile(
    r"^(?:p|pg|page|paged|pn|pageno|page_no|pageindex|currentpage|curpage|cpage|pagenum|pagesize|start|offset|skip|cursor|after|before|max_id)$",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"(?:/(?:page|comment-page)|(?<=\d)/p)[-/_]?\d+(?=/|$|\.)|(?<=[^/])/p\d+(?=/|$)|[-_](?:page|p)[-_]?\d+(?=\.|$)", re.IGNORECASE
)
_INDEX: Final = re.compile(r"/(?:index|default)\.\w{2,5}$", re.IGNORECASE)
_DAY: Final = re.compile(r"^/(?:.*/)?(?:19|20)\d\d/\d{1,2}/(?:\d{1,2}/)?(?=.)")
USER: Final = re.compile(
    r"(?:^|[/?&_=.-])(?:user|users|uid|userid|member|members|profile|profiles|people|space|u|author|authors|home|account|yonghu|@)"
    r"(?:[/?&_=.@-]|\*|\d|$)",
    re.IGNORECASE,
)
"""Addresses of people's pages."""
BOARD: Final = re.compile(
    r"(?:^|[/?&_=.-])(?:forum|forums|forumdisplay|viewforum|board|boards|bbs|fid|category|categories|node|nodes|cat|section|sections|"
    r"group|groups|list|class|classid|channel|column|bankuai|bk|sort|typeid|zone|c|f|b|bar|tags?)(?:[/?&_=.-]|\*|\d|$)",
    re.IGNORECASE,
)
THREAD: Final = re.compile(
    r"(?:^|[/?&_=.-])(?:thread|threads|topic|topics|tid|viewthread|viewtopic|read|show|showtopic|view|detail|article|articles|art|post|"
    r"posts|question|questions|q|t|d|discussion|news|item|content|info|story|tie|zhuti|p|msg|message|id|entry|wenzhang)"
    r"(?:[/?&_=.-]|\*|\d|$)",
    re.IGNORECASE,
)
DOING: Final = re.compile(
    r"(?:login|logon|signin|sign_in|register|signup|logout|reply(?:ing)?\.|newreply|action=|do=|mod=post|mod=misc|delete|edit|report|"
    r"vote|like|favou?rite|search|captcha|javascript|mailto|feed|rss|print|share|help|faq|terms|privacy|about|contact)",
    re.IGNORECASE,
)
"""Addresses that are no content: forms, actions, the site's own pages."""
_FILE: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|jpe?g|png|gif|webp|svg|mp[34]|css|js|apk|exe)$", re.IGNORECASE)


def absolute(base: str, link: str) -> str:
    """`link` as seen from `base`, without its fragment; empty if it is none on the web."""
    try:
        url = urldefrag(urljoin(base, link.strip())).url
        return url if urlsplit(url).scheme in {"http", "https"} and not _FILE.search(urlsplit(url).path) else ""
    except ValueError:
        return ""


def shape(url: str) -> str:
    """Path and query with ``*`` for what names the single page: numbers, codes, words joined by hyphens."""
    parts = urlsplit(url)
    segments = [_segment(one) for one in parts.path.split("/")]
    query = [(name, MANY if re.search(r"\d", value) else value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if _DAY.match(parts.path) and (last := max(place for place, one in enumerate(segments) if one)):
        segments[last] = MANY
    if MANY not in "".join(segments) and not any(MANY in value for _, value in query):
        if query:
            query = [(name, MANY if name not in {"mod", "m", "c", "a", "act", "action", "do"} else value) for name, value in query]
        else:
            last = max((place for place, one in enumerate(segments) if one), default=0)
            ending = re.search(r"\.\w{2,5}$", segments[last])
            segments[last] = MANY + (ending.group() if ending else "")
    path = "/".join(segments)
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in sorted(query))}" if query else path


def loose_shape(url: str) -> str:
    """`shape` with the last part of the path left open: for pages that are named by single words."""
    parts = urlsplit(url)
    folder = "/".join(_segment(one) for one in parts.path.rstrip("/").split("/")[:-1])
    return f"{folder}/{MANY}{MANY}"


def key(url: str) -> str:
    """What in the address names the thread; empty if nothing does."""
    parts = urlsplit(url)
    numbered = [(name, value) for name, value in parse_qsl(parts.query) if re.search(r"\d", value) and not _PAGE_NAME.match(name)]
    named = [value for name, value in numbered if THREAD.search(f"?{name}=") and not BOARD.search(f"?{name}=")]
    if numbered:
        return str((named or [value for _, value in numbered])[-1])
    path = _LATER.sub("", _DAY.sub("/", unquote(parts.path)))
    with_number = [one for one in path.split("/") if re.search(r"\d", one)]
    if with_number and not _SLUG.search(re.sub(r"^[a-zA-Z]{0,12}[-_]?\d+([-_]\d+)*", "", with_number[-1])):
        found = re.search(r"\d+", with_number[-1])
        whole = re.match(r"^[0-9a-zA-Z]{6,}(?=\.|$)", with_number[-1])
        return (
            whole.group()
            if whole and not whole.group().isalpha() and re.search(r"\d[a-zA-Z]", whole.group())
            else found.group()
            if found
            else ""
        )
    words = [word for word in path.split("/") if word]
    numbers = re.match(r"\d+(?=[-_])", words[-1]) if words else None
    return numbers.group() if numbers else re.sub(r"\.\w{2,5}$", "", words[-1]) if words else ""


def same_thread(url: str, other: str) -> bool:
    """Whether `other` may be another page of the thread at `url`."""
    one, two = urlsplit(url), urlsplit(other)
    if one.netloc != two.netloc or _named(one.query) != _named(two.query):
        return False
    mine, its = (_INDEX.sub("/", _LATER.sub("", path)) for path in (one.path or "/", two.path or "/"))
    if mine.rstrip("/") == its.rstrip("/"):
        return True
    numbers, others = re.findall(r"\d+", mine), re.findall(r"\d+", its)
    if not numbers and len(others) == 1:
        return re.sub(r"[-_/]?\d+", "", its) == mine or (mine.endswith("/") and re.sub(r"index[-_]?\d+\.\w+$", "", its) == mine)
    if len(numbers) > 1 and len(numbers) == len(others):
        differing = [place for place, pair in enumerate(zip(numbers, others, strict=True)) if pair[0] != pair[1]]
        return len(differing) == 1 and differing != [0] and key(url) == key(other)
    return bool(numbers) and len(others) == len(numbers) + 1 and others[: len(numbers)] == numbers


def key_pattern(urls: list[str]) -> str | None:
    """A regular expression whose group is `key` in every one of `urls`; None = there is none so simple."""
    if not urls or not all(key(url) for url in urls):
        return None
    prefixes = set()
    for url in urls:
        found = re.search(
            rf"([?&][\w.-]+=|/[^/?&=]*?(?<!\d)){re.escape(key(url))}(?![0-9a-zA-Z])", unquote(url.partition("://")[2])
        )
        prefixes.add(found[1] if found else "")
    if len(prefixes) > 1 or "" in prefixes:
        return None
    prefix = prefixes.pop()
    if prefix == "/":
        folders = {unquote(url.partition("://")[2]).partition(f"/{key(url)}")[0].rpartition("/")[2] for url in urls}
        prefix = f"/{folders.pop()}/" if len(folders) == 1 and len(urls) > 1 and "." not in "".join(folders) else "/"
    if prefix == "/":
        prefix, start = "", "[^/]/"
    else:
        start = ""
    start += "[?&]" + re.escape(prefix[1:]) if prefix[:1] in {"?", "&"} else re.escape(prefix).replace("\\-", "-")
    wanted = r"\d+" if all(key(url).isdigit() for url in urls) else r"[^/?&#.]+"
    pattern = rf"{start}({wanted})"
    return pattern if all((hit := re.search(pattern, unquote(url))) and hit[1] == key(url) for url in urls) else None


def _named(query: str) -> list[tuple[str, str]]:
    return sorted(
        (name, value)
        for name, value in parse_qsl(query)
        if not _PAGE_NAME.match(name) and name not in {"extra", "sid", "s", "from"}
    )


def _segment(text: str) -> str:
    name, dot, ending = text.rpartition(".")
    stem = name if dot and ending.isalnum() and len(ending) <= 5 and not ending.isdigit() else text
    rest = text[len(stem) :]
    if _SLUG.search(stem) or _CODE.match(stem):
        kind = re.match(r"^([a-zA-Z]+)[-_](?=\d)", stem)
        return (f"{kind[1]}-{MANY}" if kind else MANY) + rest
    return re.sub(r"\d+", MANY, stem) + rest
