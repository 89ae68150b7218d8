"""Our own posts: well-formed, labelled by the book, far enough from each other, and nothing of the test set among them."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from classifier.rows import DATA, POSTS, TEST, Example, Row, own, read_examples
from classifier.training import ENOUGH, SEED, split
from humiao.labels import Harm, Stance

FILES = sorted(POSTS.glob("*.jsonl"))
CLOSE = 0.8
"""Jaccard similarity of character 3-grams from which two posts count as the same one reworded."""


def grams(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 3] for place in range(len(text) - 2)) or frozenset([text])


class Seen:
    """Finds the earlier posts that are close to one."""

    def __init__(self) -> None:
        self._posts: list[tuple[frozenset[str], Example]] = []
        self._where: defaultdict[str, list[int]] = defaultdict(list)

    def close(self, example: Example) -> list[Example]:
        mine = grams(example.text)
        shared = Counter(number for gram in mine for number in self._where[gram])
        return [
            self._posts[number][1]
            for number, common in shared.items()
            if common >= CLOSE * (len(mine) + len(self._posts[number][0]) - common)
        ]

    def add(self, example: Example) -> None:
        mine = grams(example.text)
        for gram in mine:
            self._where[gram].append(len(self._posts))
        self._posts.append((mine, example))


@pytest.mark.parametrize("file", [*FILES, TEST, DATA / "challenge.jsonl"], ids=lambda file: file.stem)
def test_each_row_is_labelled_by_the_book(file: Path):
    for number, example in enumerate(read_examples(file), start=1):
        assert bool(example.harm) == (example.stance is not Stance.OTHER), f"{file.name}:{number}"
        assert len(set(example.harm)) == len(example.harm), f"{file.name}:{number}"
        assert example.text.strip() == example.text, f"{file.name}:{number}"


def test_no_two_posts_are_close_unless_declared():
    seen = Seen()
    for file in [*FILES, TEST, DATA / "challenge.jsonl"]:
        for number, example in enumerate(read_examples(file), start=1):
            declared = bool(example.title or example.parent)
            for other in seen.close(example):
                same = example.group and example.group == other.group
                context = declared or other.title or other.parent
                assert same or context, f"{file.name}:{number}: {example.text[:40]!r} and {other.text[:40]!r}"
            seen.add(example)


def test_held_back_posts_share_no_unit_and_no_close_text_with_training():
    first, held = split(own(), 20261123)
    assert len(first) + len(held) == len(own())
    assert not {row.unit for row in first} & {row.unit for row in held}
    assert not {row.text for row in first} & {row.text for row in held}


def test_enough_posts_of_every_harm_are_held_back_and_most_are_not():
    rows = own()
    for seed in (SEED, 7):
        _, held = split(rows, seed)
        found = Counter(harm for row in held for harm in Harm if row.harm[harm])
        assert min(found[harm] for harm in Harm) >= ENOUGH, (seed, found)
        assert len(held) < 0.25 * len(rows)


def test_new_posts_move_no_old_unit_into_the_held_back_ones():
    rows = own()
    older = [row for row in rows if not row.unit.startswith("weak/")]
    assert {row.unit for row in split(rows, SEED)[1]} - {row.unit for row in rows if row.unit.startswith("weak/")} <= {
        row.unit for row in split(older, SEED)[1]
    }


def test_of_few_posts_a_quarter_at_most_is_held_back_for_a_rare_harm():
    known = dict.fromkeys(Harm, 0.0)
    rows = [Row(f"一{number}", {**known, Harm.DRUGS: float(number < 8)}, unit=str(number)) for number in range(200)]
    _, held = split(rows, SEED)
    assert 2 <= sum(row.harm[Harm.DRUGS] for row in held) <= 6


def test_the_test_set_is_never_read_for_training():
    texts = {example.text for example in read_examples(TEST)}
    assert not texts & {row.text for row in own()}
    assert DATA / "test.jsonl" not in FILES


def test_every_label_and_stance_has_many_posts():
    rows = own()
    harms = Counter(harm for row in rows for harm in Harm if row.harm[harm])
    assert min(harms[harm] for harm in Harm) >= 100, harms
    assert min(Counter(row.stance for row in rows)[stance] for stance in Stance) >= 300


def test_the_described_number_of_posts_is_the_real_one():
    page = (DATA.parent / "DATA.md").read_text(encoding="utf-8")
    for file in [*FILES, TEST, DATA / "challenge.jsonl"]:
        rows = len(file.read_text(encoding="utf-8").splitlines())
        assert f"| `{file.name}` | {rows:,} |" in page, (file.name, rows)


def test_files_hold_one_object_a_line():
    for file in [*FILES, TEST, DATA / "challenge.jsonl"]:
        for line in file.read_text(encoding="utf-8").splitlines():
            assert isinstance(json.loads(line), dict)
