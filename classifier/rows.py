"""Labelled rows: our own posts, fully labelled, and public ones, labelled in part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from humiao.errors import BadInput
from humiao.labels import Harm, Sentiment, Stance
from humiao.post import Frozen, parse

DATA = Path(__file__).parent / "data"
POSTS = DATA / "posts"
TEST = DATA / "test.jsonl"
"""Posts by another writer that no training, threshold or temperature ever sees."""
UNIT = 20
"""Posts that one writer wrote one after another lean on each other; so many stay together in a split."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what is known of it; what is not known teaches nothing."""

    text: str
    harm: Mapping[Harm, float] = field(default_factory=dict)
    """1.0 or 0.0 for each harm that is known."""
    stance: Stance | None = None
    sentiment: Sentiment | None = None
    auxiliary: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    origin: str = "own"
    tags: tuple[str, ...] = ()
    unit: str = ""
    """Rows of one unit never part in a split: an incident with its twins and variants, posts written one after another."""
    parent: str = ""
    """The post that this one answers."""

    def with_text(self, text: str, **other: Any) -> "Row":
        """The same facts of another wording, or with other facts."""
        return replace(self, text=text, **other)


class Example(Frozen):
    """A line of an evaluation or training file."""

    text: str
    harm: list[Harm]
    stance: Stance
    sentiment: Sentiment
    platform: str = ""
    tags: list[str] = Field(default_factory=list)
    group: str = ""
    """The invented situation: twins and variants share it."""
    title: str = ""
    """Title of the thread, where it belongs to the reading."""
    parent: str = ""
    """The post that this one answers, where it belongs to the reading."""

    @property
    def readable(self) -> str:
        """What a judge reads: the title, if any, above the text."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def row(self, unit: str = "") -> Row:
        """The fully labelled row."""
        known = {harm: float(harm in self.harm) for harm in Harm}
        tags = tuple(self.tags)
        return Row(self.readable, known, self.stance, self.sentiment, tags=tags, unit=unit, parent=self.parent)


def read_examples(file: Path) -> list[Example]:
    """The lines of `file`.

    Raises:
        BadInput: ``FILE:LINE: reason`` of the first bad line, or the file can't be read.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror})") from error
    examples = []
    for number, line in enumerate(lines, start=1):
        try:
            examples.append(parse(Example, line))
        except BadInput as error:
            raise BadInput(f"{file}:{number}: {error}") from error
    return examples


def own(folder: Path = POSTS) -> list[Row]:
    """The posts that the project's authors wrote for training (all files of `folder`), in a fixed order."""
    rows = []
    units: dict[str, str] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for number, example in enumerate(read_examples(file)):
            block = f"{file.stem}/{number // UNIT}"
            unit = units.setdefault(example.group, block) if example.group else block
            rows.append(example.row(unit))
    return rows


def write_examples(file: Path, examples: list[Example]) -> None:
    """One JSON object a line, keys in a fixed order."""
    lines = (json.dumps(example.model_dump(mode="json"), ensure_ascii=False) for example in examples)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
