"""Opening a closed alert again when its incident goes on, and keeping out of the queue what a suppression window hides.

After a batch, each alert that it touched is looked at once more. What came after the decision either repeats what the decider
saw, then it is counted, or says something new, then the alert is open again and its chain names what is new. The chain of events
is the only memory: doing it again, after a kill or beside another worker, adds nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from alerting import decisions, events, life, windows
from alerting.incident import Finding, item
from alerting.pseudonyms import Pseudonyms
from alerting.said import Known, Said, reposts, said, wordings
from alerting.windows import Kind, Window
from humiao import metrics
from humiao.alert import Alert
from humiao.event import Event
from humiao.store import Store

_REMEMBERED: Final = 64
"""Decided alerts whose wordings stay in memory."""
_NOBODYS: Final = frozenset({"raised", "joined", "merged", "regraded", "revised", "evidence_missing"})
"""Kinds of events after which nobody has touched an alert yet."""


class Reopening:
    """Looks at touched alerts; one for each worker."""

    def __init__(self, store: Store, clock: Callable[[], datetime], pseudonym: Callable[[str], str]) -> None:
        """`clock` gives the time in UTC, `pseudonym` that of an author."""
        self.store, self.clock, self.pseudonym = store, clock, pseudonym
        self.open: list[Window] = []
        self._known: dict[tuple[str, ...], list[Known]] = {}

    def after(self, batch: Mapping[str, Sequence[Finding]]) -> None:
        """Look at the alerts of a batch: alert id -> the flagged posts that came to it."""
        self.open = self._windows(windows.active(self.store, self.clock()))
        for alert, came in batch.items():
            self._look(alert, {item(one.post): one for one in came})

    def open_window(
        self, pseudonyms: Pseudonyms, alert: str, actor: str, kind: Kind, reason: str, until: datetime, *, post: str = ""
    ) -> Window:
        """Open a window (`windows.open_window`); one on an incident takes it out of the queue at once."""
        window = windows.open_window(self.store, pseudonyms, alert, actor, kind, reason, until, self.clock(), post=post)
        if kind == "incident":
            self.open = self._windows([window])
            self._look(window.alert, {})
        return window

    def end_window(self, id: str, actor: str, reason: str) -> Window:
        """End a window before its time (`windows.end_window`) and bring back what it hid."""
        window = windows.end_window(self.store, id, actor, reason, self.clock())
        self.give_back()
        return window

    def give_back(self) -> None:
        """End the windows whose time is over, and bring back what the ended ones hid."""
        now = self.clock()
        live = windows.live(self.store)
        over = [one for one in live if windows.is_over(self.store, one, now)]
        self.open = self._windows([one for one in live if one not in over])
        for window in over:
            for alert in windows.hides(self.store.events(window.id)):
                self._look(alert, {})
            windows.put_away(self.store, window)

    def _windows(self, found: Sequence[Window]) -> list[Window]:
        """`found`, longest first, with incidents followed to where their posts are now."""
        return [
            one.model_copy(update={"alert": decisions.resolve(self.store, one.alert).value.id}) if one.kind == "incident" else one
            for one in sorted(found, key=lambda one: one.until, reverse=True)
        ]

    def _look(self, id: str, came: Mapping[str, Finding]) -> None:
        chain = self.store.events(id)
        if not self.open and not any(event.kind in {life.DECIDED, life.SUPPRESSED} or "into" in event.data for event in chain):
            return
        alert = decisions.resolve(self.store, id).value
        look = _Look(self, alert, came)
        while (event := events.append_if(self.store, alert.id, events.SYSTEM, self.clock(), look.due)) is not None:
            _count(event)
            if event.kind == life.SUPPRESSED and not windows.is_open(self.store.events(event.data["window"])):
                self.drop(event.data["window"])  # ended after we said what it hides: whoever gives back may have missed it
        if decisions.followed(alert, life.read(self.store.events(alert.id))) != alert:
            decisions.follow_chain(self.store, alert.id)

    def drop(self, window: str) -> None:
        """Count on a window no longer."""
        self.open = [one for one in self.open if one.id != window]

    def known(self, alert: Alert, chain: list[Event], decided: Event) -> list[Known]:
        """The wordings that people decided on."""
        key = (alert.id, decided.hash, *(event.hash for event in chain if event.kind == "merged"))
        if key not in self._known:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            seen = self.looked_at(chain)
            self._known[key] = wordings(one for one in self.kept(alert.id).values() if one.item in seen)
        return self._known[key]

    def kept(self, alert: str) -> dict[str, Said]:
        """All kept revisions of an alert's posts, by ``POST/REVISION``."""
        return {item(one.post): said(one.post, one.verdict) for one in self.store.evidence(alert)}

    def looked_at(self, chain: list[Event], done: frozenset[str] = frozenset()) -> set[str]:
        """``POST/REVISION`` of what people decided on, in this alert and in those that were merged into it."""
        decided = life.read(chain).decided
        own = decided is not None and "taken_from" not in decided.data
        found = set(life.brought(chain[: decided.seq])) if own and decided is not None else set()
        for source in set(_sources(chain)) - done:
            found |= self.looked_at(self.store.events(source), done | {source})
        return found

    def hidden_before(self, chain: list[Event]) -> set[str]:
        """What open windows hid in alerts that were merged into this one."""
        ids = [window.id for window in self.open]
        return {one for source in _sources(chain) for one in life.suppressed(self.store.events(source), ids)}


