"""What the demo forum remembers between two starts: its clock, its port and what has changed since (``DIR/forum.json``)."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The instant, in UTC, without fractions of a second."""
    return datetime.now(UTC).replace(microsecond=0)


class Memory:
    """Durable facts of one forum. Thread-safe."""

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self._file, self._clock, self._lock = folder / "forum.json", clock, threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        known: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self.started_at = datetime.fromisoformat(known["started_at"]) if known else clock()
        self.port = int(known.get("port", 0))
        self._changes = {key: datetime.fromisoformat(at) for key, at in known.get("changes", {}).items()}
        self._save()

    def now(self) -> datetime:
        """The forum's time (UTC)."""
        return self._clock()

    def settle_port(self, port: int) -> None:
        """Remember the port, so that addresses stay the same after a restart."""
        with self._lock:
            self.port = port
            self._save()

    def changed_at(self, thread: str) -> datetime | None:
        """When the thread's edit and deletion happened; None = not yet."""
        with self._lock:
            due = self._changes.get(thread)
        return due if due and due <= self._clock() else None

    def change_later(self, thread: str, after: timedelta) -> None:
        """Let the thread's edit and deletion happen `after` from now, unless that is already settled."""
        with self._lock:
            if thread not in self._changes:
                self._changes[thread] = self._clock() + after
                self._save()

    def _save(self) -> None:
        content = {
            "started_at": self.started_at.isoformat(),
            "port": self.port,
            "changes": {key: at.isoformat() for key, at in self._changes.items()},
        }
        partial = self._file.with_suffix(".json.new")
        partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
        partial.replace(self._file)
