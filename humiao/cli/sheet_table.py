"""The guess of what a sheet's columns are, as a person sees it before it goes in."""

import shlex
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from humiao.intake.fields import CHINESE, REQUIRED, Field
from humiao.intake.guess import Guess
from humiao.intake.mapping import line_for
from humiao.intake.table_lines import MapNeeded
from humiao.masking import excerpt

_WIDTH: Final = 110
_SAMPLE: Final = 32
_HEADER: Final = 20
_MISSING: Final = {
    Field.TS: "没有找到发布时间一列；若整张表是同一时间，请改好下面命令里的时间。"
    " No column of times was found: put the right time into the command below.",
    Field.PLATFORM: "没有找到平台一列；请把下面命令里的 抖音 改成实际平台。"
    " No column of platforms was found: put the right one into the command below.",
    Field.TEXT: "没有找到正文一列；请在下面命令里写明哪一列是正文（列名=text）。"
    " No column of texts was found: say in the command below which one it is (COLUMN=text).",
}


def show_guess(needed: MapNeeded, console: Console, options: list[str]) -> None:
    """Print the columns with what they seem to be, what is missing, and the command that confirms it.

    Args:
        needed: what was raised.
        console: where to.
        options: the command line without ``--map``.
    """
    guessed = needed.table.guess
    assert guessed is not None, "without a map there is a header, and so a guess"
    sheet = f"，工作表 sheet {needed.table.name}" if needed.table.name else ""
    console.print(f"{needed.label}{sheet}: 表头在第 {guessed.header.number} 行 header in row {guessed.header.number}", markup=False)
    console.print(_table(guessed))
    for field in REQUIRED:
        if field not in guessed.found:
            console.print(_MISSING[field], markup=False, soft_wrap=True)
    console.print("尚未导入。核对后运行 nothing went in yet; check, then run:", markup=False)
    command = shlex.join(["humiao", "ingest", *options])
    console.print(f"  {command} --map {shlex.quote(line_for(guessed))}", markup=False, soft_wrap=True)


def _table(guessed: Guess) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("列 column", "表头 header", "当作 read as", "例 sample"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for at, (name, field, sample) in enumerate(zip(guessed.header.cells, guessed.fields, guessed.samples, strict=True)):
        shown = f"{field} {CHINESE[field]}" if field else "– 不导入 left out"
        table.add_row(f"#{at + 1}", _plain(excerpt(name, _HEADER)), shown, _plain(_shortened(field, sample)))
    return table


def _shortened(field: Field | None, sample: str) -> str:
    if field is Field.AUTHOR:
        return f"{sample.strip()[:1]}***"
    return excerpt(sample, _SAMPLE)


def _plain(text: str) -> str:
    """Without what would steer the terminal or the table's markup."""
    return "".join(character for character in text if character.isprintable()).replace("[", "\\[")


def guess_console() -> Console:
    """On stderr, wide enough that nothing breaks where there is no terminal."""
    console = Console(stderr=True, highlight=False)
    return console if console.is_terminal else Console(stderr=True, highlight=False, width=_WIDTH)
