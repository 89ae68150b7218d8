"""How much of a living forum is collected, and at what price: ``python benchmarks/churn.py [--quick]``.

A forum of three boards lives through simulated days (new threads, replies to some of them, edits, deletions, threads that vanish,
move or are merged, sticky threads that shift the pages). The real spider visits it once an hour of that time through real HTTP on
loopback; an omniscient crawler would fetch just the pages on which something is new, once an hour. Prints a table, then JSON.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import structlog
from scrapy.crawler import AsyncCrawlerRunner

from crawlers.publisher import Publisher
from crawlers.source import Source
from crawlers.stage import one_pass, run_in_reactor
from crawlers.state import CrawlState
from crawlers.visit import Visit
from crawlers.warc import WarcFiles
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PER_LIST, PER_THREAD, BOARDS = 20, 10, 3
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(eq=False)
class Written:
    """A post; `since` and `until`: when this text could be seen."""

    id: int
    at: datetime
    text: str
    texts: list[tuple[datetime, str]] = field(default_factory=list)
    gone: datetime | None = None


@dataclass(eq=False)
class Thread:
    id: int
    board: int
    posts: list[Written] = field(default_factory=list)
    sticky: bool = False
    gone: datetime | None = None

    @property
    def shown(self) -> list[Written]:
        return [] if self.gone else [post for post in self.posts if not post.gone]


class Forum:
    """The model and its web pages."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now = random.Random(seed), BEGIN
        self.threads: dict[int, Thread] = {}
        self.posts: dict[int, Written] = {}
        self.home: dict[int, Thread] = {}
        self.requests = 0
        self.touched: set[tuple[int, int]] = set()
        """Thread and page on which something is new since the last visit."""

    def live(self, posts: int) -> None:
        """One hour."""
        self.now += HOUR
        for _ in range(posts):
            young = [thread for thread in self.threads.values() if thread.shown]
            if not young or self.dice.random() < 0.2:
                self._begin()
            else:
                weights = [0.5 ** ((self.now - thread.shown[-1].at) / timedelta(hours=8)) + 1e-6 for thread in young]
                self._write(self.dice.choices(young, weights)[0])
        recent = [post for post in self.posts.values() if not post.gone and self.now - post.at < timedelta(days=2)]
        for post in recent:
            if self.dice.random() < 0.004:
                post.text = f"{post.text}（改{len(post.texts)}）"
                post.texts.append((self.now, post.text))
                self._touch(post)
            elif self.dice.random() < 0.002:
                self._touch(post)
                post.gone = self.now
        self._upheaval()

    def _upheaval(self) -> None:
        alive = [thread for thread in self.threads.values() if thread.shown and not thread.sticky]
        if len(alive) < 20 or self.dice.random() > 0.05:
            return
        one, other = self.dice.sample(alive, 2)
        match self.dice.randrange(3):
            case 0:
                one.gone = self.now
                self.touched.add((one.id, 1))
            case 1:
                one.board = (one.board + 1) % BOARDS
            case 2:
                self.home |= {post.id: other for post in one.shown}
                other.posts += one.shown
                one.posts = []
                one.gone = self.now
                self.touched |= {(other.id, page) for page in range(1, 1 + -(-len(other.shown) // PER_THREAD))}

    def _begin(self) -> None:
        thread = Thread(len(self.threads) + 1, self.dice.randrange(BOARDS), sticky=len(self.threads) < 2 * BOARDS)
        self.threads[thread.id] = thread
        self._write(thread)

    def _write(self, thread: Thread) -> None:
        at = self.now - timedelta(seconds=self.dice.randrange(3600))
        at = max(at, thread.shown[-1].at) if thread.shown else at
        post = Written(len(self.posts) + 1, at, f"第{len(self.posts) + 1}句")
        post.texts.append((at, post.text))
        self.posts[post.id] = post
        thread.posts.append(post)
        self.home[post.id] = thread
        self._touch(post)

    def _touch(self, post: Written) -> None:
        thread = self.home[post.id]
        self.touched.add((thread.id, 1 + thread.shown.index(post) // PER_THREAD if post in thread.shown else 1))

    def page(self, path: str) -> tuple[int, str]:
        self.requests += 1
        parts = urlsplit(path)
        kind, _, number = parts.path.strip("/").partition("/")
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        if kind == "board":
            return 200, self._board(int(number), page)
        thread = self.threads.get(int(number)) if kind == "t" else None
        if thread is None or thread.gone or (page - 1) * PER_THREAD >= max(1, len(thread.shown)):
            return 404, "missing"
        return 200, self._thread(thread, page)

    def _board(self, number: int, page: int) -> str:
        threads = [thread for thread in self.threads.values() if thread.board == number and thread.shown]
        threads.sort(key=lambda thread: (thread.sticky, max(post.at for post in thread.shown)), reverse=True)
        rows = "".join(
            f'<li><a href="/t/{one.id}">题{one.id}</a><i>{max(post.at for post in one.shown).isoformat()} {len(one.shown)}</i></li>'
            for one in threads[(page - 1) * PER_LIST : page * PER_LIST]
        )
        further = f'<a class="next" href="/board/{number}?page={page + 1}">下页</a>' if len(threads) > page * PER_LIST else ""
        return f"<ul>{rows}</ul>{further}"

    def _thread(self, thread: Thread, page: int) -> str:
        posts = "".join(
            f'<article id="p{post.id}"><b>街坊</b><time>{post.at.isoformat()}</time><p>{post.text}</p></article>'
            for post in thread.shown[(page - 1) * PER_THREAD : page * PER_THREAD]
        )
        further = f'<a class="next" href="/t/{thread.id}?page={page + 1}">下页</a>' if len(thread.shown) > page * PER_THREAD else ""
        return f"<h1>题{thread.id}</h1>{posts}{further}"


def serve(forum: Forum) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet

        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                status, text = 404, ""
            else:
                status, text = forum.page(self.path)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def source(port: int) -> Source:
    root = f"http://127.0.0.1:{port}"
    return Source.model_validate(
        {
            "name": "churn", "family": "html", "platform": "churn", "owner": "模拟论坛",
            "start": [f"{root}/board/{n}" for n in range(BOARDS)],
            "permission": "本机模拟", "rate": {"delay": 0.0001}, "list_pages": 50,
            "selectors": {
                "list": {"row": "li", "link": "a::attr(href)", "activity": "i::text", "next": "a.next::attr(href)"},
                "thread": {"title": "h1", "post": "article", "id": "article::attr(id)", "author": "b", "time": "time", "body": "p",
                           "next": "a.next::attr(href)"},
            },
        }
    )  # fmt: skip


def run(days: int, per_hour: int, seed: int) -> dict[str, float]:
    forum = Forum(seed)
    server = serve(forum)
    omniscient = 0
    purposes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        one = source(server.server_address[1])

        async def main() -> None:
            nonlocal omniscient
            state = CrawlState(settings.data / "crawl.db")
            archive = WarcFiles(settings.data / "warc", one.name)
            publisher = Publisher(
                lambda: open_log(settings), state, [one], threading.Event(), lambda: forum.now, commit=lambda _: archive.commit()
            )
            visit = Visit(one, state, settings.data / "warc", archive, publisher, clock=lambda: forum.now)
            runner = AsyncCrawlerRunner({})
            for _ in range(days * 24):
                await asyncio.to_thread(forum.live, per_hour)
                omniscient += len(forum.touched)
                forum.touched.clear()
                found = await one_pass(runner, visit, settings)
                purposes.update(found.asked)
            archive.close()
            await publisher.close()
            state.close()

        began = time.monotonic()
        run_in_reactor(main)
        seconds = time.monotonic() - began
        with open_log(settings) as log:
            sent = [Post.from_json(message.value) for message in log.read(POSTS)]
        state = sqlite3.connect(settings.data / "crawl.db")
        gone = {id for (id,) in state.execute("SELECT id FROM posts WHERE gone_at IS NOT NULL")}
        state.close()
    asked = {f"requests: {purpose}": number for purpose, number in sorted(purposes.items())}
    return measured(forum, sent, gone, omniscient, days * 24) | asked | {"seconds": round(seconds, 1)}


def measured(forum: Forum, sent: list[Post], gone: set[str], omniscient: int, visits: int) -> dict[str, float]:
    have = Counter((post.native_id, post.text) for post in sent)
    revisions = Counter((post.id, post.revision) for post in sent)
    ids = {post.native_id for post in sent}
    stayed = [post for post in forum.posts.values() if not (post.gone and post.gone - post.at < HOUR)]
    vanished = {post.id for thread in forum.threads.values() if thread.gone for post in thread.posts}
    stayed = [post for post in stayed if post.id not in vanished or f"p{post.id}" in ids]
    later = [
        (f"p{post.id}", text)
        for post in forum.posts.values()
        for at, text in post.texts[1:]
        if not post.gone and forum.now - at > DAY
    ]
    native = {post.id: int(post.native_id[1:]) for post in sent}
    noted = {native[id] for id in gone}
    lost = {post.id for post in forum.posts.values() if post.gone and f"p{post.id}" in ids} | {
        id for id in vanished if f"p{id}" in ids
    }
    old = {id for id in lost if forum.now - (forum.posts[id].gone or forum.now - 2 * DAY) > DAY}
    return {
        "posts": len(forum.posts),
        "visits": visits,
        "collected of what stayed an hour": sum(f"p{post.id}" in ids for post in stayed) / len(stayed),
        "published twice": sum(number - 1 for number in revisions.values()),
        "requests": forum.requests,
        "pages with something new": omniscient,
        "requests per such page": forum.requests / omniscient,
        "requests per such page and list looked at": forum.requests / (omniscient + visits * BOARDS),
        "edits seen after a day": sum(edit in have for edit in later) / max(1, len(later)),
        "deletions": len(lost),
        "deletions noted after a day": len(old & noted) / max(1, len(old)),
        "noted as deleted, yet there": len(noted - lost),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two days instead of twenty")
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261124)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found = run(2 if given.quick else given.days, 21, given.seed)
    for name, value in found.items():
        print(f"{name:<45} {value:>10.3f}" if isinstance(value, float) else f"{name:<45} {value:>10,}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
