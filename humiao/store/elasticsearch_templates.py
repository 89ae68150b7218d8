"""Index templates of the Elasticsearch store. Mappings are strict: a field that isn't named here is refused.

Every record is kept whole as JSON text in `doc` (not indexed); the other fields are for filters, order and search, and for people
who look with other tools.
"""

from datetime import timedelta
from typing import Any, Final

from elasticsearch import BadRequestError

from humiao.errors import SettingsError
from humiao.store.elasticsearch_client import Cluster
from humiao.store.fields import PostFields, instant

VERSION: Final = 3
"""Raise it with every change of MAPPINGS."""
CATCH_ALL: Final = "other"
"""Index of posts whose year is out of the ordinary; it always exists, so that the alias does."""
NEAR: Final = timedelta(days=40)
"""A post handled within this time of its own has a daily index; older history is kept by the year, so that a file of twenty
years of posts doesn't ask the cluster for seven thousand indices."""

_KEYWORD: Final = {"type": "keyword"}
_LONG: Final = {"type": "long"}
_DATE: Final = {"type": "date", "format": "epoch_millis"}
_DOC: Final = {"type": "keyword", "index": False, "doc_values": False}
_PEOPLE: Final = {"type": "text", "analyzer": "standard"}

MAPPINGS: Final[dict[str, dict[str, Any]]] = {
    "posts": {
        "id": _KEYWORD,
        "ts": _DATE,
        "ts_us": _LONG,
        "fetched_us": _LONG,
        "handled_us": _LONG,
        "platform": _KEYWORD,
        "board": _KEYWORD,
        "alert": _KEYWORD,
        "outcome": _KEYWORD,
        "sentiment": _KEYWORD,
        "flags": _KEYWORD,
        # Code points in hexadecimal: `whitespace` leaves them whole, as SQLite does, so both find the same posts.
        "search": {"type": "text", "analyzer": "whitespace", "norms": False},
        "title": _PEOPLE,
        "text": _PEOPLE,
        "doc": _DOC,
    },
    "alerts": {
        "id": _KEYWORD,
        "grade": _KEYWORD,
        "rank": {"type": "integer"},
        "deadline": _DATE,
        "deadline_us": _LONG,
        "status": _KEYWORD,
        "kind": _KEYWORD,
        "leader_us": _LONG,
        "harm": _KEYWORD,
        "place": _KEYWORD,
        "keys": _KEYWORD,
        "doc": _DOC,
    },
    "events": {"alert": _KEYWORD, "seq": _LONG, "kind": _KEYWORD, "actor": _KEYWORD, "at": _DATE, "doc": _DOC},
    "evidence": {"id": _KEYWORD, "alert": _KEYWORD, "post": _KEYWORD, "ts_us": _LONG, "doc": _DOC},
    "accounts": {"name": _KEYWORD, "role": _KEYWORD, "doc": _DOC},
    "notes": {"kind": _KEYWORD, "key": _KEYWORD, "doc": _DOC},
}


def install(cluster: Cluster) -> None:
    """Put the templates and create the first index of each alias, unless they are there. Several processes may do it at once.

    Raises:
        SettingsError: a newer version of humiao put them.
    """
    with cluster.asked():
        for kind in MAPPINGS:
            alias = f"{cluster.prefix}{kind}"
            if _installed(cluster, alias) != VERSION:
                cluster.client.indices.put_index_template(name=alias, **_template(kind, alias))
                if cluster.client.indices.exists_alias(name=alias):  # fields that an older version did not know
                    cluster.client.indices.put_mapping(index=alias, properties=MAPPINGS[kind])
            if not cluster.client.indices.exists_alias(name=alias):
                _create(cluster, f"{alias}-{CATCH_ALL}" if kind == "posts" else f"{alias}-000001")


def index_of(alias: str, post: PostFields) -> str:
    """Index that a new post is written to: of its day (UTC), or of its year when it is much older than its handling."""
    ts, handled = instant(post.ts), instant(post.handled)
    if not 1970 <= ts.year <= 2100:  # noqa: PLR2004 (years that a clock may show)
        return f"{alias}-{CATCH_ALL}"
    return f"{alias}-{ts:%Y.%m.%d}" if abs(handled - ts) <= NEAR else f"{alias}-{ts:%Y}"


def _template(kind: str, alias: str) -> dict[str, Any]:
    mappings: dict[str, Any] = {"dynamic": "strict", "properties": MAPPINGS[kind]}
    if kind == "posts":
        mappings["_source"] = {"excludes": ["search"]}  # five times the text, and made from `doc` again at need
    return {
        "index_patterns": [f"{alias}-*"],
        "priority": 300,
        "meta": {"humiao": VERSION},
        "template": {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
            "aliases": {alias: {}},
            "mappings": mappings,
        },
    }


def _installed(cluster: Cluster, alias: str) -> int | None:
    answer = cluster.client.options(ignore_status=404).indices.get_index_template(name=alias)
    found = answer.get("index_templates") or []
    version = found[0]["index_template"].get("_meta", {}).get("humiao") if found else None
    if isinstance(version, int) and version > VERSION:
        raise SettingsError(
            f"store: {cluster.name} has templates of version {version}, this version of humiao knows {VERSION};"
            " upgrade humiao or set another prefix"
        )
    return version


def _create(cluster: Cluster, index: str) -> None:
    try:
        cluster.client.indices.create(index=index)
    except BadRequestError as error:
        if "resource_already_exists_exception" not in str(error):
            raise
