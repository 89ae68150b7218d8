"""The connection to Elasticsearch: what its errors mean, bulk writes, pages on a point in time."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.helpers import streaming_bulk

from humiao.errors import BadInput, Conflict, SettingsError, StoreUnavailable
from humiao.store import cursor

READ_SECONDS: Final = 15.0
WRITE_SECONDS: Final = 60.0
KEEP_ALIVE: Final = "2m"
"""How long the server remembers where a list stood; a reader who comes later goes on in the list as it is then."""
BULK_BYTES: Final = 8 * 1024 * 1024
OVERLOADED: Final = (429, 503)
AT_A_TIME: Final = 1_000
"""Records read in one go where all of them are wanted."""

Json = Mapping[str, Any]
Shape = Sequence[type[int] | type[str]]
"""Types of the values that a list is sorted by."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record of a bulk write that was not written."""

    id: str
    index: str
    status: int
    reason: str
    """Type of the error, without the content that it quotes."""


class Cluster:
    """A cluster as one client sees it. Safe to share between threads."""

    def __init__(self, url: str, prefix: str) -> None:
        """Nothing is sent yet.

        Raises:
            SettingsError: `url` is none.
        """
        parts = urlsplit(url)
        # Without user and password: it stands in messages and log lines.
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.prefix = prefix
        try:
            self.client = Elasticsearch(url, request_timeout=READ_SECONDS, max_retries=2)
        except ValueError as error:
            raise SettingsError(f"store: {self.name} is no address of Elasticsearch; use https://HOST:9200") from error
        self.writing = self.client.options(request_timeout=WRITE_SECONDS)
        # A request that must not be repeated unseen: the answer to the first may be lost, and the second finds its own trace.
        self.once = self.client.options(max_retries=0)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Errors of the client become those of the port."""
        try:
            yield
        except TransportError as error:
            raise StoreUnavailable(
                f"store {self.name}: does not answer ({type(error).__name__}); check address and server"
            ) from error
        except ApiError as error:
            reason = _error_type(error.body)
            if error.status_code == 400:  # noqa: PLR2004 (HTTP)
                raise BadInput(f"store {self.name}: refused the request ({reason})") from error
            raise StoreUnavailable(f"store {self.name}: HTTP {error.status_code} {reason}; {_advice(error.status_code)}") from error

    def refresh(self, alias: str) -> None:
        """Make every finished write to `alias` visible to searches; next to nothing when there was none."""
        self.client.indices.refresh(index=alias)

    def search(self, **request: Any) -> Any:
        """One search, which fails rather than leaving out a part that doesn't answer."""
        return self.client.search(allow_partial_search_results=False, **request)

    def count(self, alias: str, query: Json) -> int:
        """How many records match; fails rather than leaving some out."""
        answer = self.client.count(index=alias, query=query)
        if answer["_shards"]["failed"]:
            raise StoreUnavailable(f"store {self.name}: a part of {alias} does not answer; check the cluster's health")
        return int(answer["count"])

    def bulk(self, actions: Iterable[dict[str, Any]], *, refresh: bool) -> tuple[list[dict[str, Any]], list[Rejected]]:
        """Write all, each on its own; what the server is too busy for is tried again for some seconds.

        Returns:
            The items written as the server answered them, and those rejected for good.

        Raises:
            StoreUnavailable: the server stays overloaded; some may have been written.
        """
        written, rejected = [], []
        results = streaming_bulk(
            self.writing,
            actions,
            max_chunk_bytes=BULK_BYTES,
            raise_on_error=False,
            max_retries=4,
            initial_backoff=0.2,
            max_backoff=2,
            retry_on_status=OVERLOADED,
            refresh=refresh,
        )
        for fine, info in results:
            ((_, item),) = info.items()
            if fine:
                written.append(item)
            elif item["status"] in OVERLOADED:
                raise StoreUnavailable(f"store {self.name}: is overloaded (HTTP {item['status']}); try again later")
            else:
                rejected.append(Rejected(item["_id"], item["_index"], item["status"], _error_type(item)))
        return written, rejected

    def page(
        self,
        alias: str,
        query: Json,
        sort: Sequence[Json],
        shape: Shape,
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[str], str | None]:
        """Documents of one page, in an order without ties, and the cursor of the next.

        All pages show the list as it was at the first, as long as they come within `KEEP_ALIVE` of each other.
        """
        size = cursor.page_size(limit)
        request: dict[str, Any] = {"query": query, "sort": sort, "size": size + 1, "source": ["doc"], "track_total_hits": False}
        if after is None:
            point = self._open(alias)
        else:
            first, *place = cursor.decode(after, f"elasticsearch-{alias}", str, *shape)
            point, request["search_after"] = str(first), place
        try:
            answer = self.search(pit={"id": point, "keep_alive": KEEP_ALIVE}, **request)
        except NotFoundError:  # forgotten meanwhile: go on behind the same place in the list as it is now
            point = self._open(alias)
            answer = self.search(pit={"id": point, "keep_alive": KEEP_ALIVE}, **request)
        hits, point = answer["hits"]["hits"], answer["pit_id"]
        docs = [hit["_source"]["doc"] for hit in hits[:size]]
        if len(hits) <= size:
            self._close(point)
            return docs, None
        return docs, cursor.encode(f"elasticsearch-{alias}", point, *hits[size - 1]["sort"][: len(shape)])

    def each(self, alias: str, query: Json, sort: Sequence[Json | str], **request: Any) -> Iterator[Any]:
        """Every hit, in order, as things stood at the first."""
        point, more = self._open(alias), dict[str, Any]()
        try:
            while True:
                answer = self.search(
                    pit={"id": point, "keep_alive": KEEP_ALIVE}, query=query, sort=sort, size=AT_A_TIME, track_total_hits=False,
                    **more, **request,
                )  # fmt: skip
                hits, point = answer["hits"]["hits"], answer["pit_id"]
                yield from hits
                if len(hits) < AT_A_TIME:
                    return
                more["search_after"] = hits[-1]["sort"]
        finally:
            self._close(point)

    def close(self) -> None:
        """Release the connections."""
        self.client.close()

    def _open(self, alias: str) -> str:
        answer = self.client.open_point_in_time(index=alias, keep_alive=KEEP_ALIVE, allow_partial_search_results=False)
        return str(answer["id"])

    def _close(self, point: str) -> None:
        self.client.options(ignore_status=404).close_point_in_time(id=point)


def version_parts(what: str, version: str) -> tuple[int, int]:
    """Sequence number and primary term of a version.

    Raises:
        Conflict: it is no version of this store; `what` begins the message.
    """
    seq_no, _, primary_term = version.partition(":")
    if not (seq_no.isdecimal() and primary_term.isdecimal()):
        raise Conflict(f"{what}: {version!r} is no version of this store; read it again and decide anew")
    return int(seq_no), int(primary_term)


def pause(attempt: int) -> None:
    """Wait before trying for the `attempt`-th time after others got in between (1, 2, …): 10 ms, doubling, at most 1 s."""
    time.sleep(min(0.01 * 2 ** (attempt - 1), 1.0))


def _error_type(body: Any) -> str:
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return "without a reason"
    inner = error.get("caused_by")
    inner = inner if isinstance(inner, Mapping) else (error.get("root_cause") or [{}])[0]
    return ", ".join(dict.fromkeys(str(part["type"]) for part in (error, inner) if part.get("type")))


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "check user and password in the address"
    if status == 404:  # noqa: PLR2004 (HTTP)
        return "an index is missing, start again to create it"
    return "try again later"
