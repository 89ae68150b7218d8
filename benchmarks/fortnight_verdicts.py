"""Verdicts of the shipped classifier on a plan's posts, each distinct text judged once and kept in a file."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from classifier.judge import Judge
from classifier.weights import SHIPPED, load
from humiao.post import Post
from humiao.verdict import Scored, Verdict

AT_A_TIME = 512


def scored(posts: Sequence[Post], work: Path) -> list[Scored]:
    """`posts` with their verdicts; those of earlier runs are read from ``verdicts.jsonl`` in `work`."""
    work.mkdir(parents=True, exist_ok=True)
    file = work / "verdicts.jsonl"
    known: dict[str, Verdict] = {}
    if file.exists():
        for line in file.open(encoding="utf-8"):
            row = json.loads(line)
            known[row["key"]] = Verdict.model_validate_json(json.dumps(row["verdict"]))
    missing = list({_key(post): post for post in posts if _key(post) not in known}.values())
    if missing:
        judge = Judge(load(SHIPPED))
        with file.open("a", encoding="utf-8") as stream:
            for start in range(0, len(missing), AT_A_TIME):
                some = missing[start : start + AT_A_TIME]
                for post, verdict in zip(some, judge.verdicts(some), strict=True):
                    known[_key(post)] = verdict
                    row = {"key": _key(post), "verdict": verdict.model_dump(mode="json")}
                    stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                print(f"\rjudged {start + len(some):,} of {len(missing):,} texts", end="", flush=True)
        print()
    return [Scored(post=post, verdict=known[_key(post)].model_copy(update={"id": post.id})) for post in posts]


def _key(post: Post) -> str:
    return hashlib.sha256(f"{post.title}\x1f{post.text}\x1f{post.parent}".encode()).hexdigest()[:24]
