"""Alerts in SQLite: written against a version, found by key, listed by urgency."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from humiao.alert import BETWEEN_PLACES, Alert, Grade
from humiao.errors import Conflict
from humiao.store import cursor
from humiao.store.fields import HIDDEN, alert_fields
from humiao.store.port import AlertFilter, Page, Store, Versioned
from humiao.store.sqlite_file import SqliteFile


class SqliteAlerts(Store):
    """The part of the store that keeps alerts."""

    _file: SqliteFile

    def alert(self, id: str) -> Versioned[Alert] | None:  # noqa: D102 (the port says it)
        with self._file.reading() as db:
            row = db.execute("SELECT doc, version FROM alerts WHERE id = ?", (id,)).fetchone()
        return _versioned(*row) if row else None

    def put_alert(self, alert: Alert, version: str | None) -> str:  # noqa: D102
        fields = alert_fields(alert)
        with self._file.writing() as db:
            row = db.execute("SELECT version FROM alerts WHERE id = ?", (alert.id,)).fetchone()
            stands = str(row[0]) if row else None
            if stands != version:
                raise Conflict(_conflict(alert.id, version, stands))
            new = int(stands or 0) + 1
            db.execute(
                "INSERT OR REPLACE INTO alerts (id, version, grade, rank, deadline, status, kind, leader_ts, harm, doc)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    fields.id, new, fields.grade, fields.rank, fields.deadline, fields.status, fields.kind, fields.leader_ts,
                    "|".join(["", *fields.harm, ""]), fields.doc,
                ),
            )  # fmt: skip
            db.execute("DELETE FROM alert_keys WHERE alert = ?", (alert.id,))
            db.executemany("INSERT INTO alert_keys (key, alert) VALUES (?, ?)", [(key, alert.id) for key in fields.keys])
        return str(new)

    def alerts_by_keys(self, keys: Collection[str], *, limit: int = 200) -> list[Versioned[Alert]]:  # noqa: D102
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT doc, version FROM alerts WHERE status <> 'merged'"
                " AND id IN (SELECT alert FROM alert_keys WHERE key IN (SELECT value FROM json_each(?)))"
                " ORDER BY leader_ts, id LIMIT ?",
                (json.dumps(list(keys)), cursor.page_size(limit)),
            ).fetchall()
        return [_versioned(*row) for row in rows]

    def alerts(self, narrow: AlertFilter, *, limit: int = 50, after: str | None = None) -> Page[Alert]:  # noqa: D102
        size = cursor.page_size(limit)
        where, values = _conditions(narrow)
        if after is not None:
            where.append("(rank, deadline, id) > (?, ?, ?)")
            values += cursor.decode(after, "sqlite-alerts", int, int, str)
        with self._file.reading() as db:
            rows = db.execute(
                f"SELECT rank, deadline, id, doc FROM alerts WHERE {' AND '.join(where)} ORDER BY rank, deadline, id LIMIT ?",  # noqa: S608 (fixed texts)
                [*values, size + 1],
            ).fetchall()
        items = [Alert.model_validate_json(row[3]) for row in rows[:size]]
        return Page(items, cursor.encode("sqlite-alerts", *rows[size - 1][:3]) if len(rows) > size else None)

    def count_alerts(self, narrow: AlertFilter) -> Mapping[Grade, int]:  # noqa: D102
        where, values = _conditions(narrow)
        with self._file.reading() as db:
            rows = db.execute(f"SELECT grade, count(*) FROM alerts WHERE {' AND '.join(where)} GROUP BY grade", values).fetchall()  # noqa: S608
        counted = dict(rows)
        return {grade: counted.get(grade.value, 0) for grade in Grade}


def _versioned(doc: str, version: int) -> Versioned[Alert]:
    return Versioned(Alert.model_validate_json(doc), str(version))


def _conflict(id: str, version: str | None, stands: str | None) -> str:
    if version is None:
        return f"alert {id}: exists already; read it and decide anew"
    what = "does not exist" if stands is None else "was written by someone else since it was read"
    return f"alert {id}: {what}; read it again and decide anew"


def _conditions(narrow: AlertFilter) -> tuple[list[str], list[Any]]:
    """Conditions in SQL (never none), and the values of their question marks."""
    where, values = [], []
    if narrow.statuses is None:
        where.append("status NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(HIDDEN)))
    else:
        where.append("status IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(narrow.statuses)))
    if narrow.grades is not None:
        where.append("grade IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(narrow.grades)))
    if narrow.harm is not None:
        where.append("instr(harm, ?)")
        values.append(f"|{narrow.harm.value}|")
    if narrow.kind is not None:
        where.append("kind = ?")
        values.append(narrow.kind)
    if narrow.place is not None:  # read from the record: an own column would have to be filled in for every older file
        where.append("instr(? || json_extract(doc, '$.place') || ?, ? || ? || ?)")
        values += [BETWEEN_PLACES, BETWEEN_PLACES, BETWEEN_PLACES, narrow.place, BETWEEN_PLACES]
    return where, values
