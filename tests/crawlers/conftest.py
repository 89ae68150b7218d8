"""A small forum in a process of its own, and what the log holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from tests.crawlers.processes import Process
from tests.crawlers.sample import small_forum


@pytest.fixture
def posts_file(tmp_path: Path) -> Path:
    file = tmp_path / "posts.jsonl"
    small_forum(file)
    return file


@pytest.fixture
def rows(posts_file: Path) -> list[dict]:
    return small_forum(posts_file)


@pytest.fixture
def forum(posts_file: Path, settings: Settings) -> Iterator[str]:
    """Address of a running forum that never changes."""
    with Process("forum", "--posts", str(posts_file), "--change-after", "9999", data=settings.data) as process:
        yield process.first_line().removeprefix("forum ")


@pytest.fixture
def changing_forum(posts_file: Path, settings: Settings) -> Iterator[str]:
    """Address of a running forum whose edit and deletions happen as soon as their threads were read once."""
    with Process("forum", "--posts", str(posts_file), "--change-after", "0.01", data=settings.data) as process:
        yield process.first_line().removeprefix("forum ")


def published(settings: Settings) -> list[Post]:
    """Every post in the log, in order of publication."""
    with open_log(settings) as log:
        messages = sorted(log.read(POSTS), key=lambda message: (message.written_at, message.partition, message.offset))
        return [Post.from_json(message.value) for message in messages]
