"""What the gate found of a challenger, kept beside its weights; reading it needs none of the libraries that comparing does."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

FILE: Final = "gate.json"
"""In the challenger's folder."""


@dataclass(frozen=True)
class Outcome:
    """What the gate found."""

    champion: str
    challenger: str
    at: str
    """When (UTC, ISO 8601)."""
    refusals: list[str] = field(default_factory=list)
    """Why the challenger may not be promoted; empty = it may."""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether a person may promote it."""
        return not self.refusals

    def save(self, folder: Path) -> None:
        """Write it beside the challenger's weights."""
        (folder / FILE).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Outcome | None":
        """What `save` wrote, if anything."""
        file = folder / FILE
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
