"""Notes in Elasticsearch: one index, written against `seq_no:primary_term`; lists refresh before they look."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

from elasticsearch import ConflictError, NotFoundError

from humiao.errors import BadInput, Conflict
from humiao.store.elasticsearch_client import Cluster, version_parts
from humiao.store.port import Store, Versioned


class ElasticsearchNotes(Store):
    """The part of the store that keeps notes."""

    _cluster: Cluster

    @property
    def _notes(self) -> str:
        return f"{self._cluster.prefix}notes"

    def note(self, kind: str, key: str) -> Versioned[str] | None:  # noqa: D102 (the port says it)
        with self._cluster.asked():
            try:
                return _versioned(self._cluster.client.get(index=self._notes, id=_id(kind, key), source_includes=["doc"]))
            except NotFoundError as error:
                if "error" in error.body:  # the index is missing, not the record
                    raise
                return None

    def notes(self, kind: str) -> dict[str, Versioned[str]]:  # noqa: D102
        with self._cluster.asked():
            self._cluster.refresh(self._notes)
            hits = self._cluster.each(
                self._notes, {"term": {"kind": kind}}, [{"key": "asc"}], source=["key", "doc"], seq_no_primary_term=True
            )
            return {hit["_source"]["key"]: _versioned(hit) for hit in hits}

    def put_note(self, kind: str, key: str, text: str, version: str | None) -> str:  # noqa: D102
        document, id = {"kind": kind, "key": key, "doc": text}, _id(kind, key)
        with self._cluster.asked():
            try:
                if version is None:
                    answer = self._cluster.once.create(index=self._notes, id=id, document=document)
                else:
                    seq_no, primary_term = version_parts(f"note {kind}/{key}", version)
                    answer = self._cluster.once.index(
                        index=self._notes, id=id, document=document, if_seq_no=seq_no, if_primary_term=primary_term
                    )
            except ConflictError as error:
                what = "exists already" if version is None else "was written or dropped by someone else since it was read"
                raise Conflict(f"note {kind}/{key}: {what}; read it again and decide anew") from error
        return f"{answer['_seq_no']}:{answer['_primary_term']}"

    def put_notes(self, kind: str, notes: Mapping[str, str]) -> None:  # noqa: D102
        self._write(
            {"_op_type": "index", "_index": self._notes, "_id": _id(kind, key), "kind": kind, "key": key, "doc": text}
            for key, text in notes.items()
        )

    def drop_notes(self, kind: str, keys: Collection[str]) -> None:  # noqa: D102
        self._write({"_op_type": "delete", "_index": self._notes, "_id": _id(kind, key)} for key in keys)

    def _write(self, actions: Any) -> None:
        with self._cluster.asked():
            _, rejected = self._cluster.bulk(actions, refresh=False)
        refused = [one for one in rejected if one.status != 404]  # noqa: PLR2004 (nothing there to delete)
        if refused:
            raise BadInput(f"note {refused[0].id}: the store refused it ({refused[0].reason})")


def _id(kind: str, key: str) -> str:
    return sha256(f"{kind}\x1f{key}".encode()).hexdigest()[:40]  # a key may be longer than an id, or an address


def _versioned(hit: Any) -> Versioned[str]:
    return Versioned(hit["_source"]["doc"], f"{hit['_seq_no']}:{hit['_primary_term']}")
