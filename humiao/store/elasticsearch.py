"""The store for production: Elasticsearch 9, by its client. Needs no plug-in, script or stored procedure of the server."""

from humiao.errors import StoreUnavailable
from humiao.store.elasticsearch_alerts import ElasticsearchAlerts
from humiao.store.elasticsearch_client import Cluster
from humiao.store.elasticsearch_notes import ElasticsearchNotes
from humiao.store.elasticsearch_posts import ElasticsearchPosts
from humiao.store.elasticsearch_records import ElasticsearchRecords
from humiao.store.elasticsearch_templates import MAPPINGS, install


class ElasticsearchStore(ElasticsearchPosts, ElasticsearchAlerts, ElasticsearchRecords, ElasticsearchNotes):
    """A store in the cluster at `url`, under aliases that begin with `prefix`. Safe to share between threads and processes."""

    def __init__(self, url: str, prefix: str = "") -> None:
        """Connect, and put templates and first indices if they are missing.

        Raises:
            SettingsError: `url` is none, or a newer version of humiao put the templates.
            StoreUnavailable: the cluster doesn't answer.
        """
        self._cluster = Cluster(url, prefix)
        try:
            install(self._cluster)
        except BaseException:
            self._cluster.close()
            raise

    def ping(self) -> None:  # noqa: D102 (the port says it)
        with self._cluster.asked():
            health = self._cluster.client.cluster.health(index=[f"{self._cluster.prefix}{kind}" for kind in MAPPINGS], timeout="5s")
        if health["status"] == "red":
            raise StoreUnavailable(f"store {self._cluster.name}: its health is red; see which index lacks a primary shard")

    def close(self) -> None:  # noqa: D102
        self._cluster.close()
