"""Patterns that a person can read, in place of the ones that were searched with."""

import re
from collections.abc import Sequence


def plainer_time(pattern: str, texts: Sequence[str]) -> str:
    r"""The form of the time in `texts` (``\d+-\d+-\d+``) where it takes the same from each of them; otherwise `pattern`."""
    found = [re.search(pattern, text) for text in texts]
    sample = next((one for one in found if one), None)
    if not sample:
        return pattern
    plain = "(" + re.sub(r"\s+", r"\\s*", re.sub(r"\d+", "0", _escaped(sample[1]))).replace("0", r"\d+") + ")"
    return plain if _same(pattern, plain, texts) else pattern


def plainer_label(pattern: str, texts: Sequence[str]) -> str:
    r"""``作者：(\S+)`` with the one label that `texts` have, where it takes the same from each; otherwise `pattern`."""
    for plain in (r"^(\S+)", r"^\W*(\S+)", r"^(\S+?)(?:发表于|发布于|回复于|于|说)"):
        if _same(pattern, plain, texts):
            return plain
    for text in texts:
        found = re.search(pattern, text)
        if found and found.start(1) > found.start():
            label = _escaped(text[found.start() : found.start(1)].strip())
            plain = rf"{label}\s*(\S+)"
            return plain if label and _same(pattern, plain, texts) else pattern
    return pattern


def also_without(pattern: str) -> str:
    """A labelled pattern that takes everything where the label is missing, for posts of several kinds."""
    if "(?=" in pattern:
        return f"{pattern[:-2]}|$))"  # or the end of the text
    label, mark, rest = pattern.partition(r"\s*(\S+)")
    return f"(?:{label}\\s*)?(\\S+)" if mark and not rest else pattern


def _escaped(text: str) -> str:
    return re.sub(r"([\\.^$*+?{}\[\]()|])", r"\\\1", text)


def _same(pattern: str, other: str, texts: Sequence[str]) -> bool:
    return all(
        (one[1] if (one := re.search(pattern, text)) else None) == (two[1] if (two := re.search(other, text)) else None)
        for text in texts
    )
