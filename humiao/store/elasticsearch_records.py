"""Events, evidence and accounts in Elasticsearch; as with alerts, searches refresh before they look."""

from collections.abc import Sequence
from typing import Any

from elasticsearch import ConflictError, NotFoundError

from humiao.account import Account
from humiao.errors import BadInput, Conflict
from humiao.event import GENESIS, Event
from humiao.evidence import Evidence
from humiao.store.elasticsearch_client import Cluster
from humiao.store.fields import microseconds
from humiao.store.port import Store


class ElasticsearchRecords(Store):
    """The part of the store that keeps events, evidence and accounts."""

    _cluster: Cluster

    def append_event(self, event: Event) -> None:  # noqa: D102 (the port says it)
        with self._cluster.asked():
            before = self._document("events", f"{event.alert}:{event.seq - 1}") if event.seq > 1 else None
            hash = Event.model_validate_json(before).hash if before else GENESIS if event.seq == 1 else None
            if event.prev != hash:
                raise Conflict(f"event {event.seq} of alert {event.alert}: does not follow the one before; read the events again")
            document = {
                "alert": event.alert, "seq": event.seq, "kind": event.kind, "actor": event.actor,
                "at": microseconds(event.at) // 1000, "doc": event.model_dump_json(),
            }  # fmt: skip
            try:
                self._cluster.once.create(index=self._alias("events"), id=f"{event.alert}:{event.seq}", document=document)
            except ConflictError as error:
                raise Conflict(f"event {event.seq} of alert {event.alert}: exists already; read the events again") from error

    def events(self, alert: str) -> list[Event]:  # noqa: D102
        return [Event.model_validate_json(source["doc"]) for source in self._all("events", {"term": {"alert": alert}}, "seq")]

    def put_evidence(self, evidence: Sequence[Evidence]) -> None:  # noqa: D102
        # An update with an upsert: the whole record where there is none, the alert alone where there is one.
        actions: list[dict[str, Any]] = [
            {
                "_op_type": "update", "_index": self._alias("evidence"), "_id": one.id, "retry_on_conflict": 5,
                "doc": {"alert": one.alert},
                "upsert": {
                    "id": one.id, "alert": one.alert, "post": one.post.id, "ts_us": microseconds(one.post.ts),
                    "doc": one.model_dump_json(),
                },
            }
            for one in evidence
        ]  # fmt: skip
        with self._cluster.asked():
            _, rejected = self._cluster.bulk(actions, refresh=False)
        if rejected:
            raise BadInput(f"evidence {rejected[0].id}: the store refused it ({rejected[0].reason})")

    def evidence(self, alert: str) -> list[Evidence]:  # noqa: D102
        found = self._all("evidence", {"term": {"alert": alert}}, "ts_us", "id")
        return [Evidence.model_validate_json(source["doc"]).model_copy(update={"alert": alert}) for source in found]

    def put_account(self, account: Account) -> None:  # noqa: D102
        document = {"name": account.name, "role": account.role.value, "doc": account.model_dump_json()}
        with self._cluster.asked():
            self._cluster.client.index(index=self._alias("accounts"), id=_account_id(account.name), document=document)

    def account(self, name: str) -> Account | None:  # noqa: D102
        with self._cluster.asked():
            doc = self._document("accounts", _account_id(name))
        return Account.model_validate_json(doc) if doc else None

    def accounts(self) -> list[Account]:  # noqa: D102
        return [Account.model_validate_json(source["doc"]) for source in self._all("accounts", {"match_all": {}}, "name")]

    def _alias(self, kind: str) -> str:
        return f"{self._cluster.prefix}{kind}"

    def _document(self, kind: str, id: str) -> str | None:
        """The JSON of one record, as its last finished write left it."""
        try:
            return str(self._cluster.client.get(index=self._alias(kind), id=id, source_includes=["doc"])["_source"]["doc"])
        except NotFoundError as error:
            if "error" in error.body:  # the index is missing, not the record
                raise
            return None

    def _all(self, kind: str, query: dict[str, Any], *order: str) -> list[dict[str, Any]]:
        with self._cluster.asked():
            self._cluster.refresh(self._alias(kind))
            hits = self._cluster.each(self._alias(kind), query, [{field: "asc"} for field in order], source=["doc"])
            return [hit["_source"] for hit in hits]


def _account_id(name: str) -> str:
    return f"account:{name}"  # a name may be "..", which an address would swallow
