"""Names of WARC files: whose pages, begun when, and whether they hold pages or only notes that pages had not changed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_STAMP: Final = "%Y%m%d%H%M%S"
_PATTERN: Final = re.compile(r"(?P<source>.+)-(?P<begun>\d{14})-\d+(-\d+)?(?P<revisits>\.revisits)?\.warc\.gz")


@dataclass(frozen=True)
class FileName:
    """What a name says."""

    source: str
    begun: datetime
    """UTC, whole seconds."""
    revisits: bool
    """Only revisit records, each with its request: nothing ever refers to them."""

    @classmethod
    def of(cls, name: str) -> "FileName | None":
        """None for a file that is not ours."""
        found = _PATTERN.fullmatch(name)
        if not found:
            return None
        try:
            begun = datetime.strptime(found["begun"], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(found["source"], begun, found["revisits"] is not None)


def new_name(name: FileName, process: int, number: int) -> str:
    """The name of a file begun by `process`; `number` (from 1) tells apart those begun within a second."""
    stem = f"{name.source}-{name.begun:{_STAMP}}-{process}" + (f"-{number}" if number > 1 else "")
    return stem + (".revisits" if name.revisits else "") + ".warc.gz"


def sealed(mode: int) -> bool:
    """Whether a file with these mode bits is finished: who finishes one takes the right to write away."""
    return not mode & 0o200


def seal(file: Path) -> None:
    """Mark a file as finished."""
    file.chmod(0o440)
