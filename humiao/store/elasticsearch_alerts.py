"""Alerts in Elasticsearch: one index, written against `seq_no:primary_term`.

Writes don't refresh; the searches below do before they look. One small index that is mostly unchanged makes that nearly free,
while a batch of posts writes many alerts one by one.
"""

from collections.abc import Collection, Mapping
from typing import Any

from elasticsearch import ConflictError, NotFoundError

from humiao.alert import Alert, Grade, Status
from humiao.errors import Conflict
from humiao.store import cursor
from humiao.store.elasticsearch_client import Cluster, Json, version_parts
from humiao.store.fields import HIDDEN, AlertFields, alert_fields
from humiao.store.port import AlertFilter, Page, Store, Versioned

MOST_URGENT_FIRST = ({"rank": "asc"}, {"deadline_us": "asc"}, {"id": "asc"})


class ElasticsearchAlerts(Store):
    """The part of the store that keeps alerts."""

    _cluster: Cluster

    @property
    def _alerts(self) -> str:
        return f"{self._cluster.prefix}alerts"

    def alert(self, id: str) -> Versioned[Alert] | None:  # noqa: D102 (the port says it)
        with self._cluster.asked():
            try:
                return _versioned(self._cluster.client.get(index=self._alerts, id=id, source_includes=["doc"]))
            except NotFoundError as error:
                if "error" in error.body:  # the index is missing, not the record
                    raise
                return None

    def put_alert(self, alert: Alert, version: str | None) -> str:  # noqa: D102
        document = _source(alert_fields(alert))
        with self._cluster.asked():
            try:
                if version is None:
                    answer = self._cluster.once.create(index=self._alerts, id=alert.id, document=document)
                else:
                    seq_no, primary_term = version_parts(f"alert {alert.id}", version)
                    answer = self._cluster.once.index(
                        index=self._alerts, id=alert.id, document=document, if_seq_no=seq_no, if_primary_term=primary_term
                    )
            except ConflictError as error:
                what = "exists already" if version is None else "was written by someone else since it was read, or does not exist"
                raise Conflict(f"alert {alert.id}: {what}; read it again and decide anew") from error
        return f"{answer['_seq_no']}:{answer['_primary_term']}"

    def alerts_by_keys(self, keys: Collection[str], *, limit: int = 200) -> list[Versioned[Alert]]:  # noqa: D102
        wanted = {"bool": {"filter": [{"terms": {"keys": list(keys)}}], "must_not": [{"term": {"status": Status.MERGED.value}}]}}
        with self._cluster.asked():
            self._cluster.refresh(self._alerts)
            answer = self._cluster.search(
                index=self._alerts, query=wanted, sort=[{"leader_us": "asc"}, {"id": "asc"}], size=cursor.page_size(limit),
                seq_no_primary_term=True, source=["doc"],
            )  # fmt: skip
        return [_versioned(hit) for hit in answer["hits"]["hits"]]

    def alerts(self, narrow: AlertFilter, *, limit: int = 50, after: str | None = None) -> Page[Alert]:  # noqa: D102
        with self._cluster.asked():
            if after is None:
                self._cluster.refresh(self._alerts)
            docs, more = self._cluster.page(
                self._alerts, _wanted(narrow), MOST_URGENT_FIRST, (int, int, str), limit=limit, after=after
            )
        return Page([Alert.model_validate_json(doc) for doc in docs], more)

    def count_alerts(self, narrow: AlertFilter) -> Mapping[Grade, int]:  # noqa: D102
        with self._cluster.asked():
            self._cluster.refresh(self._alerts)
            answer = self._cluster.search(
                index=self._alerts,
                size=0,
                query=_wanted(narrow),
                aggs={"grades": {"terms": {"field": "grade", "size": len(Grade)}}},
            )
        counted = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["grades"]["buckets"]}
        return {grade: counted.get(grade.value, 0) for grade in Grade}


def _versioned(hit: Any) -> Versioned[Alert]:
    return Versioned(Alert.model_validate_json(hit["_source"]["doc"]), f"{hit['_seq_no']}:{hit['_primary_term']}")


def _source(alert: AlertFields) -> dict[str, Any]:
    return {
        "id": alert.id, "grade": alert.grade, "rank": alert.rank, "deadline": alert.deadline // 1000, "deadline_us": alert.deadline,
        "status": alert.status, "kind": alert.kind, "leader_us": alert.leader_ts, "harm": alert.harm, "place": alert.place,
        "keys": alert.keys, "doc": alert.doc,
    }  # fmt: skip


def _wanted(narrow: AlertFilter) -> Json:
    conditions: list[Json] = []
    if narrow.statuses is None:
        conditions.append({"bool": {"must_not": [{"terms": {"status": sorted(HIDDEN)}}]}})
    else:
        conditions.append({"terms": {"status": sorted(narrow.statuses)}})
    if narrow.grades is not None:
        conditions.append({"terms": {"grade": sorted(narrow.grades)}})
    if narrow.harm is not None:
        conditions.append({"term": {"harm": narrow.harm.value}})
    if narrow.kind is not None:
        conditions.append({"term": {"kind": narrow.kind}})
    if narrow.place is not None:
        conditions.append({"term": {"place": narrow.place}})
    return {"bool": {"filter": conditions}}
