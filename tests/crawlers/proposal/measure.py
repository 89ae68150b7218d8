"""What the proposal for a site collects, by the real commands: ``sources new`` and ``crawl``, each a process of its own."""

import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from tests.crawlers.processes import Process
from tests.crawlers.proposal.serving import serve
from tests.crawlers.proposal.sites.built import SHANGHAI, Built

STATED = (
    "--owner",
    "某某公司",
    "--permission",
    "2026-03-01 书面同意",
    "--contact",
    "desk@example.org",
    "--delay",
    "0.05",
    "--pause",
    "0.05",
    "--yes",
)


@dataclass(frozen=True)
class Measured:
    """Of one site."""

    family: str
    requests: int
    seconds: float
    """That the look took."""
    posts: int
    """On the site."""
    right: int
    """Collected once, with the right author, minute and text."""
    wrong: tuple[str, ...]
    """Collected and on no page like that."""
    said: str
    code: int

    @property
    def share(self) -> float:
        """Of the site's posts."""
        return self.right / self.posts


def measure(built: Built, data: Path, start: str = "", forgiving: int = 1) -> Measured:
    """Propose, crawl, compare; `forgiving`: to how many minutes times are compared."""
    (data / "sources").mkdir(parents=True)
    with serve(built) as site:
        began = time.monotonic()
        with Process("sources", "new", site.url + (start or built.start), "--name", "it", *STATED, data=data) as process:
            code = process.wait(120)
        seconds, said = time.monotonic() - began, "".join(process.out + process.err)
        requests = len(site.asked)
        file = data / "sources/it.yaml"
        if code or not file.exists():
            return Measured("", requests, seconds, len(built.truth), 0, (), said, code)
        with Process("crawl", "--once", data=data) as process:
            process.wait(300)
    with open_log(Settings(data=data)) as log:
        posts = [Post.from_json(message.value) for message in log.read(POSTS)]
    found = {(post.author, _when(post.ts, forgiving), "".join(post.text.split())) for post in posts}
    truth = {(one.author, _when(one.at, forgiving), "".join(one.text.split())) for one in built.truth}
    wrong = tuple(f"{author} {when} {text[:60]}" for author, when, text in sorted(found - truth))
    family = yaml.safe_load(file.read_text(encoding="utf-8"))["family"]
    return Measured(family, requests, seconds, len(truth), len(found & truth), wrong, said + file.read_text(encoding="utf-8"), code)


def _when(ts, minutes: int) -> int:
    return int(ts.astimezone(SHANGHAI).timestamp() // (60 * minutes))
