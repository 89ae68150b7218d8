"""Latin letters and hanzi under disguise, bare radicals, and telephone numbers pulled apart."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

from classifier.normalise import splits
from classifier.normalise.aligned import Aligned, Rewrite
from classifier.normalise.alphabet import spelled
from classifier.normalise.tables import rows

_TELEPHONE: Final = re.compile(r"(?<![0-9])1(?:[ .\-_*~·|/]{1,2}[0-9]){10}(?![0-9])")
_NAME: Final = re.compile(r"@[\w\-.]{1,24}|https?://[!-~]+")


def plain_tokens(aligned: Aligned) -> None:
    """Take the disguise off letters, hanzi and numbers, wherever they stand but in names and addresses."""
    if not _alike().keys().isdisjoint(aligned.text):
        _replace(aligned, _letters_pattern(), _plain_letters, "全角或变体")
    _replace(aligned, _odd_hanzi_pattern(), _odd_hanzi().__getitem__, "形近字")
    _replace(aligned, splits.anywhere_pattern(), splits.joined_anywhere().__getitem__, "拆字")
    _replace(aligned, _TELEPHONE, lambda token: re.sub("[^0-9]", "", token), "分隔符")


def outside_names(text: str, found: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Those of the matches that do not touch a name with @ or a web address: nothing is changed in these."""
    names = _NAME.finditer(text) if "@" in text or "://" in text else iter(())
    name = next(names, None)
    for match in found:
        while name and name.end() <= match.start():
            name = next(names, None)
        if not name or name.start() >= match.end():
            yield match


def _replace(aligned: Aligned, pattern: re.Pattern[str], plain: Callable[[str], str], reason: str) -> None:
    text = aligned.text
    if not pattern.search(text):
        return
    rewrites: list[Rewrite] = []
    for token in outside_names(text, pattern.finditer(text)):
        start, end = token.span()
        new = plain(token.group())
        if new != token.group():
            rewrites.append((start, end, new, reason, range(start, end) if len(new) == end - start else ()))
    aligned.apply(rewrites)


def _plain_letters(token: str) -> str:
    """Letters of other scripts in a Latin word, or in place of one that the tables know, become Latin ones."""
    plain = "".join(_alike().get(char, char) for char in token)
    return plain if plain in spelled() or any(char.isascii() and char.isalpha() for char in token) else token


@cache
def _alike() -> dict[str, str]:
    return {odd: letter for letter, odds in rows("confusables.tsv") for odd in odds}


@cache
def _letters_pattern() -> re.Pattern[str]:
    others = "".join(sorted(_alike()))
    return re.compile(rf"(?<![^\W\d_\u4e00-\u9fff])[a-z0-9]*[{others}][a-z0-9{others}]*(?![^\W\d_\u4e00-\u9fff])")


@cache
def _odd_hanzi() -> dict[str, str]:
    """Hanzi that nobody writes but to look like another one."""
    return {odd: plain for odd, plain, how in rows("lookalikes.tsv") if how == "总"}


@cache
def _odd_hanzi_pattern() -> re.Pattern[str]:
    return re.compile(f"[{''.join(sorted(_odd_hanzi()))}]")
