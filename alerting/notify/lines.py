"""YAML with the line of every value, so that a mistake can be pointed at."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from humiao.errors import SettingsError

Loc = tuple[str | int, ...]
_INT: Final = "tag:yaml.org,2002:int"


@dataclass(frozen=True, slots=True)
class Lined:
    """A YAML file's content, and where each part of it stands."""

    content: Any
    lines: dict[Loc, int] = field(default_factory=dict)
    """Path of keys and positions → line, from 1."""

    def line(self, loc: Loc) -> int:
        """Line of the innermost part of `loc` that the file has."""
        while loc not in self.lines and loc:
            loc = loc[:-1]
        return self.lines.get(loc, 1)


def read(file: Path) -> Lined:
    """Read a YAML file; times of day stay text (YAML takes 10:30 for the number 630).

    Raises:
        SettingsError: it can't be read, is no YAML, or has a key twice; with line.
    """
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingsError(f"{file}: can't be read ({error.strerror}); name another in notify.routes") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise SettingsError(f"{where}: is not YAML: {getattr(error, 'problem', None) or error}") from error
    lines: dict[Loc, int] = {}
    try:
        return Lined(None if root is None else _value(root, (), lines), lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingsError(f"{file}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', None) or error}") from error


def _value(node: yaml.Node, loc: Loc, lines: dict[Loc, int]) -> Any:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                raise yaml.MarkedYAMLError(problem=f"{key}: stands twice; keep one", problem_mark=key_node.start_mark)
            lines[(*loc, key)] = key_node.start_mark.line + 1
            found[key] = _value(value_node, (*loc, key), lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*loc, number), lines) for number, one in enumerate(node.value)]
    if node.tag == _INT and ":" in node.value:
        return node.value
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    except ValueError as error:
        raise yaml.MarkedYAMLError(problem=f"{node.value!r}: {error}", problem_mark=node.start_mark) from error
    finally:
        loader.dispose()
