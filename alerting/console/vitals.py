"""Whether log and store answer, and how much lies in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from alerting.console.context import Context
from humiao.alert import Status
from humiao.errors import HumiaoError
from humiao.log import DEAD_SUFFIX, POSTS, SCORED, Log
from humiao.store import AlertFilter, PostFilter, Store

CONSUMERS: Final = {POSTS: "classify", SCORED: "alert"}
"""Topic → the group that reads it."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One topic."""

    topic: str
    group: str
    written: int
    """Messages ever written."""
    lag: int
    """Messages that the group has not committed."""
    dead: int
    """Messages given up, ever."""


@dataclass(frozen=True, slots=True)
class Volumes:
    """How much the store holds."""

    posts: int
    alerted: int
    alerts: dict[Status, int]


def reachable(here: Context) -> dict[str, str]:
    """For ``log`` and ``store``: why it can't be used at present, or nothing."""

    def log() -> None:
        here.log.get().ping()

    return {"log": _problem(log), "store": _problem(here.store.ping)}


def _problem(ping: Callable[[], None]) -> str:
    try:
        ping()
    except HumiaoError as error:
        return str(error)
    return ""


def queues(log: Log) -> list[Queue]:
    """The topics between the stages."""
    return [
        Queue(topic, group, log.size(topic), log.lag(topic, group), log.size(topic + DEAD_SUFFIX))
        for topic, group in CONSUMERS.items()
    ]


def volumes(store: Store) -> Volumes:
    """Counts of posts and alerts."""
    alerts = {status: sum(store.count_alerts(AlertFilter(statuses=frozenset({status}))).values()) for status in Status}
    return Volumes(store.count_posts(PostFilter()), store.count_posts(PostFilter(outcome="alerted")), alerts)
