"""Traditional characters and their simplified forms, from OpenCC's character table."""

from importlib import resources


def _load() -> dict[int, str]:
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t", 1) for line in table.splitlines() if "\t" in line)
    first = {old: new.split(" ", 1)[0] for old, new in pairs}
    return {ord(old): new for old, new in first.items() if len(old) == 1 and len(new) == 1 and old != new}


SIMPLIFIED: dict[int, str] = _load()
"""For `str.translate`: code point of the traditional character -> simplified character (always one for one)."""
