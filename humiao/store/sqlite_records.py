"""Events, evidence and accounts in SQLite."""

from collections.abc import Sequence

from humiao.account import Account
from humiao.errors import Conflict
from humiao.event import GENESIS, Event
from humiao.evidence import Evidence
from humiao.store.fields import microseconds
from humiao.store.port import Store
from humiao.store.sqlite_file import SqliteFile


class SqliteRecords(Store):
    """The part of the store that keeps events, evidence and accounts."""

    _file: SqliteFile

    def append_event(self, event: Event) -> None:  # noqa: D102 (the port says it)
        with self._file.writing() as db:
            last = db.execute("SELECT seq, hash FROM events WHERE alert = ? ORDER BY seq DESC LIMIT 1", (event.alert,)).fetchone()
            seq, hash = last or (0, GENESIS)
            if (event.seq, event.prev) != (seq + 1, hash):
                raise Conflict(f"event {event.seq} of alert {event.alert}: does not follow event {seq}; read the events again")
            db.execute(
                "INSERT INTO events (alert, seq, hash, doc) VALUES (?, ?, ?, ?)",
                (event.alert, event.seq, event.hash, event.model_dump_json()),
            )

    def events(self, alert: str) -> list[Event]:  # noqa: D102
        with self._file.reading() as db:
            rows = db.execute("SELECT doc FROM events WHERE alert = ? ORDER BY seq", (alert,)).fetchall()
        return [Event.model_validate_json(doc) for (doc,) in rows]

    def put_evidence(self, evidence: Sequence[Evidence]) -> None:  # noqa: D102
        with self._file.writing() as db:
            db.executemany(
                "INSERT INTO evidence (id, alert, ts, doc) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET alert = excluded.alert",
                [(one.id, one.alert, microseconds(one.post.ts), one.model_dump_json()) for one in evidence],
            )

    def evidence(self, alert: str) -> list[Evidence]:  # noqa: D102
        with self._file.reading() as db:
            rows = db.execute("SELECT doc FROM evidence WHERE alert = ? ORDER BY ts, id", (alert,)).fetchall()
        return [Evidence.model_validate_json(doc).model_copy(update={"alert": alert}) for (doc,) in rows]

    def put_account(self, account: Account) -> None:  # noqa: D102
        with self._file.writing() as db:
            db.execute("INSERT OR REPLACE INTO accounts (name, doc) VALUES (?, ?)", (account.name, account.model_dump_json()))

    def account(self, name: str) -> Account | None:  # noqa: D102
        with self._file.reading() as db:
            row = db.execute("SELECT doc FROM accounts WHERE name = ?", (name,)).fetchone()
        return Account.model_validate_json(row[0]) if row else None

    def accounts(self) -> list[Account]:  # noqa: D102
        with self._file.reading() as db:
            rows = db.execute("SELECT doc FROM accounts ORDER BY name").fetchall()
        return [Account.model_validate_json(doc) for (doc,) in rows]
