"""``humiao sources new URL``: look, show, ask, write."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError

from crawlers.proposal.asking import ask_for_the_rest
from crawlers.proposal.explore import explore
from crawlers.proposal.known_family import provisional
from crawlers.proposal.look import Asker, Looked, look_around
from crawlers.proposal.result import NothingFound, Proposal
from crawlers.proposal.shown import nothing_lines, proposal_lines
from crawlers.proposal.source_text import Stated, proposed_name, source_text
from crawlers.source_reading import SourceError, problems
from humiao.settings import Settings

_NUMERIC: Final = re.compile(r"^(?:localhost|[\d.]+|\[[\da-f:.]+\])(?::\d+)?(?:/|$)", re.IGNORECASE)


def address(text: str) -> str:
    """The web address that a person typed, with a scheme.

    Raises:
        SourceError: it is none.
    """
    stripped = text.strip()
    url = stripped if "://" in stripped else f"{'http' if _NUMERIC.match(stripped) else 'https'}://{stripped}"
    wrong = f"URL: {text!r} 不是网址 is no web address; 例 such as https://forum.example.org/"
    if re.search(r"\s", url):
        raise SourceError(wrong)
    try:
        provisional("feed", url)
    except (ValidationError, ValueError) as error:
        raise SourceError(wrong) from error
    return url if urlsplit(url).path else f"{url}/"


def look(url: str, settings: Settings, pause: float) -> tuple[Proposal | NothingFound, Looked]:
    """What is to be proposed for `url`, `pause` seconds between two requests, and what was asked for it."""
    host = urlsplit(url).hostname or ""
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    source = provisional("feed", url, hosts=() if _NUMERIC.match(urlsplit(url).netloc) else (twin,))
    source = source.model_copy(update={"rate": source.rate.model_copy(update={"delay": pause})})
    found: list[Proposal | NothingFound] = []

    async def go(ask: Asker) -> None:
        found.append(await explore(ask, url))

    looked = look_around(source, settings, go)
    nothing = NothingFound(
        "看了很多页也没有认出帖子 no posts recognised on the pages seen",
        "请给出一个版块或主题的网址 give the address of a board or thread",
    )
    proposal = found[0] if found else nothing
    if isinstance(proposal, Proposal):
        others = {urlsplit(one).hostname or "" for one in proposal.start} - {host}
        proposal = replace(proposal, hosts=tuple(sorted({host} if others else ())))
    return proposal, looked


def new_source(
    url: str, settings: Settings, folder: Path, given: Stated, *, yes: bool, force: bool, pause: float, say: Callable[[str], None]
) -> int:
    """Exit code: 0 written, 1 nothing found, not wanted or incomplete (a draft says what is missing).

    Raises:
        SourceError: the address is none, the name is taken, or `yes` without what a source needs.
    """
    url = address(url)
    if yes and given.lacking:
        raise SourceError(
            f"--yes 需要 needs {', '.join(f'--{one}' if one != 'rate' else '--delay or --per-minute' for one in given.lacking)}"
        )
    say(f"正在查看 looking at {url}（约十几个请求，每个间隔 {pause:g} s）")
    found, looked = look(url, settings, pause)
    if isinstance(found, NothingFound):
        for line in nothing_lines(found, looked):
            say(line)
        return 1
    taken = frozenset(file.name.removesuffix(".yaml") for file in folder.glob("*.yaml")) if folder.is_dir() else frozenset()
    name = given.name or proposed_name(url, taken)
    stated = replace(given, name=name, platform=given.platform or found.title or urlsplit(url).netloc)
    for line in proposal_lines(found, looked, source_text(found, stated, "稍后询问 asked below")):
        say(line)
    if not yes:
        stated = ask_for_the_rest(stated, looked.robots_delay)
    rate_floor = looked.robots_delay
    if rate_floor and (stated.delay or 60.0 / (stated.per_minute or 60.0)) < rate_floor:
        say(f"注意 note: robots.txt 要求间隔 {rate_floor:g} s，采集时按它执行 the crawl keeps to that")
    text = source_text(found, stated)
    return _write(folder, stated, found, text, yes=yes, force=force, say=say)


def _write(folder: Path, stated: Stated, found: Proposal, text: str, *, yes: bool, force: bool, say: Callable[[str], None]) -> int:
    complete = not found.missing_required and not stated.lacking
    file = folder / f"{stated.name}.yaml{'' if complete else '.draft'}"
    if file.exists() and not force:
        raise SourceError(f"{file}: 已经存在 exists already; 换 --name 或加 --force take another --name, or --force")
    if not yes and not typer.confirm(f"写入 write {file}？", default=False):
        say("没有写入 nothing written")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    wrong = problems(beside) if complete else []
    if wrong:
        beside.unlink()
        for one in wrong:
            say(one.replace(str(beside), str(file)))
        return 1
    beside.replace(file)
    say(f"已写入 written: {file}")
    if complete:
        say(f"下一步 next: humiao sources check {stated.name}，然后 then humiao crawl --once --source {stated.name}")
        return 0
    say(
        f"这是草稿，不会被采集 a draft, which is not read: "
        f"按文件里的 TODO 填好，再改名为 fill in the TODO lines and rename it to {stated.name}.yaml"
    )
    return 1
