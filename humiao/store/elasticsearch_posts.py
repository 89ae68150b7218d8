"""Posts in Elasticsearch: daily indices behind one alias, a post in one of them only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from humiao.alert import StoredPost
from humiao.errors import StoreUnavailable
from humiao.labels import Sentiment
from humiao.store.elasticsearch_client import AT_A_TIME, Cluster, Json, pause
from humiao.store.elasticsearch_expiry import expire, unblock
from humiao.store.elasticsearch_templates import index_of
from humiao.store.fields import EPOCH, PostFields, microseconds, milliseconds, newest, refuse
from humiao.store.port import Hit, Page, PostFilter, Store
from humiao.store.query import phrases

ATTEMPTS: Final = 12
"""How often a post is written again when others change it in between: for about five seconds."""
NEWEST_FIRST: Final = ({"ts_us": "desc"}, {"id": "desc"})
_CELLS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is, in which state."""

    index: str
    seq_no: int
    primary_term: int
    fetched: int


class ElasticsearchPosts(Store):
    """The part of the store that keeps posts.

    Writes refresh what they touched: a batch touches one or two indices once, while a lookup before the read would cost every
    reader a request, and other processes see a finished batch as well.
    """

    _cluster: Cluster

    @property
    def _posts(self) -> str:
        return f"{self._cluster.prefix}posts"

    def put_posts(self, posts: Sequence[StoredPost]) -> None:  # noqa: D102 (the port says it)
        waiting, refused = newest(posts)
        unsettled: set[str] = set()
        with self._cluster.asked():
            for attempt in range(ATTEMPTS):
                if attempt:
                    pause(attempt)
                places = self._places(waiting)
                unsettled |= {id for id in waiting if len(places.get(id, ())) != 1}
                actions = [action for post in waiting.values() if (action := self._action(post, places.get(post.id)))]
                _, rejected = self._cluster.bulk(actions, refresh=True)
                # 409: written by another process since; 403: its index is being dropped; 404: it just was.
                again = {one.id: one for one in rejected if one.status in {403, 404, 409}}
                refused += [f"post {one.id}: the store refused it ({one.reason})" for one in rejected if one.id not in again]
                waiting = {id: post for id, post in waiting.items() if id in again}
                if not waiting:
                    break
            self._settle(unsettled)
            for index in {again[id].index for id in waiting if again[id].status == 403}:  # noqa: PLR2004 (HTTP)
                unblock(self._cluster, index)  # nobody who is about to drop it takes that long
        for id in waiting:
            raise StoreUnavailable(
                f"store {self._cluster.name}: post {id} can't be written at present ({again[id].reason}); try again later"
            )
        refuse(refused)

    def posts(self, ids: Collection[str]) -> dict[str, StoredPost]:  # noqa: D102
        found: dict[str, tuple[int, str]] = {}
        with self._cluster.asked():
            for some in _chunks(ids):
                answer = self._cluster.search(
                    index=self._posts, query={"ids": {"values": some}}, size=2 * len(some), source=["fetched_us", "doc"]
                )
                for hit in answer["hits"]["hits"]:
                    revision = hit["_source"]["fetched_us"], hit["_source"]["doc"]
                    found[hit["_id"]] = max(found.get(hit["_id"], revision), revision)
        return {id: StoredPost.model_validate_json(doc) for id, (_, doc) in found.items()}

    def search(self, query: str, narrow: PostFilter, *, limit: int = 50, after: str | None = None) -> Page[Hit]:  # noqa: D102
        terms = [{"match_phrase": {"search": " ".join(term)}} for term in phrases(query)]
        wanted = {"bool": {"filter": [*terms, *_conditions(narrow)]}}
        with self._cluster.asked():
            docs, more = self._cluster.page(self._posts, wanted, NEWEST_FIRST, (int, str), limit=limit, after=after)
        return Page([Hit(StoredPost.model_validate_json(doc)) for doc in docs], more)

    def count_posts(self, narrow: PostFilter) -> int:  # noqa: D102
        with self._cluster.asked():
            return self._cluster.count(self._posts, {"bool": {"filter": _conditions(narrow)}})

    def histogram(  # noqa: D102
        self, since: datetime, until: datetime, interval: timedelta, sentiment: Sentiment | None = None
    ) -> dict[tuple[str, str], dict[datetime, int]]:
        conditions = _conditions(PostFilter(since=since, until=until))
        if sentiment is not None:
            conditions.append({"term": {"sentiment": sentiment.value}})
        cells: dict[str, Any] = {
            "size": _CELLS,
            "sources": [
                {"platform": {"terms": {"field": "platform"}}},
                {"board": {"terms": {"field": "board"}}},
                {"start": {"date_histogram": {"field": "ts", "fixed_interval": f"{milliseconds(interval)}ms"}}},
            ],
        }
        series: dict[tuple[str, str], dict[datetime, int]] = {}
        with self._cluster.asked():
            while True:
                answer = self._cluster.search(
                    index=self._posts, size=0, query={"bool": {"filter": conditions}}, aggs={"cells": {"composite": cells}}
                )["aggregations"]["cells"]
                for bucket in answer["buckets"]:
                    key = bucket["key"]
                    start = EPOCH + timedelta(milliseconds=key["start"])
                    series.setdefault((key["platform"], key["board"]), {})[start] = bucket["doc_count"]
                if "after_key" not in answer:
                    return series
                cells["after"] = answer["after_key"]

    def expire_posts(self, before: datetime) -> int:  # noqa: D102
        with self._cluster.asked():
            return expire(self._cluster, self._posts, before)

    def _places(self, ids: Iterable[str]) -> dict[str, list[Place]]:
        """Where each post is now; more than one place only after two processes first wrote a post under different days."""
        self._cluster.refresh(self._posts)
        places: dict[str, list[Place]] = {}
        for some in _chunks(ids):
            answer = self._cluster.search(
                index=self._posts, query={"ids": {"values": some}}, size=2 * len(some),
                seq_no_primary_term=True, source=False, docvalue_fields=["fetched_us"],
            )  # fmt: skip
            for hit in answer["hits"]["hits"]:
                place = Place(hit["_index"], hit["_seq_no"], hit["_primary_term"], hit["fields"]["fetched_us"][0])
                places.setdefault(hit["_id"], []).append(place)
        return places

    def _action(self, post: PostFields, places: list[Place] | None) -> dict[str, Any] | None:
        """What to do to store `post`; None = a newer revision stands."""
        source = _source(post)
        if not places:
            return {"_op_type": "create", "_index": index_of(self._posts, post), "_id": post.id, "_source": source}
        place = _counts(places)
        if place.fetched > post.fetched:
            return None
        return {"_op_type": "index", "_id": post.id, "_source": source, **_as_it_is(place)}

    def _settle(self, ids: Iterable[str]) -> None:
        """Delete all but one of a post's places: every process picks the same one, so the last to look leaves one."""
        surplus = [
            {"_op_type": "delete", "_id": id, **_as_it_is(place)}
            for id, places in self._places(ids).items()
            for place in places
            if place is not _counts(places)
        ]
        if surplus:
            self._cluster.bulk(surplus, refresh=True)


