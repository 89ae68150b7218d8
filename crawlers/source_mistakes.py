"""What is wrong with a folder of source files: each file by itself, and files beside each other."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from crawlers.polite.user_agent import warnings
from crawlers.source import Source
from crawlers.source_reading import SourceError, files_of, line_of, problems, read_source
from humiao.settings import CrawlSettings

FAST: Final = 1.0
"""Seconds between two requests below which a rate is worth a question."""


def mistakes(folder: Path, only: str | None = None) -> list[str]:
    """Every mistake of the files in `folder` (or of those called `only`), each as ``FILE:LINE: field: reason``.

    Raises:
        SourceError: there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder; set crawl.sources to the folder with the source files")
    files = files_of(folder, only)
    found = [one for file in files for one in problems(file)]
    good = [(file, read_source(file)) for file in files_of(folder) if not problems(file)]
    return found + [one for file, one in _between(good) if file in files]


def remarks(folder: Path, sources: Sequence[Source], settings: CrawlSettings) -> list[str]:
    """What is allowed and may yet be meant otherwise, each as ``FILE:LINE: field: reason``."""
    found = []
    files = {source.name: file for file in files_of(folder) if not problems(file) and (source := read_source(file))}
    for source in sources:
        file = files[source.name]
        if source.rate.seconds < FAST:
            said = f"one request per {source.rate.seconds:g} s is faster than most sites like; did its owner agree to that?"
            found.append(f"{file}:{line_of(file, 'rate')}: rate: {said}")
        found += [f"{file}:{line_of(file, 'contact')}: {one}" for one in warnings(source, settings)]
    return found


def _between(good: Sequence[tuple[Path, Source]]) -> Iterator[tuple[Path, str]]:
    """Two files with one name, or with one host under two platforms."""
    names: dict[str, Path] = {}
    platforms: dict[str, dict[str, Path]] = defaultdict(dict)
    for file, source in good:
        if source.name in names:
            yield file, f"{file}:{line_of(file, 'name')}: name: {source.name!r} is already used by {names[source.name]}"
        names.setdefault(source.name, file)
        for url in source.start:
            site = url.partition("://")[2].partition("/")[0].lower()
            others = [one for one in platforms[site] if one != source.platform]
            if others and source.platform not in platforms[site]:
                line, other = line_of(file, "platform"), platforms[site][others[0]]
                said = f"{site} is {others[0]!r} in {other}; one site has one name, or its posts are counted twice"
                yield file, f"{file}:{line}: platform: {said}"
            platforms[site].setdefault(source.platform, file)
