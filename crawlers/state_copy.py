"""The durable copy of the crawl state in the store, from which another process goes on.

The file ``crawl.db`` is the fast working copy of one machine. Each time that a process takes a source over, the source's
`generation` in the store grows by one; a file that had the last generation is up to date, any other is replaced by the copy.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Collection
from typing import Final, Protocol

from crawlers.sharing.member import Notes
from crawlers.state import CrawlState
from crawlers.state_entries import all_entries, entry_text, replace_entries
from humiao import metrics

HEAD: Final = "head"
"""Key of the note that holds a source's generation; no entry is called so."""
AT_A_TIME: Final = 300
"""Entries written in one go."""


class BulkNotes(Notes, Protocol):
    """The part of the store that the copy needs."""

    def put_notes(self, kind: str, notes: dict[str, str]) -> None:
        """See `humiao.store.port`."""


def kind(source: str) -> str:
    """Kind of the notes that hold a source's crawl state."""
    return f"crawl/{source}"


class StateCopy:
    """Copies between one crawl state and one store. Every method may raise StoreUnavailable and can then be called again."""

    def __init__(self, state: CrawlState, notes: BulkNotes) -> None:
        self._state, self._notes = state, notes
        self._saving = threading.Lock()

    def take_over(self, source: str) -> bool:
        """Make the working copy at least as new as the store's before the first visit; True if it was replaced.

        Raises:
            Conflict: another process took the source over at this moment.
        """
        head = self._notes.note(kind(source), HEAD)
        newest = int(json.loads(head.value)["generation"]) if head else 0
        with self._state.transaction() as db:
            row = db.execute("SELECT generation FROM copies WHERE source = ?", (source,)).fetchone()
        own = int(row[0]) if row else 0
        texts = {}
        if head and own != newest:
            texts = {key: note.value for key, note in self._notes.notes(kind(source)).items() if key != HEAD}
        generation = max(own, newest) + 1
        self._notes.put_note(kind(source), HEAD, json.dumps({"generation": generation}), head.version if head else None)
        with self._state.transaction() as db:
            if head and own != newest:
                replace_entries(db, source, texts)
            if not head:
                _mark_all(db, source)
            db.execute("INSERT OR REPLACE INTO copies VALUES (?, ?)", (source, generation))
        if head and own != newest:
            metrics.CRAWL_STATE_RELOADED.inc()
            return True
        return False

    def save(self, sources: Collection[str], may_write: Callable[[], bool] = lambda: True) -> None:
        """Bring the copy up to date, as long as `may_write`."""
        with self._saving:  # of two threads the slower one would write what it read before the faster one did
            for source in sources:
                while may_write() and self._save_some(source):
                    continue
        metrics.CRAWL_STATE_UNSAVED.set(self.unsaved(sources))

    def unsaved(self, sources: Collection[str]) -> int:
        """Entries that the copy does not have yet."""
        with self._state.transaction() as db:
            return sum(db.execute("SELECT count(*) FROM unsaved WHERE source = ?", (source,)).fetchone()[0] for source in sources)

    def _save_some(self, source: str) -> bool:
        """True if there may be more."""
        with self._state.transaction() as db:
            marks = db.execute("SELECT entry, mark FROM unsaved WHERE source = ? LIMIT ?", (source, AT_A_TIME)).fetchall()
            texts = {entry: entry_text(db, source, entry) for entry, _ in marks}
        if not marks:
            return False
        if kept := {entry: text for entry, text in texts.items() if text is not None}:
            self._notes.put_notes(kind(source), kept)
        if gone := [entry for entry, text in texts.items() if text is None]:
            self._notes.drop_notes(kind(source), gone)
        with self._state.transaction() as db:
            query = "DELETE FROM unsaved WHERE source = ? AND entry = ? AND mark = ?"
            db.executemany(query, [(source, entry, mark) for entry, mark in marks])
        return len(marks) == AT_A_TIME


def _mark_all(db: sqlite3.Connection, source: str) -> None:
    """The store has nothing of the source: everything is to be copied."""
    query = "INSERT INTO unsaved VALUES (?, ?, random()) ON CONFLICT DO UPDATE SET mark = excluded.mark"
    db.executemany(query, [(source, entry) for entry in all_entries(db, source)])
