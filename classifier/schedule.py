"""The one file that says how a checkpoint is made: pretraining, then one training after the other."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from classifier.pretraining import Plan
from classifier.training import Recipe
from humiao.errors import BadInput

SHIPPED: Final = Path(__file__).parent / "schedule.toml"


@dataclass(frozen=True)
class Schedule:
    """What ``schedule.toml`` says."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    pretraining: Plan
    training: tuple[Recipe, ...]
    """In order; each goes on from the one before, the last one gives the checkpoint."""


def read(file: Path = SHIPPED) -> Schedule:
    """The schedule in `file`.

    Raises:
        BadInput: it can't be read, is no TOML, or has a wrong or unknown key.
    """
    try:
        found = TypeAdapter(Schedule).validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file}: is no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(f"{file}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    if not found.training:
        raise BadInput(f"{file}: training: has no entry")
    return found
