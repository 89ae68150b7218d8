"""The rolling window: how long a WARC file is kept, and when a page that has not changed is kept in full again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawlers.warc.names import FileName
from humiao.post import Capture


@dataclass(frozen=True)
class Window:
    """All that was fetched is kept for `keep` after that. A file that later visits refer to stays until they leave as well.

    Since pages are referred to only during the first half of their time, no file outlives one and a half times `keep`.
    """

    keep: timedelta = timedelta(days=7)
    file_age: timedelta = timedelta(hours=1)
    """After which a new file is begun: the newest record of a file is at most that much younger than the file."""

    def may_refer(self, original: Capture, now: datetime) -> bool:
        """Whether a page that still has the content of `original` may be kept as a reference to it."""
        return now - original.captured_at <= self.keep / 2

    def expires(self, name: FileName, needed: datetime) -> datetime:
        """When a file may be deleted; `needed`, its modification time, says when the latest file that refers to it was begun."""
        latest = name.begun + self.file_age + self.keep / 2
        begun = name.begun if name.revisits else max(name.begun, min(needed.astimezone(UTC), latest))
        return begun + self.file_age + self.keep
