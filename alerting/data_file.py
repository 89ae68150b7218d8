"""Data that an operator writes: what is wrong with a file, told in one line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from humiao.errors import SettingsError


def read_yaml(file: Path, setting: str) -> Any:
    """The content of `file`; `setting`: the one that names it.

    Raises:
        SettingsError: it can't be read, or is no YAML.
    """
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: can't be read ({error.strerror}); name another in {setting}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: is not YAML: {' '.join(str(error).split())}") from error


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a part of a file."""

    path: tuple[int | str, ...]
    """Keys and positions down to it."""
    reason: str
    is_unknown: bool
    """Whether it is a field that does not exist."""

    @property
    def field(self) -> str:
        """The path as text."""
        return ".".join(str(part) for part in self.path) or "file"


def first_problem(error: ValidationError) -> Problem:
    """The first of what `error` names; never quotes what the file holds."""
    first = error.errors(include_url=False, include_input=False)[0]
    return Problem(first["loc"], first["msg"].removeprefix("Value error, "), first["type"] == "extra_forbidden")
