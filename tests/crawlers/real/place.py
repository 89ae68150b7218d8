"""A town on a running product: what guests see of it now, and the crawl stage's visits to it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from humiao.post import Post
from humiao.settings import Settings
from tests.crawlers.conftest import published
from tests.crawlers.processes import Process
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Running
from tests.servers.forums.town import Told, Town, seed

LATER = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
"""When things happen that are not in the town's seed; each a minute after the one before."""


class Place:
    """The model of the site, kept in step with it."""

    def __init__(self, site: Running, gate: Gate, threads: int = 30) -> None:
        self.site, self.gate = site, gate
        self.town: Town = seed(site, threads)
        self.posts: list[Told] = list(self.town.posts)
        self.private = site.private_thread(self.town.boards[0], "家长群内部", "只给群里的人看。", "阿丽", LATER)
        self._minutes = 0

    @property
    def visible(self) -> dict[str, Told]:
        """What guests see, by native id."""
        return {told.written.post: told for told in self.posts if not told.removed}

    def now(self) -> datetime:
        """The next minute of the story."""
        self._minutes += 1
        return LATER + timedelta(minutes=self._minutes)

    def open(self, title: str, text: str, author: str = "老陈") -> Told:
        at = self.now()
        told = Told(self.site.thread(self.town.boards[0], title, text, author, at), text, author, at, title)
        self.posts.append(told)
        return told

    def reply(self, thread: Told, text: str, author: str = "阿丽", to: Told | None = None) -> Told:
        at = self.now()
        written = self.site.reply(thread.written, text, author, at, to=to.written if to else None)
        told = Told(written, text, author, at)
        self.posts.append(told)
        return told

    def edit(self, told: Told, text: str) -> Told:
        self.site.edit(told.written, text, self.now())
        return self._now(told, replace(told, text=text, edited=True))

    def remove(self, told: Told) -> None:
        self.site.remove(told.written)
        self._now(told, replace(told, removed=True))

    def remove_thread(self, told: Told) -> None:
        self.site.remove_thread(told.written)
        for one in [one for one in self.posts if one.written.thread == told.written.thread]:
            self._now(one, replace(one, removed=True))

    def _now(self, before: Told, after: Told) -> Told:
        self.posts[self.posts.index(before)] = after
        return after


class Crawler:
    """Visits of an installation of its own, each a process as in production."""

    def __init__(self, settings: Settings, place: Place, family: str, **source: Any) -> None:
        self._settings, self._gate = settings, place.gate
        self.gone: set[str] = set()
        """Ids of posts that the last visit noted as gone."""
        self.log: list[dict[str, Any]] = []
        """What the last visit said."""
        folder = settings.data / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        facts = {
            "name": "town", "family": family, "platform": "town", "start": [f"{place.gate.url}/"], "owner": "测试论坛",
            "permission": "本机测试", "rate": {"delay": 0.01}, "place": "坂田街道", "watch_days": 3650,
        }  # fmt: skip
        self._file = folder / "town.yaml"
        self._file.write_text(yaml.safe_dump(facts | source, allow_unicode=True), encoding="utf-8")

    def visit(self, *, complete: bool = True) -> list[Post]:
        """One pass; the posts that it published."""
        before = len(published(self._settings))
        self._gate.forget()
        with Process("crawl", "--once", data=self._settings.data) as process:
            assert process.wait(180) == (0 if complete else 1), "".join(process.out + process.err)[-4000:]
        self.log = list(_lines(process.out + process.err))
        self.gone = {line["post"] for line in self.log if line.get("event") == "post gone"}
        return published(self._settings)[before:]

    @property
    def folder(self) -> Path:
        """Its data."""
        return self._settings.data


def _lines(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        if line.startswith("{"):
            yield json.loads(line)