def _as_it_is(place: Place) -> dict[str, Any]:
    """Limits an action to the state that was read; after another write it is rejected with 409."""
    return {"_index": place.index, "if_seq_no": place.seq_no, "if_primary_term": place.primary_term}


def _counts(places: list[Place]) -> Place:
    return max(places, key=lambda place: (place.fetched, place.index))


def _source(post: PostFields) -> dict[str, Any]:
    return {
        "id": post.id, "ts": post.ts // 1000, "ts_us": post.ts, "fetched_us": post.fetched, "handled_us": post.handled,
        "platform": post.platform, "board": post.board, "alert": post.alert, "outcome": post.outcome, "sentiment": post.sentiment,
        "flags": post.flags, "search": post.search, "title": post.title, "text": post.text, "doc": post.doc,
    }  # fmt: skip


def _conditions(narrow: PostFilter) -> list[Json]:
    span = {
        **({} if narrow.since is None else {"gte": microseconds(narrow.since)}),
        **({} if narrow.until is None else {"lt": microseconds(narrow.until)}),
    }
    terms = {
        "flags": None if narrow.harm is None else narrow.harm.value,
        "platform": narrow.platform,
        "board": narrow.board,
        "alert": narrow.alert,
        "outcome": narrow.outcome,
    }
    conditions: list[Json] = [{"range": {"ts_us": span}}] if span else []
    return conditions + [{"term": {field: value}} for field, value in terms.items() if value is not None]


def _chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, AT_A_TIME)):
        yield some
