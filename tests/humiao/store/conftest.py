"""Stores for tests: SQLite in a temporary folder, Elasticsearch under a prefix of its own."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from humiao.store.elasticsearch import ElasticsearchStore
from humiao.store.elasticsearch_templates import MAPPINGS


class Space:
    """All that stands under one prefix on a server, for tests to look at and to clear away."""

    def __init__(self, url: str) -> None:
        self.url, self.prefix = url, f"t{uuid.uuid4().hex[:12]}-"
        self.client = Elasticsearch(url, request_timeout=60)

    def indices(self, kind: str = "") -> list[str]:
        return sorted(name.removeprefix(self.prefix) for name in self.client.indices.get(index=f"{self.prefix}{kind}*"))

    def clear(self) -> None:
        """Empty the indices; to create them anew for each test takes ten times as long."""
        everything = f"{self.prefix}*"
        self.client.indices.refresh(index=everything)
        while hits := self.client.search(index=everything, size=5000, source=False)["hits"]["hits"]:
            bulk(self.client, ({"_op_type": "delete", "_index": hit["_index"], "_id": hit["_id"]} for hit in hits), refresh=True)

    def remove(self) -> None:
        for name in self.client.indices.get(index=f"{self.prefix}*"):
            self.client.indices.delete(index=name)
        for kind in MAPPINGS:
            self.client.options(ignore_status=404).indices.delete_index_template(name=f"{self.prefix}{kind}")


@pytest.fixture(scope="session")
def _spaces() -> Iterator[dict[str, Space]]:
    spaces: dict[str, Space] = {}
    yield spaces
    for space in spaces.values():
        if os.environ.get("HUMIAO_TEST_ELASTICSEARCH"):  # a server of our own is thrown away whole, and may be gone by now
            space.remove()
        space.client.close()


@pytest.fixture
def space(elasticsearch: str, _spaces: dict[str, Space]) -> Space:
    """An empty space on the real server, the same for all tests."""
    if elasticsearch not in _spaces:
        _spaces[elasticsearch] = Space(elasticsearch)
    _spaces[elasticsearch].clear()
    return _spaces[elasticsearch]


@pytest.fixture
def another_elasticsearch(space: Space) -> Iterator[Callable[[], ElasticsearchStore]]:
    """Opens the store in `space`, each time with connections of its own."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(ElasticsearchStore(space.url, space.prefix))
