"""Names that nothing announces: found where they stand, and hardly anywhere else."""

import json
from pathlib import Path

import pytest

from humiao.masking import mask
from humiao.names import names

HELD = [
    line.rsplit(" | ", 1)
    for line in Path(__file__).with_name("names_held.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
DEMO = Path(__file__).parents[2] / "crawlers" / "demo" / "posts.jsonl"


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in names().spans(text)]


def test_four_of_five_bare_names_are_found_whole():
    assert len(HELD) == 181
    hits = sum(name in found(text) for text, name in HELD)
    assert hits / len(HELD) >= 0.83


def test_of_posts_without_names_few_lose_a_word():
    posts = [json.loads(line)["text"] for line in DEMO.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(found(post)) for post in posts) / len(posts) <= 0.03


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刚才李晓雯又在厕所哭了", "刚才李**又在厕所哭了"),
        ("欧阳子晴谁都不理", "欧阳**谁都不理"),
        ("徐梦瑶和孙佳豪在谈", "徐**和孙**在谈"),
    ],
)
def test_all_but_the_surname_is_masked(text, expected):
    assert mask(text) == expected


@pytest.mark.parametrize("text", ["", "好", "王", "李晓", "abc 123", "😀王", "𠮷王小明"])
def test_short_and_odd_texts_are_no_trouble(text):
    assert all(0 <= start < end <= len(text) for start, end in names().spans(text))


def test_names_do_not_overlap_and_come_in_order():
    spans = names().spans("。".join(text for text, _ in HELD))
    assert len(spans) > 100
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))
