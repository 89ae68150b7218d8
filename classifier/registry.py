"""Which checkpoint judges: ``DATA/models/VERSION/`` holds challengers, ``DATA/models/history.jsonl`` what people did with them.

The history is append-only; the last promotion or roll-back in it names the model in use. Without one the shipped model judges.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from classifier import weights
from classifier.outcome import Outcome
from humiao.errors import BadInput, Conflict, NotFound

HISTORY: Final = "history.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history."""

    at: str
    """UTC, ISO 8601."""
    act: str
    """``trained``, ``gated``, ``promoted`` or ``rolled_back``."""
    version: str
    """The model that it is about; after a roll-back the one in use."""
    by: str
    note: str = ""


class Registry:
    """The models of one installation."""

    def __init__(self, data: Path, base: Path | None = None) -> None:
        """`data`: the installation's folder; `base`: the checkpoint used before any promotion, None = the shipped one."""
        self.folder = data / "models"
        self.base = base or weights.SHIPPED

    def history(self) -> list[Entry]:
        """Everything that happened, oldest first.

        Raises:
            BadInput: a line can't be read; the message names it.
        """
        file = self.folder / HISTORY
        if not file.exists():
            return []
        entries = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entries.append(Entry(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise BadInput(f"{file}:{number}: is no entry of the history ({error}); mend or remove the line") from error
        return entries

    def base_version(self) -> str:
        """Version of the checkpoint that is used before any promotion."""
        return weights.version_of(self.base)

    def active(self) -> str:
        """Version of the model in use."""
        used = [entry.version for entry in self.history() if entry.act in {"promoted", "rolled_back"}]
        return used[-1] if used else self.base_version()

    def path(self, version: str) -> Path:
        """Folder of the checkpoint `version`.

        Raises:
            NotFound: there is none.
        """
        folder = self.folder / version
        if version and folder.parent == self.folder and (folder / "judge.json").exists():
            return folder
        if version == self.base_version():
            return self.base
        raise NotFound(f"model {version}: there is none in {self.folder}; see humiao models list")

    def versions(self) -> list[str]:
        """All models, the base first, then by name."""
        own = sorted(file.parent.name for file in self.folder.glob("*/judge.json") if not file.parent.name.startswith("."))
        return [self.base_version(), *own]

    def add(self, make: Callable[[Path], str], by: str, now: datetime, note: str = "") -> str:
        """Have `make` write a checkpoint into a folder and take it in under its version, which this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f".partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            version = make(partial)
            target = self.folder / version
            if target.exists():  # the same decisions give the same weights
                shutil.rmtree(partial)
            else:
                partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        self._write(Entry(now.isoformat(timespec="seconds"), "trained", version, by, note))
        return version

    def gated(self, outcome: Outcome, by: str) -> None:
        """Keep what the gate found of a challenger."""
        outcome.save(self.path(outcome.challenger))
        self._write(Entry(outcome.at, "gated", outcome.challenger, by, "passed" if outcome.passed else "refused"))

    def promote(self, version: str, by: str, now: datetime) -> None:
        """Put `version` in use.

        Raises:
            NotFound: there is no such model.
            Conflict: it is in use, the gate has not compared it with the model in use, or refused it.
        """
        active = self.active()
        folder = self.path(version)
        if version == active:
            raise Conflict(f"model {version}: is in use already")
        outcome = Outcome.load(folder)
        if outcome is None or outcome.champion != active:
            raise Conflict(f"model {version}: the gate has not compared it with {active}; run humiao models gate {version}")
        if not outcome.passed:
            raise Conflict(f"model {version}: the gate refused it: {'; '.join(outcome.refusals)}")
        self._write(Entry(now.isoformat(timespec="seconds"), "promoted", version, by, f"instead of {active}"))

    def roll_back(self, by: str, now: datetime) -> str:
        """Put the model in use that was in use before the present one; returns its version.

        Raises:
            Conflict: there was none before.
        """
        stack = [self.base_version()]
        for entry in self.history():
            if entry.act == "promoted":
                stack.append(entry.version)
            elif entry.act == "rolled_back" and len(stack) > 1:
                stack.pop()
        if len(stack) == 1:
            raise Conflict(f"model {stack[0]}: is the first one, there is none to go back to")
        left, version = stack[-1], stack[-2]
        self.path(version)
        self._write(Entry(now.isoformat(timespec="seconds"), "rolled_back", version, by, f"from {left}"))
        return version

    def _write(self, entry: Entry) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
