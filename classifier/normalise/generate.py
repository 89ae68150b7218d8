"""Make the two large tables again: readings of characters, and everyday two-character words.

    python -m classifier.normalise.generate

Needs pypinyin (readings) and jieba (word frequencies), both MIT licensed; nothing else of the project does.
"""

from collections import defaultdict
from pathlib import Path
from typing import Final

TABLES: Final = Path(__file__).parent / "tables"
LEAST_FREQUENT: Final = 50
"""Occurrences in jieba's count from which a word is everyday."""


def readings() -> str:
    """Each toneless syllable and the characters that are usually read so: GB 2312 and the tables' own characters."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    ours = "".join((TABLES / name).read_text(encoding="utf-8") for name in ("lexicon.tsv", "aliases.tsv", "splits.tsv"))
    everyday = (bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    chars = sorted({char for char in [*everyday, *ours] if "\u4e00" <= char <= "\u9fff"})
    table: dict[str, str] = defaultdict(str)
    for char in chars:
        syllable = lazy_pinyin(char)[0]
        if syllable.isascii() and syllable.isalpha():
            table[syllable] += char
    return "# Usual reading of each character, without tone (from pypinyin, MIT).\n" + _lines(table)


def everyday_words() -> str:
    """First characters and the characters that follow them in everyday two-character words."""
    import jieba  # noqa: PLC0415

    table: dict[str, str] = defaultdict(str)
    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, *_ = line.split()
            if len(word) == 2 and int(count) >= LEAST_FREQUENT and all("\u4e00" <= char <= "\u9fff" for char in word):  # noqa: PLR2004
                table[word[0]] += word[1]
    return "# Everyday two-character words: first character, then its second ones (from jieba's dictionary, MIT).\n" + _lines(table)


def _lines(table: dict[str, str]) -> str:
    return "".join(f"{key}\t{table[key]}\n" for key in sorted(table))


if __name__ == "__main__":
    (TABLES / "readings.tsv").write_text(readings(), encoding="utf-8")
    (TABLES / "everyday.tsv").write_text(everyday_words(), encoding="utf-8")
