"""What ties a post to others of its incident beside its wording. A tie is a string; posts that share one are one incident.

- contact: the same account, number or site (`alerting.contacts`), whatever is offered or told there.
- thread: the same conversation, for harms done to a person. Adverts that were dropped into one thread have nothing in common.
- person: the same name in the same place (or, without one, on the same board), for the harms that have a target.
- author: the same voice that asks for help. Two children who cry for help in one thread are two incidents: no thread ties them.

A tie shows no more than a list may; what it stands for is in it as a hash.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urldefrag

from alerting.contacts import contacts, masked
from alerting.wording import persons
from humiao.labels import Harm, Stance
from humiao.masking import mask
from humiao.names import DOUBLE_SURNAMES
from humiao.post import Post
from humiao.verdict import Verdict

PERSONAL: Final = frozenset({Harm.BULLYING, Harm.DOXXING, Harm.VIOLENCE, Harm.CHILD_ABUSE})
"""Harms of which the posts of one thread are about one happening."""
TARGETED: Final = frozenset({Harm.BULLYING, Harm.DOXXING})
MOST_NAMES: Final = 5
"""Names of one post that are looked at; a list of a class ties nothing."""
SHOWN: Final = 5
_NOBODY: Final = frozenset({"匿名", "匿名用户", "匿名网友", "游客", "网友", "用户", "anonymous", "guest", "无名", "路人"})
_KIND: Final = {"contact": "同一联系方式", "thread": "同一主题帖", "person": "同一当事人", "author": "同一发帖人"}


def ties(post: Post, verdict: Verdict) -> list[str]:
    """The ties of a post with this verdict, sorted."""
    return sorted({*_contacts(post), *_thread(post, verdict), *_person(post, verdict), *_author(post, verdict)})


def keys(some: Sequence[str]) -> list[str]:
    """Hash buckets of ties, beside those of wordings."""
    return ["t" + hashlib.blake2s(one.encode(), digest_size=8).hexdigest() for one in some]


def reasons(alert_ties: dict[str, list[str]]) -> list[str]:
    """Which ties hold an incident together, in Chinese; `alert_ties`: tie -> posts that have it."""
    found: dict[str, list[str]] = {}
    for tie, posts in alert_ties.items():
        if len(posts) > 1:
            kind, _, shown = tie.split(":", 2)
            if shown not in (known := found.setdefault(kind, [])):
                known.append(shown)
    return [f"并案依据：{_KIND[kind]}{_row(found[kind])}" for kind in _KIND if kind in found]


def _row(some: Sequence[str]) -> str:
    if not any(some):
        return ""
    return f"（{'、'.join(some[:SHOWN])}{f'等{len(some)}个' if len(some) > SHOWN else ''}）"


def _contacts(post: Post) -> Iterator[str]:
    for contact in contacts(f"{post.title}\n{post.text}"):
        yield _tie("contact", masked(contact), contact)


def _thread(post: Post, verdict: Verdict) -> Iterator[str]:
    if verdict.top_stance is Stance.VICTIM:
        return
    page, fragment = urldefrag(post.url)
    spoken_in = {("post", post.native_id), ("post", post.reply_to), ("page", page if fragment else "")}
    for harm in PERSONAL.intersection(verdict.flags):
        for kind, name in spoken_in:
            if name:
                yield _tie("thread", "", harm.value, post.platform, kind, name)


def _person(post: Post, verdict: Verdict) -> Iterator[str]:
    where = post.place or (post.board and f"{post.platform}\x1e{post.board}")
    harms = TARGETED.intersection(verdict.flags)
    if not where or not harms:
        return
    told = persons(post.text)
    for name in told if len(told) <= MOST_NAMES else ():
        family = name[: 2 if name[:2] in DOUBLE_SURNAMES else 1]
        for harm in harms:
            yield _tie("person", family + "*" * (len(name) - len(family)), harm.value, name, where)


def _author(post: Post, verdict: Verdict) -> Iterator[str]:
    if verdict.top_stance is Stance.VICTIM and post.author and post.author.strip().casefold() not in _NOBODY:
        yield _tie("author", mask(post.author)[:1] + "**", post.platform, post.author)


def _tie(kind: str, shown: str, *parts: str) -> str:
    return f"{kind}:{hashlib.blake2s(chr(31).join(parts).encode(), digest_size=10).hexdigest()}:{shown}"
