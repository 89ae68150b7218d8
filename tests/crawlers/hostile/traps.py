"""Sites without an end."""

import asyncio

from tests.crawlers.hostile.cases import Case, board, http, post, thread

BUDGET = {"visit_requests": 60}


def _number(path: str) -> int:
    digits = "".join(letter for letter in path if letter.isdigit())
    return int(digits[-9:] or 0)


async def _calendar(writer: asyncio.StreamWriter, path: str) -> None:
    number = _number(path)
    days = tuple(f"/day/{number * 3 + one}" for one in range(1, 4))
    await http(board("/ok", boards=days))(writer, path)


async def _next_list(writer: asyncio.StreamWriter, path: str) -> None:
    await http(board(f"/t{_number(path)}", more=f"/list?page={_number(path) + 1}"))(writer, path)


async def _next_page(writer: asyncio.StreamWriter, path: str) -> None:
    number = _number(path)
    await http(thread(post(f"p{number}"), more=f"/bad?{number + 1}"))(writer, path)


async def _same_posts(writer: asyncio.StreamWriter, path: str) -> None:
    await http(thread(post("ok"), more=f"/ok?session={_number(path) + 1}"))(writer, path)


async def _threads(writer: asyncio.StreamWriter, path: str) -> None:
    await http(thread(post(f"x{_number(path)}")))(writer, path)


async def _grows(writer: asyncio.StreamWriter, path: str) -> None:
    await http(board("/ok", boards=(path.rstrip("/") + "/x", path.rstrip("/") + "/y")))(writer, path)


OK = http(thread(post("ok")))


def traps() -> list[Case]:
    return [
    Case("calendar", {"/ok": OK, "*": _calendar}, source=BUDGET),
    Case("paths-that-grow", {"/ok": OK, "*": _grows}, source=BUDGET),
    Case("lists-without-end", {"/": _next_list, "/list": _next_list, "*": _threads}, posts=None, source={"list_pages": 5}, requests=30),
    Case("next-is-itself", {"/": http(board("/ok", more="/")), "/ok": OK}),
    Case("next-in-a-circle", {"/": http(board("/ok", more="/b")), "/b": http(board("/ok", more="/")), "/ok": OK}),
    Case("pages-without-end", {"/": http(board("/bad", "/ok")), "/ok": OK, "*": _next_page}, posts=None, source={"thread_pages": 5}, requests=20),
    Case("same-page-under-new-names", {"/": http(board("/ok")), "*": _same_posts}),
    Case("more-threads-than-requests", {"/": http(board(*[f"/t{n}" for n in range(500)])), "*": _threads}, posts=None, source=BUDGET),
    ]  # fmt: skip
