"""Source files of a folder: read, checked, and every mistake named by file, line and field."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from crawlers.source import Source
from humiao.errors import HumiaoError


class SourceError(HumiaoError):
    """A source file is missing, unreadable or incomplete; the message names file and field."""


def problems(file: Path) -> list[str]:
    """Everything that is wrong with `file`, each as ``FILE:LINE: field: reason`` (no line for a field that is missing)."""
    try:
        text = file.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except OSError as error:
        return [f"{file}: can't be read: {error.strerror}"]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        return [f"{where}: is not YAML: {getattr(error, 'problem', None) or error}"]
    if not isinstance(content, dict):
        return [f"{file}: must be a table of fields such as name, family, start, owner, permission, rate"]
    try:
        Source.model_validate(content)
    except ValidationError as error:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        assert tree
        found = error.errors(include_url=False, include_input=False)
        inner = {one["loc"][:-1] for one in found}  # a list is "too short" too when its one item is wrong
        return [_problem(file, one, tree) for one in found if not (one["type"] == "too_short" and one["loc"] in inner)]
    return []


def line_of(file: Path, field: str) -> int:
    """Line (from 1) of a field of `file`; of the file's beginning where it is missing."""
    tree = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return _line(tree, [field]) if tree else 1


def read_source(file: Path) -> Source:
    """The source that `file` describes.

    Raises:
        SourceError: the first of `problems`, and how many more there are.
    """
    if wrong := problems(file):
        more = f" (and {len(wrong) - 1} more; humiao sources check names them)" if len(wrong) > 1 else ""
        raise SourceError(f"{wrong[0]}{more}")
    return Source.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def read_sources(folder: Path, only: str | None = None) -> list[Source]:
    """Every source of `folder` (``*.yaml``), by name; with `only`, files that can't be read are left out if they are not its.

    Raises:
        SourceError: the folder or a file is missing or bad, or two files have one name.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder; set crawl.sources to the folder with the source files")
    by_name: dict[str, Path] = {}
    sources = []
    for file in files_of(folder, only):
        source = read_source(file)
        if source.name in by_name:
            raise SourceError(f"{file}: name: {source.name!r} is already used by {by_name[source.name]}")
        by_name[source.name] = file
        sources.append(source)
    return sorted(sources, key=lambda source: source.name)


def _stated_name(file: Path) -> str:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return ""
    return str(content.get("name", "")) if isinstance(content, dict) else ""


def files_of(folder: Path, only: str | None = None) -> list[Path]:
    """The source files of `folder`, or those that are called `only` by name or file name."""
    files = sorted(folder.glob("*.yaml"))
    return [file for file in files if only is None or only in {file.stem, _stated_name(file)}]


def choose(sources: list[Source], name: str | None, folder: Path) -> list[Source]:
    """All `sources`, or the one called `name`.

    Raises:
        SourceError: there is none.
    """
    if not sources:
        raise SourceError(f"{folder}: holds no source file (*.yaml); sources/example.yaml.disabled shows how one looks")
    chosen = [source for source in sources if name in {None, source.name}]
    if not chosen:
        raise SourceError(f"--source: {folder} has no source {name!r}; it has {', '.join(source.name for source in sources)}")
    return chosen


def source_folder(sources: Path, data: Path) -> Path:
    """Where source files lie: a relative folder is taken below the data folder if it is there, otherwise from here."""
    below = data / sources
    return below if not sources.is_absolute() and below.is_dir() else sources


def _problem(file: Path, problem: Any, tree: yaml.Node) -> str:
    field = ".".join(str(part) for part in problem["loc"])
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "missing":
        reason = "is missing; a source states its owner, the permission and the rate before it runs"
        if field not in {"owner", "permission", "rate"}:
            reason = "is missing"
        return f"{file}: {field}: {reason}"
    if problem["type"] == "extra_forbidden":
        reason = f"is no field of a source file{_meant(problem['loc'])}"
    where = f"{file}:{_line(tree, problem['loc'])}" if field else str(file)
    return f"{where}: {field}: {reason}" if field else f"{where}: {reason}"


def _meant(path: Sequence[str | int]) -> str:
    """A field of the same table whose name is nearly the one that stands there."""
    model: Any = Source
    for part in path[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        inner = (
            [one for one in (get_args(field.annotation) or (field.annotation,)) if hasattr(one, "model_fields")] if field else []
        )
        if not inner:
            return ""
        model = inner[0]
    near = difflib.get_close_matches(str(path[-1]), model.model_fields, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(model.model_fields)}"


def _line(node: yaml.Node, path: Sequence[str | int]) -> int:
    """Line (from 1) of the field at `path`, or of what it stands in."""
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line
