"""``--map``: which column of a sheet is which field, as a person writes it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from humiao.errors import BadInput
from humiao.intake.fields import CHINESE, FIELDS, REQUIRED, Field
from humiao.intake.guess import Guess
from humiao.intake.header_words import meaning
from humiao.intake.line import Row

AUTO: Final = "auto"
_WIDE: Final = str.maketrans({"，": ",", "＝": "=", "＋": "+", "＠": "@", "＃": "#"})
_QUOTED_OR_WIDE: Final = re.compile(r'"[^"]*"|[，＝＋＠＃]')
_PAIRS: Final = re.compile(r'(?:"[^"]*"|[^",])+')
_SIDES: Final = re.compile(r'((?:"[^"]*"|[^"=])*)=((?:"[^"]*"|[^"])*)')
_JOINED: Final = re.compile(r'(?:"[^"]*"|[^"+])+')
_LEADS: Final = {Field.PLATFORM: "@抖音", Field.TS: "@2026-03-01T20:00:00+08:00"}
SHAPE: Final = "write COLUMN=FIELD, joined by commas, such as 内容=text,发布时间=ts,平台=@抖音"


class MapWrong(BadInput):
    """A map that has another shape, or does not fit the sheet."""


@dataclass(frozen=True)
class Pair:
    """One part of ``--map``: a field with its columns (by name or ``#3``) or with a constant."""

    field: Field
    columns: tuple[str, ...] = ()
    constant: str | None = None


@dataclass(frozen=True)
class Wanted:
    """The whole of ``--map``."""

    pairs: tuple[Pair, ...]
    auto: bool
    """Take the guess for what `pairs` does not say."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are given by their name."""
        return tuple(column for pair in self.pairs for column in pair.columns if not column.startswith("#"))


@dataclass(frozen=True)
class Mapping:
    """Where each field of a post comes from."""

    columns: dict[Field, tuple[int, ...]] = field(default_factory=dict)
    """Positions of the columns whose cells make up the field, in this order."""
    constants: dict[Field, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    """Names of all columns; empty where the sheet names none."""

    def missing(self) -> list[Field]:
        """Required fields that nothing is said about."""
        return [one for one in REQUIRED if one not in self.columns and one not in self.constants]

    def named(self, which: Field) -> str:
        """The field with the names of its columns, for messages."""
        names = "+".join(self.header[at].strip() for at in self.columns.get(which, ()) if at < len(self.header))
        return f"{which} ({names})" if names and names != which else str(which)


def parse_map(text: str) -> Wanted:
    """What a person wrote after ``--map``; full-width punctuation is as good as the other.

    Raises:
        MapWrong: it has another shape, names no field of ours, or gives a field twice.
    """
    pairs: list[Pair] = []
    auto = False
    for part in _outside_quotes(_PAIRS, text):
        if part.lower() == AUTO:
            auto = True
            continue
        pair = _pair(part)
        if any(other.field is pair.field for other in pairs):
            raise MapWrong(f"--map: {pair.field} is given twice; join columns with +, such as 日期+时间=ts")
        pairs.append(pair)
    if not pairs and not auto:
        raise MapWrong(f"--map: is empty; {SHAPE}")
    return Wanted(tuple(pairs), auto)


def _outside_quotes(pattern: re.Pattern[str], text: str) -> list[str]:
    plain = text.replace("“", '"').replace("”", '"')
    if plain.count('"') % 2:
        raise MapWrong(f"--map: {text!r} has a quote that is not closed; {SHAPE}")
    plain = _QUOTED_OR_WIDE.sub(lambda found: found.group().translate(_WIDE) if len(found.group()) == 1 else found.group(), plain)
    return [found.strip() for found in pattern.findall(plain) if found.strip()]


def _pair(part: str) -> Pair:
    sides = _SIDES.fullmatch(part)
    if not sides:
        raise MapWrong(f"--map: {part!r} has no =; {SHAPE}")
    left, right = sides.group(1).strip(), sides.group(2).strip()
    if left.startswith("@"):
        return Pair(_field(right, part), constant=_constant(left[1:], part))
    if right.startswith("@"):
        return Pair(_field(left, part), constant=_constant(right[1:], part))
    if not left or not right:
        raise MapWrong(f"--map: {part!r} lacks a side; {SHAPE}")
    if right not in FIELDS and left in FIELDS:
        raise MapWrong(f"--map: {part!r} is the wrong way round; write {right}={left}")
    columns = tuple(_bare(name) for name in _JOINED.findall(left) if name.strip())
    return Pair(_field(right, part), columns)


def _constant(text: str, part: str) -> str:
    value = _bare(text)
    if not value:
        raise MapWrong(f"--map: {part!r} has nothing after @; give the value, such as 平台=@抖音")
    return value


def _field(name: str, part: str) -> Field:
    bare = _bare(name)
    if bare in FIELDS:
        return Field(bare)
    meant, weight = meaning(bare)  # a constant may be given to the field by its Chinese name
    if meant is not None and weight == 1.0:
        return meant
    raise MapWrong(f"--map: {part!r}: {bare!r} is no field; the fields are {', '.join(FIELDS)}")


def _bare(name: str) -> str:
    return name.strip().strip('"').strip()


def resolve(wanted: Wanted, header: Row | None, guessed: Guess | None) -> Mapping:
    """The columns of a sheet that `wanted` means.

    Raises:
        MapWrong: the sheet has no such column, or two of this name.
    """
    names = header.cells if header else ()
    columns: dict[Field, tuple[int, ...]] = {}
    constants: dict[Field, str] = {}
    for pair in wanted.pairs:
        if pair.constant is not None:
            constants[pair.field] = pair.constant
        else:
            columns[pair.field] = tuple(_position(name, names) for name in pair.columns)
    if wanted.auto and guessed:
        for at, which in enumerate(guessed.fields):
            if which and which not in columns and which not in constants and not any(at in taken for taken in columns.values()):
                columns[which] = (at,)
    return Mapping(columns, constants, names)


def same_name(one: str, other: str) -> bool:
    """Whether two names of columns differ in width, case and blanks at most."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _position(name: str, names: Sequence[str]) -> int:
    if found := re.fullmatch(r"#(\d{1,5})", name):
        at = int(found.group(1)) - 1
        if at < 0 or (names and at >= len(names)):
            raise MapWrong(f"--map: there is no column {name}; the sheet has {len(names)}")
        return at
    fitting = [at for at, other in enumerate(names) if same_name(name, other)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise MapWrong(f"--map: {len(fitting)} columns are called {name!r}; say which by number, such as #{fitting[0] + 1}")
    known = ", ".join(other.strip() for other in names if other.strip())
    raise MapWrong(f"--map: no column is called {name!r}; the columns are {known[:300] or 'without names'}")


def line_for(guessed: Guess) -> str:
    """The ``--map`` that says what was guessed, with a constant to fill in for what is required and was not found."""
    names = guessed.header.cells
    parts = [f"{_written(at, names)}={which}" for at, which in enumerate(guessed.fields) if which]
    parts += [_lead(which) for which in REQUIRED if which not in guessed.found]
    return ",".join(parts)


def _lead(which: Field) -> str:
    return f"{_LEADS[which]}={which}" if which in _LEADS else f"{CHINESE[which]}={which}"


def _written(at: int, names: Sequence[str]) -> str:
    name = " ".join(names[at].split())
    if not name or sum(same_name(name, other) for other in names) > 1 or '"' in name:
        return f"#{at + 1}"
    return f'"{name}"' if re.search(r"[,=+@#，＝＋＠＃“”]", name) else name
