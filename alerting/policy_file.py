"""Reading a policy file: every mistake is told with its line and column and, where a name was near, what was meant."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml
from pydantic import Field, ValidationError

from alerting.cel import meant
from alerting.conditions import ConditionError
from alerting.data_file import first_problem
from alerting.policy import Entry, Law, Policy
from humiao.errors import SettingsError


class _File(Entry):
    laws: dict[str, Law] = Field(default_factory=dict)
    policies: list[dict[str, Any]]


def read(file: Path) -> tuple[list[Policy], dict[str, Law]]:
    """The policies and laws of `file`, all of them right in themselves.

    Raises:
        SettingsError: ``FILE:LINE:COLUMN: policy: field: reason``, one line.
    """
    return _Reading(file).read()


class _Reading:
    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._text = file.read_text(encoding="utf-8")
            self._content = yaml.safe_load(self._text)
            self._root = yaml.compose(self._text, yaml.SafeLoader)
        except OSError as error:
            raise SettingsError(f"{file}: can't be read ({error.strerror}); name another in alert.policies") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
            what = getattr(error, "problem", None) or " ".join(str(error).split())
            raise SettingsError(f"{where}: is not YAML: {what}") from error

    def read(self) -> tuple[list[Policy], dict[str, Law]]:
        try:
            parsed = _File.model_validate(self._content)
        except ValidationError as error:
            self._refuse(error, (), "", _File)
        found: list[Policy] = []
        for number, entry in enumerate(parsed.policies):
            found.append(self._policy(number, entry, parsed.laws))
            if any(other.name == found[-1].name for other in found[:-1]):
                self._stop(("policies", number, "name"), f"{found[-1].name}: name: stands twice; give each policy its own")
        return found, parsed.laws

    def _policy(self, number: int, entry: dict[str, Any], laws: Mapping[str, Law]) -> Policy:
        path = ("policies", number)
        name = str(entry.get("name", f"policy {number + 1}"))
        try:
            policy = Policy.model_validate(entry)
        except ValidationError as error:
            self._refuse(error, path, f"{name}: ", Policy)
        for place, cited in enumerate(policy.basis):
            short, _, articles = cited.partition(" ")
            if short not in laws or not articles:
                hint = meant(short, laws) if short not in laws else "the articles are missing"
                why = f"basis: {cited!r} is not 'LAW ARTICLES' with a law of this file's laws; {hint}"
                self._stop((*path, "basis", place), f"{name}: {why}")
        try:
            _ = policy.compiled
        except ConditionError as error:
            self._stop((*path, "condition"), f"{name}: condition: {error}", (error.line, error.column))
        except ValueError as error:
            self._stop((*path, "condition"), f"{name}: condition: {error}")
        return policy

    def _refuse(self, error: ValidationError, path: Sequence[str | int], name: str, model: type[Entry]) -> NoReturn:
        problem = first_problem(error)
        owner = "policy" if model is Policy else "policy file"
        unknown = f"is no field of a {owner}; {meant(str(problem.path[-1]), model.model_fields)}" if problem.is_unknown else ""
        self._stop((*path, *problem.path), f"{name}{problem.field}: {unknown or problem.reason}")

    def _stop(self, path: Sequence[str | int], message: str, inside: tuple[int, int] | None = None) -> NoReturn:
        line, column = _position(self._root, path, inside, self._text)
        raise SettingsError(f"{self._file}:{line}:{column}: {message}") from None


_QUOTES: Final = frozenset({"'", '"'})


def _position(root: Any, path: Sequence[str | int], inside: tuple[int, int] | None, text: str) -> tuple[int, int]:
    """Line and column (from 1) of what stands at `path`, or of its nearest parent; `inside` is a place within that text."""
    node = root
    whole = True
    for step in path:
        children = list(_children(node))
        found = next((value for key, value in children if key == step), None)
        if found is None:
            whole = False
            break
        node = found
    if node is None:
        return 1, 1
    mark = node.start_mark
    if inside is None or not whole:
        return mark.line + 1, mark.column + 1
    line, column = inside
    if node.style in {"|", ">"}:
        lines = text.splitlines()
        first = mark.line + 1
        indent = len(lines[first]) - len(lines[first].lstrip()) if first < len(lines) else 0
        while node.style == ">" and first + line < len(lines) and column > len(lines[first + line - 1]) - indent + 1:
            column -= len(lines[first + line - 1]) - indent + 1  # folded: a space stands for the end of a line
            line += 1
        return first + line, indent + column
    if line > 1 or node.start_mark.line != node.end_mark.line:
        return mark.line + 1, mark.column + 1
    doubled = node.value[: column - 1].count("'") if node.style == "'" else 0
    return mark.line + 1, mark.column + column + (node.style in _QUOTES) + doubled


def _children(node: Any) -> list[tuple[Any, Any]]:
    """Children by key or place; of a key that is wrong in itself, the key stands for its value."""
    if isinstance(node, yaml.MappingNode):
        return [(key.value, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return list(enumerate(node.value))
    return []
