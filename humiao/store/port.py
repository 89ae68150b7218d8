"""The store port: posts (short retention), alerts, append-only events, evidence, accounts, notes.

Every write is idempotent. What a caller may assume of every adapter stands in the docstrings; the contract suite in
``tests/contract/store_contract.py`` holds each adapter to it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Generic, Self, TypeVar

from humiao.account import Account
from humiao.alert import Alert, Grade, Status, StoredPost
from humiao.event import Event
from humiao.evidence import Evidence
from humiao.labels import Harm, Sentiment

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A record with the version that a later write must name."""

    value: T
    version: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some results in order, and where to go on."""

    items: list[T]
    after: str | None
    """Pass it as `after` for the next page; None = this was the last one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A post found by a search."""

    post: StoredPost


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Narrows a post search; None = any. Times are of the post (`ts`), from inclusive, until exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    harm: Harm | None = None
    platform: str | None = None
    board: str | None = None
    alert: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Narrows an alert list; None = any. Without `statuses`, merged and withdrawn alerts are left out."""

    statuses: frozenset[Status] | None = None
    grades: frozenset[Grade] | None = None
    harm: Harm | None = None
    kind: str | None = None
    place: str | None = None
    """Name of one of an alert's places, as the gazetteer or the source gives it."""


class Store(ABC):
    """Durable storage of what the desk works with. Several processes may use the same store at the same time."""

    # -- posts ---------------------------------------------------------------------------------------------------------

    @abstractmethod
    def put_posts(self, posts: Sequence[StoredPost]) -> None:
        """Insert or replace by post id; when this returns all are durable.

        A stored post whose `post.fetched_at` is later than the given one's stays (an older revision delivered late never
        overwrites a newer one); at equal times the given one wins. Reads by this process see the writes at once.

        Raises:
            StoreUnavailable: the store doesn't answer; some may have been written, write all again.
            BadInput: a single post was refused; the message names it. The others of the batch were written.
        """

    @abstractmethod
    def posts(self, ids: Collection[str]) -> dict[str, StoredPost]:
        """The stored posts among `ids`."""

    @abstractmethod
    def search(self, query: str, narrow: PostFilter, *, limit: int = 50, after: str | None = None) -> Page[Hit]:
        """Posts whose title, text, author or board hold every term of `query`, newest first (`ts`, then id, both descending).

        A term is what stands between spaces, or a phrase in double quotes; each matches as a phrase of characters after
        folding (width, case, traditional to simplified). See `humiao.store.query`. A query without any term finds
        everything that `narrow` lets through. Pages are stable while posts arrive.
        """

    @abstractmethod
    def count_posts(self, narrow: PostFilter) -> int:
        """Posts that `narrow` lets through."""

    @abstractmethod
    def histogram(
        self, since: datetime, until: datetime, interval: timedelta, sentiment: Sentiment | None = None
    ) -> dict[tuple[str, str], dict[datetime, int]]:
        """Posts by (platform, board) and interval start (UTC, multiples of `interval` since 1970); empty cells are absent.

        `sentiment` counts only posts whose likeliest sentiment it is.
        """

    @abstractmethod
    def expire_posts(self, before: datetime) -> int:
        """Delete cleared posts handled before `before`; alerted ones stay. Returns how many went."""

    # -- alerts --------------------------------------------------------------------------------------------------------

    @abstractmethod
    def alert(self, id: str) -> Versioned[Alert] | None:
        """The alert as it stands now (reads its own and others' finished writes), or None."""

    @abstractmethod
    def put_alert(self, alert: Alert, version: str | None) -> str:
        """Write `alert` over `version` (None = it must not exist yet); returns the new version.

        Raises:
            Conflict: it was written by someone else since, or exists already.
        """

    @abstractmethod
    def alerts_by_keys(self, keys: Collection[str], *, limit: int = 200) -> list[Versioned[Alert]]:
        """Alerts that are not merged and share at least one of `keys`; sees every finished write. Oldest `leader_ts` first."""

    @abstractmethod
    def alerts(self, narrow: AlertFilter, *, limit: int = 50, after: str | None = None) -> Page[Alert]:
        """The queue: most urgent grade first, then nearest deadline, then id."""

    @abstractmethod
    def count_alerts(self, narrow: AlertFilter) -> Mapping[Grade, int]:
        """How many of each grade (0 included)."""

    # -- events, evidence, accounts ------------------------------------------------------------------------------------

    @abstractmethod
    def append_event(self, event: Event) -> None:
        """Append; the event's seq must be the next of its alert.

        Raises:
            Conflict: an event of this alert has this seq already, or the one before is missing or has another hash.
        """

    @abstractmethod
    def events(self, alert: str) -> list[Event]:
        """All events of the alert by seq (sees every finished write)."""

    @abstractmethod
    def put_evidence(self, evidence: Sequence[Evidence]) -> None:
        """Insert; an id that exists already stays as it is (evidence is never overwritten), but its `alert` is updated."""

    @abstractmethod
    def evidence(self, alert: str) -> list[Evidence]:
        """Evidence of the alert, oldest post first (sees every finished write)."""

    @abstractmethod
    def put_account(self, account: Account) -> None:
        """Insert or replace by name."""

    @abstractmethod
    def account(self, name: str) -> Account | None:
        """The account, or None."""

    @abstractmethod
    def accounts(self) -> list[Account]:
        """All accounts by name."""

    # -- notes: small JSON texts that stages show each other, by kind and key ------------------------------------------

    @abstractmethod
    def note(self, kind: str, key: str) -> Versioned[str] | None:
        """The note (sees every finished write), or None."""

    @abstractmethod
    def notes(self, kind: str) -> dict[str, Versioned[str]]:
        """All notes of a kind by key (sees every finished write)."""

    @abstractmethod
    def put_note(self, kind: str, key: str, text: str, version: str | None) -> str:
        """Write a note over `version` (None = it must not exist yet); returns the new version, which no note ever had before.

        Raises:
            Conflict: it was written or dropped by someone else since, or exists already.
        """

    @abstractmethod
    def put_notes(self, kind: str, notes: Mapping[str, str]) -> None:
        """Insert or replace, whatever stands there; when this returns all are durable.

        Raises:
            StoreUnavailable: the store doesn't answer; some may have been written, write all again.
        """

    @abstractmethod
    def drop_notes(self, kind: str, keys: Collection[str]) -> None:
        """Delete those of `keys` that exist."""

    # -- life ----------------------------------------------------------------------------------------------------------

    @abstractmethod
    def ping(self) -> None:
        """Returns when the store answers; raises StoreUnavailable with address and reason otherwise."""

    @abstractmethod
    def close(self) -> None:
        """Release connections and files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
