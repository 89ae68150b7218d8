"""Sites of a kind that is known: by their marks, and then by what the family reads on them."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawlers.families import FAMILIES
from crawlers.proposal.addresses import BOARD, absolute
from crawlers.proposal.look import Asker
from crawlers.proposal.seen_page import SeenPage, text_of
from crawlers.reading import Reading, ReadPost
from crawlers.source import Source
from crawlers.states import Wall

MARKED: Final = ("discuz", "phpwind", "discourse", "nodebb", "flarum", "v2ex", "phpbb", "spirit", "wordpress", "mastodon")
"""Families with marks of their own, the most particular first."""
THREADS: Final = 2
BOARDS: Final = 3
ENOUGH: Final = 5


@dataclass
class Trial:
    """What a family reads of a site."""

    family: str
    start: str
    posts: list[ReadPost] = field(default_factory=list)
    threads: int = 0
    boards: int = 0
    wall: Wall | None = None
    trouble: str = ""

    @property
    def whole(self) -> int:
        """Posts read without trouble."""
        return sum(not post.trouble and not post.withheld and post.ts is not None for post in self.posts)


def marked(page: SeenPage) -> str:
    """The family whose marks `page` has; empty if there is none."""
    return next((name for name in MARKED if FAMILIES[name].recognises(page.response)), "")


def provisional(family: str, start: str, encoding: str = "", hosts: tuple[str, ...] = ()) -> Source:
    """A source to try a family with; what only a person knows stands open."""
    return Source.model_validate(
        {
            "name": "proposal", "family": family, "platform": "proposal", "start": [start],
            "owner": "？？？", "permission": "？？？", "rate": {"delay": 1}, "encoding": encoding or None, "hosts": hosts,
        }
    )  # fmt: skip


async def try_family(ask: Asker, family: str, page: SeenPage) -> Trial:
    """Read a little from where a list of this family may be: the page itself, the boards that it names, the site's root."""
    trials = []
    for start in _starts(family, page):
        if ask.left < 2:
            break
        trial = await _trial(ask, family, start)
        if trial.whole or trial.wall:
            return trial
        trials.append(trial)
    return trials[0] if trials else Trial(family, page.url)


def _starts(family: str, page: SeenPage) -> list[str]:
    parts = urlsplit(page.url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folders = parts.path.split("/")[1:-1]
    above = [f"{root}{'/'.join(folders[:number])}/" for number in range(len(folders), 0, -1)]
    boards: dict[str, int] = {}
    if family in {"discuz", "phpwind", "phpbb", "spirit"}:
        for link in page.links:
            url = absolute(page.url, link.get("href", ""))
            if url and urlsplit(url).netloc == parts.netloc and BOARD.search(url) and text_of(link, 40):
                boards.setdefault(url, 0)
    return list(dict.fromkeys([page.url, *list(boards)[-6:][::-1][:2], *above[:2], root]))


async def _trial(ask: Asker, family: str, start: str) -> Trial:
    trial, kind = Trial(family, start), FAMILIES[family]
    source = provisional(family, start, ask.encoding)
    waiting = [(url, 0) for url in kind.starts(source)]
    while waiting and ask.left > 1 and trial.whole < ENOUGH:
        url, depth = waiting.pop(0)
        page = await ask.page(url)
        if page is None:
            continue
        reading = kind.read_list(page.response, source, page.now)
        _note(trial, reading)
        if reading.wall:
            return trial
        trial.threads += len(reading.threads)
        trial.boards += len(reading.boards)
        for thread in [one for one in reading.threads if not one.sticky][:THREADS] or reading.threads[:THREADS]:
            if ask.left <= 0 or trial.whole >= ENOUGH:
                break
            shown = await ask.page(thread.url)
            if shown:
                _note(trial, kind.read_thread(shown.response, source, shown.now, first=True))
        if depth < 2 and not trial.whole:
            waiting = [(board, depth + 1) for board in reading.boards[:BOARDS]] + waiting
    return trial


def _note(trial: Trial, reading: Reading) -> None:
    trial.posts += reading.posts
    trial.wall = trial.wall or reading.wall
    trial.trouble = trial.trouble or reading.trouble
