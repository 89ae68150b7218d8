"""What a hostile page is: a name, what the server does, and what must come of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Act = Callable[[asyncio.StreamWriter, str], Awaitable[None]]
"""Answers one request for the path (with query) as it likes; the connection is closed afterwards."""


@dataclass(frozen=True)
class Case:
    """One source of the crawl."""

    name: str
    pages: dict[str, Act]
    """By path; ``*`` stands for all others."""
    posts: frozenset[str] | None = frozenset({"ok"})
    """Ids that must be published, and no others; None = whatever is valid, but "ok"."""
    state: str = ""
    """State that the source must be in; empty = any."""
    source: dict[str, Any] = field(default_factory=dict)
    """Fields of the source file."""
    requests: int = 60
    """Most requests that the server may see."""
    text: dict[str, str] = field(default_factory=dict)
    """Field and value that the one post besides "ok" must have."""


def http(body: bytes | str, kind: str = "text/html; charset=utf-8", status: str = "200 OK", *lines: str) -> Act:
    """An honest answer, as far as HTTP goes."""
    content = body.encode() if isinstance(body, str) else body
    extra = "".join(f"{line}\r\n" for line in lines)
    stated = f"Content-Type: {kind}\r\n" if kind else ""
    return raw(f"HTTP/1.1 {status}\r\n{stated}Content-Length: {len(content)}\r\n{extra}\r\n".encode("latin-1") + content)


def raw(*pieces: bytes) -> Act:
    """These bytes, whatever they are."""

    async def act(writer: asyncio.StreamWriter, path: str) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return act


def again_and_again(head: bytes, piece: bytes, pause: float = 0.0, most: int = 10**9) -> Act:
    """`head`, then `piece` until the other side has enough."""

    async def act(writer: asyncio.StreamWriter, path: str) -> None:
        writer.write(head)
        for _ in range(most):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return act


def board(*links: str, more: str = "", boards: tuple[str, ...] = ()) -> str:
    further = f'<a class=next href="{more}">下一页</a>' if more else ""
    inner = "".join(f'<a class=board href="{one}">版</a>' for one in boards)
    return inner + "<ul>" + "".join(f'<li><a href="{one}">题</a><i>1</i></li>' for one in links) + "</ul>" + further


def post(id: str = "bad", text: str = "一句话", author: str = "街坊", time: str = "2026-1-3 12:00", more: str = "") -> str:
    return f'<article id="{id}"><b>{author}</b><time>{time}</time><p>{text}</p>{more}</article>'


def thread(*posts: str, title: str = "题", more: str = "") -> str:
    further = f'<a class=next href="{more}">下一页</a>' if more else ""
    return f"<meta charset=utf-8><h1>{title}</h1>" + "".join(posts) + further


def page(name: str, act: Act, **other: Any) -> Case:
    """A thread that answers so, beside one that is well."""
    pages = {"/": http(board("/bad", "/ok")), "/bad": act, "/ok": http(thread(post("ok")))}
    return Case(name, pages, **other)


def read(name: str, act: Act, **text: str) -> Case:
    """A thread that answers so and is read nonetheless: its one post has the id "bad" and these fields."""
    return page(name, act, posts=frozenset({"bad", "ok"}), text=text)
