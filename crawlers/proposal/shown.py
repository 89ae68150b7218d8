"""A proposal as a person reads it in a terminal, before anything is written."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from crawlers.proposal.look import Looked
from crawlers.proposal.result import NothingFound, Proposal
from crawlers.reading import ReadPost

SHOWN: Final = 5
EXCERPT: Final = 60
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def masked(author: str) -> str:
    """A name of which a passer-by learns little: its first character."""
    return f"{author[0]}＊＊" if author else "（未署名）"


def post_line(post: ReadPost) -> str:
    """Time in Shanghai, author in part, title and beginning of the text."""
    when = f"{post.ts.astimezone(_SHANGHAI):%Y-%m-%d %H:%M}" if post.ts else "（无时间）"
    words = " ".join(filter(None, (f"《{post.title}》" if post.title else "", " ".join(post.text.split()))))
    return f"{when}  {masked(post.author)}  {words[:EXCERPT]}{'…' if len(words) > EXCERPT else ''}"


def proposal_lines(proposal: Proposal, looked: Looked, text: str) -> Iterator[str]:
    """Everything that helps to say yes or no."""
    yield f"类型 family: {proposal.family}（{proposal.recognised}）"
    yield from _asked(looked)
    read = "所看页面无需登录 pages were read without a login"
    yield f"公开 public: {read if proposal.whole else '没有读到内容 nothing was read'}"
    for remark in proposal.remarks:
        yield f"注意 note: {remark}"
    yield ""
    yield "来源文件 source file:"
    yield from (f"  {line}" for line in text.splitlines())
    yield ""
    good = [post for post in proposal.posts if not post.trouble and not post.withheld]
    refused = len(proposal.posts) - len(good)
    yield f"所看页面上会采集 {len(good)} 条，读不出 {refused} 条；前 {min(SHOWN, len(good))} 条 the first posts:"
    yield from (f"  {post_line(post)}" for post in good[:SHOWN])
    for post in [post for post in proposal.posts if post.trouble][:3]:
        yield f"  读不出 not read: {post.native_id or '?'}: {post.trouble}"
    unsigned = sum(not post.author for post in good)
    if unsigned:
        yield f"注意 note: {unsigned} 条没有作者 posts without an author"


def nothing_lines(found: NothingFound, looked: Looked) -> Iterator[str]:
    """Why there is no proposal."""
    yield f"没有可以建议的来源文件 nothing to propose: {found.reason}"
    yield f"怎么办 what to do: {found.advice}"
    yield from _asked(looked)


def _asked(looked: Looked) -> Iterator[str]:
    yield f"请求 requests: {len(looked.asked)} 个页面 pages + robots.txt"
    forbidden = [url for url, reason in looked.failures.items() if "Forbidden by robots.txt" in reason]
    unread = next((reason for reason in looked.failures.values() if "robots.txt could not be read" in reason), "")
    if unread:
        yield f"robots.txt: 读不到 {unread}"
    elif forbidden:
        yield f"robots.txt: 不允许 forbids {', '.join(forbidden)}"
    else:
        delay = f"，要求间隔 Crawl-delay {looked.robots_delay:g} s" if looked.robots_delay else ""
        yield f"robots.txt: 允许所看页面 allows what was read{delay}"
    for url, reason in looked.failures.items():
        if "robots.txt" not in reason:
            yield f"  没读到 not read: {url}: {reason}"
