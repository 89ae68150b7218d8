"""From hints to items: which channel is to be told of which event, once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from alerting import decisions, events
from alerting.notify import hints, outbox
from alerting.notify.items import Item, item, occasion
from alerting.notify.routes import Routes
from alerting.policies import Policies
from humiao import metrics
from humiao.alert import Alert, Grade, Status
from humiao.errors import NotFound
from humiao.event import Event
from humiao.store import Store

AT_A_TIME: Final = 200
_GRADING: Final = frozenset({"raised", "regraded"})
_REOPENED: Final = "reopened"


class Planner:
    """Reads hints, writes items. What it decides follows from the alerts' chains alone: doing it again gives the same items."""

    def __init__(self, store: Store, routes: Routes, policies: Policies, clock: Callable[[], datetime]) -> None:
        """`clock` gives the time in UTC."""
        self._store, self._routes, self._clock = store, routes, clock
        self._leads = {policy.name: policy.route for policy in policies.all}

    def turn(self, *, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Take care of the hints that are there; returns how many items were written.

        Raises:
            StoreUnavailable: the store doesn't answer; hints that were not taken care of still are there.
        """
        waiting = self._store.notes(hints.KIND)
        if not self._routes.routes:
            self._store.drop_notes(hints.KIND, waiting)
            return 0
        keys, written = sorted(waiting), 0
        for start in range(0, len(keys), AT_A_TIME):
            if is_stopping():
                break
            some = {key: datetime.fromisoformat(waiting[key].value) for key in keys[start : start + AT_A_TIME]}
            written += self._take(some)
        return written

    def _take(self, some: Mapping[str, datetime]) -> int:
        found: dict[str, list[Item]] = defaultdict(list)
        done: list[str] = []
        for key, left_at in some.items():
            id, seq = hints.read(key)
            chain = self._store.events(id)
            if seq <= len(chain):
                for channel, one in self._news(id, chain, chain[seq - 1]).items():
                    found[channel].append(one)
                done.append(key)
            elif self._clock() - left_at > hints.PATIENCE:  # its writer was killed and nobody did it again
                done.append(key)
        for channel, items in found.items():
            outbox.add(self._store, channel, items)
        self._store.drop_notes(hints.KIND, done)
        return sum(map(len, found.values()))

    def _news(self, id: str, chain: Sequence[Event], event: Event) -> dict[str, Item]:
        """Channel → what it is to be told of `event`."""
        if event.kind not in hints.NEWS:
            return {}
        try:
            alert = decisions.resolve(self._store, id).value
        except NotFound:
            return _left_out("gone")
        if self._is_repeat(id, chain, event, alert.id):
            return _left_out("repeat")
        closed = decisions.standing(list(chain)) is not None if event.kind == _REOPENED else alert.status is not Status.OPEN
        if closed:  # the status of an alert that was just opened again may not have followed yet
            return _left_out("closed")
        lead = self._leads.get(alert.policy.partition("@")[0], "")
        to = self._routes.channels_for(event, alert, lead)
        return {name: self._item(alert, event, name) for name in to} if to else _left_out("no_route")

    def _item(self, alert: Alert, event: Event, name: str) -> Item:
        channel = self._routes.channels[name]
        return item(alert, event, name, channel.due(alert.grade, event.at), digested=channel.is_digested(alert.grade))

    def _is_repeat(self, id: str, chain: Sequence[Event], event: Event, heir: str) -> bool:
        """Whether people were told as much already: by an earlier event, also of an alert merged into this one or that took it in.

        Of two that were raised at the same instant and then merged, the one that was merged away is told.
        """
        earlier = chain[: event.seq - 1]
        if event.kind not in _GRADING:
            return "taken_from" in event.data or any(occasion(one) == occasion(event) for one in earlier)
        has_absorbed = any(one.kind == "merged" and "from" in one.data for one in chain)
        history = events.histories(self._store, id) if has_absorbed else []
        absorbed = [one for one in history if one.alert != id and one.at <= event.at]
        above = [one for one in self._store.events(heir) if one.at < event.at] if heir != id else []
        told = [_rank(one) for one in [*earlier, *absorbed, *above] if one.kind in _GRADING]
        return bool(told) and min(told) <= _rank(event)


def _rank(event: Event) -> int:
    grade = event.data.get("grade")
    return Grade(grade).rank if grade in set(Grade) else len(Grade)


def _left_out(reason: str) -> dict[str, Item]:
    metrics.NOTIFICATIONS_LEFT_OUT.labels(reason).inc()
    return {}
