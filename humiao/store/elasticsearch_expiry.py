"""Expiry of cleared posts in Elasticsearch: whole indices where nothing must stay, single posts elsewhere."""

from collections.abc import Iterator  # noqa: TC003
from datetime import datetime
from itertools import islice
from typing import Any, Final

from humiao.store.elasticsearch_client import Cluster, Json
from humiao.store.elasticsearch_templates import CATCH_ALL
from humiao.store.fields import microseconds

_AT_A_TIME: Final = 1_000


def expire(cluster: Cluster, alias: str, before: datetime) -> int:
    """Delete cleared posts handled before `before`; returns how many went."""
    old: Json = {"bool": {"filter": [{"term": {"outcome": "cleared"}}, {"range": {"handled_us": {"lt": microseconds(before)}}}]}}
    must_stay: Json = {"bool": {"must_not": [old]}}
    cluster.refresh(alias)
    gone = 0
    for index, settings in cluster.client.indices.get_settings(index=alias, flat_settings=True).items():
        if index != f"{alias}-{CATCH_ALL}" and not cluster.count(index, must_stay):
            gone += _drop(cluster, index, must_stay)
        elif "index.blocks.write" in settings["settings"]:
            _unblock(cluster, index)  # left behind by a process that ended while it looked
    return gone + _delete(cluster, alias, old)


def _drop(cluster: Cluster, index: str, must_stay: Json) -> int:
    """Delete the index, unless a post that must stay arrived since; none can once writes are blocked.

    A writer who meets the block tries again, and by then the index is gone (and comes into being anew) or open.
    """
    cluster.client.indices.add_block(index=index, block="write")
    cluster.refresh(index)
    if cluster.count(index, must_stay):
        _unblock(cluster, index)
        return 0
    held = cluster.count(index, {"match_all": {}})
    cluster.client.indices.delete(index=index)
    return held


def _unblock(cluster: Cluster, index: str) -> None:
    cluster.client.indices.put_settings(index=index, settings={"index.blocks.write": None})


def _delete(cluster: Cluster, alias: str, old: Json) -> int:
    """Delete one by one, each only if it hasn't changed since it was found: a new revision may have led to an alert."""
    actions: Iterator[dict[str, Any]] = (
        {
            "_op_type": "delete", "_index": hit["_index"], "_id": hit["_id"],
            "if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"],
        }
        for hit in cluster.each(alias, old, ["_shard_doc"], source=False, seq_no_primary_term=True)
    )  # fmt: skip
    gone = 0
    while some := list(islice(actions, _AT_A_TIME)):
        gone += len(cluster.bulk(some, refresh=True)[0])
    return gone
