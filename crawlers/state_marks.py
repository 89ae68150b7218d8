"""What of the crawl state the store's copy does not have yet: marked by the database itself, in the transaction of each change.

An entry is named ``t URL`` (a thread with its posts), ``f XX`` (posts of no thread whose id begins so), ``p URL`` (a page) or
``n NAME`` (a note). A mark is drawn by lot, so that an entry changed again while it is being copied keeps a mark.
"""

from typing import Final

_MARK: Final = "INSERT INTO unsaved VALUES ({row}.source, {entry}, random()) ON CONFLICT DO UPDATE SET mark = excluded.mark;"
_ENTRIES: Final = {
    "posts": "CASE {row}.thread WHEN '' THEN 'f ' || substr({row}.id, 1, 2) ELSE 't ' || {row}.thread END",
    "threads": "'t ' || {row}.url",
    "pages": "'p ' || {row}.url",
    "notes": "'n ' || {row}.name",
}


def _mark(table: str, row: str) -> str:
    return _MARK.format(row=row, entry=_ENTRIES[table].format(row=row))


def _triggers(table: str) -> str:
    moved = f"""CREATE TRIGGER IF NOT EXISTS {table}_moved AFTER UPDATE ON {table}
        WHEN OLD.source <> NEW.source OR {_ENTRIES[table].format(row="OLD")} <> {_ENTRIES[table].format(row="NEW")}
        BEGIN {_mark(table, "OLD")} END;"""
    kept = "".join(
        f"CREATE TRIGGER IF NOT EXISTS {table}_{event.lower()} AFTER {event} ON {table} BEGIN {_mark(table, row)} END;"
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    )
    return moved + kept


MARKS: Final = """
CREATE TABLE IF NOT EXISTS unsaved (source TEXT NOT NULL, entry TEXT NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (source, entry))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS copies (source TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
""" + "".join(_triggers(table) for table in _ENTRIES)
"""Tables and triggers, to be created after the tables that they watch."""