class _Look:
    """One look at one alert: `due` says what its chain lacks."""

    def __init__(self, reopening: Reopening, alert: Alert, came: Mapping[str, Finding]) -> None:
        self._all, self._alert = reopening, alert
        self._said = {id: said(one.post, one.verdict, one.shape) for id, one in came.items()}

    def due(self, chain: list[Event]) -> events.Entry | None:
        """The event that comes next, or None."""
        stands = life.read(chain)
        if stands.decided:
            return self._closed(chain, stands.decided)
        return self._hidden(chain) if stands.hidden else self._visible(chain)

    def _closed(self, chain: list[Event], decided: Event) -> events.Entry | None:
        handled = life.repeated(chain) | life.suppressed(chain, self._ids())
        brought = [one for one in life.brought(chain) if one not in handled]
        seen = self._all.looked_at(chain) if brought else set()
        pending = [one for one in brought if one not in seen]
        if not pending:
            return None
        repeats = reposts(self._facts(pending), self._all.known(self._alert, chain, decided))
        if repeats:
            return life.REPOSTED, {"counted": [one for one in pending if one in repeats]}
        new = {"reason": "new posts since the decision", "new": pending, "closed": decided.seq}
        return self._suppressed(pending, chain) or (life.REOPENED, new)

    def _hidden(self, chain: list[Event]) -> events.Entry | None:
        covered = life.suppressed(chain, self._ids()) | self._all.hidden_before(chain)
        pending = [one for one in life.brought(chain) if one not in covered]
        last = life.hidden_by(chain)
        if last & set(self._ids()) and not windows.is_urgent(self._alert):
            if not pending:
                return None
            if entry := self._suppressed(pending, chain):
                return entry
            return life.REOPENED, {"reason": "new posts that no window hides", "back": pending}
        if pending and (entry := self._suppressed(pending, chain)):
            return entry
        return life.REOPENED, {"reason": "no window hides it any longer", "back": pending}

    def _visible(self, chain: list[Event]) -> events.Entry | None:
        """Only an alert that nobody has touched is hidden, and one whose incident a window names, once."""
        brought = life.brought(chain)
        for window in self._windows():
            if window.kind == "incident" and window.alert == self._alert.id and window.id not in life.windows_in(chain):
                return self._suppressed_by(window, brought, chain)
        untold = set(brought) - self._all.hidden_before(chain)
        if not brought or not untold <= set(self._said) or any(event.kind not in _NOBODYS for event in chain):
            return None
        return self._suppressed([one for one in brought if one in untold], chain)

    def _suppressed(self, pending: list[str], chain: list[Event]) -> events.Entry | None:
        """What hides `pending`, if windows hide all of it; the first of them with its part."""
        facts = {one.item: one for one in self._facts(pending)}
        by: dict[str, list[str]] = {}
        for id in pending:
            window = self._window(facts[id]) if id in facts else None
            if window is None:
                return None
            by.setdefault(window.id, []).append(id)
        first = next((window for window in self._windows() if window.id in by), None)
        return None if first is None else self._suppressed_by(first, by[first.id], chain)

    def _suppressed_by(self, window: Window, items: list[str], chain: list[Event]) -> events.Entry | None:
        if not windows.note_hidden(self._all.store, window, self._alert.id, self._all.clock()):
            self._all.drop(window.id)
            return self.due(chain)
        data = {"window": window.id, "by": window.by, "reason": window.reason, "items": items}
        return life.SUPPRESSED, data

    def _windows(self) -> list[Window]:
        """The open windows that may hide this alert: none may if it is urgent, or more so than the one they were opened from."""
        if windows.is_urgent(self._alert):
            return []
        return [one for one in self._all.open if self._alert.grade.rank >= one.grade.rank]

    def _window(self, one: Said) -> Window | None:
        if one.is_crisis:
            return None
        return next((window for window in self._windows() if window.covers(one, self._alert.id, self._all.pseudonym)), None)

    def _ids(self) -> list[str]:
        return [one.id for one in self._windows()]

    def _facts(self, items: Sequence[str]) -> list[Said]:
        """What `items` say; one that was never kept as evidence is left out, and so counts as new."""
        if not set(items) <= set(self._said):
            self._said = self._all.kept(self._alert.id) | self._said
        return [self._said[one] for one in items if one in self._said]


def _sources(chain: Sequence[Event]) -> list[str]:
    return [event.data["from"] for event in chain if event.kind == "merged" and "from" in event.data]


def _count(event: Event) -> None:
    if event.kind == life.REOPENED:
        metrics.ALERTS_REOPENED.inc()
    elif event.kind == life.REPOSTED:
        metrics.REPOSTS_COUNTED.inc(len(event.data["counted"]))
    else:
        metrics.POSTS_HIDDEN.inc(len(event.data["items"]))
