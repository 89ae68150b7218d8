"""Expiry of cleared posts in Elasticsearch: whole indices where nothing must stay, single posts elsewhere."""

import time
from collections.abc import Iterator  # noqa: TC003
from datetime import datetime
from itertools import islice
from typing import Any, Final

from humiao.store.elasticsearch_client import Cluster, Json
from humiao.store.elasticsearch_templates import CATCH_ALL
from humiao.store.fields import microseconds

_AT_A_TIME: Final = 1_000
DECIDE_SECONDS: Final = 2
"""Longest time between blocking an index and asking for its deletion. Writers wait longer before they take a block for one that
a dead process left behind."""


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
            unblock(cluster, index)  # left behind by a process that ended while it looked
    return gone + _delete(cluster, alias, old)


def _drop(cluster: Cluster, index: str, must_stay: Json) -> int:
    """Delete the index, unless a post that must stay arrived since; none can once writes are blocked.

    A writer who meets the block tries again, and by then the index is gone (and comes into being anew) or open.
    """
    began, dropped = time.monotonic(), False
    cluster.client.indices.add_block(index=index, block="write")
    try:
        cluster.refresh(index)
        if cluster.count(index, must_stay):
            return 0
        held = cluster.count(index, {"match_all": {}})
        if time.monotonic() - began > DECIDE_SECONDS:
            return 0  # a writer may have opened it by now; next time
        cluster.client.indices.delete(index=index, master_timeout=f"{DECIDE_SECONDS}s")
        dropped = True
        return held
    finally:
        if not dropped:
            unblock(cluster, index)


def unblock(cluster: Cluster, index: str) -> None:
    """Let posts in again; nothing happens if the index is gone."""
    cluster.client.options(ignore_status=404).indices.put_settings(index=index, settings={"index.blocks.write": None})


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
