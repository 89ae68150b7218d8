"""Suppression windows: a person keeps an incident, an author, a wording or a kind of harm at a place out of the queue for a time.

A window hides, it never decides: what it hid and nobody decided comes back when it ends (`alerting.reopening`). It hides neither a
crisis label nor a red alert. Each window has a chain of events of its own, under its id; a note of kind `LIVE` lets the alert stage
find it, and moves to `PAST` once all that it hid is back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Literal

from pydantic import Field

from alerting import events, life, wording
from alerting.decisions import resolve
from alerting.pseudonyms import Pseudonyms
from alerting.remarks import given
from alerting.said import Said, said
from humiao.alert import Alert, Grade, Shape, alert_id
from humiao.errors import BadInput, Conflict, NotFound
from humiao.event import Event
from humiao.evidence import Evidence
from humiao.labels import CRISIS, Harm
from humiao.post import Frozen, Time, utc_text
from humiao.store import Store

LIVE: Final = "windows"
PAST: Final = "windows_past"
LONGEST: Final = timedelta(days=90)
OPENED: Final = "opened"
ENDED: Final = "ended"
HID: Final = "hid"

Kind = Literal["incident", "author", "text", "place"]
KINDS: Final[tuple[Kind, ...]] = ("incident", "author", "text", "place")


class Window(Frozen):
    """A suppression window."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    kind: Kind
    alert: str
    """The alert from which it was opened; for ``incident`` the one that it hides."""
    grade: Grade
    """Of that alert then: a more urgent one is not hidden."""
    platform: str = ""
    author: str = ""
    """``author``: pseudonym on `platform`."""
    place: str = ""
    shape: Shape | None = None
    """``text``: the wording with its harms."""
    harm: list[Harm] = Field(default_factory=list)
    """``place``: hides posts with no other harms than these."""
    by: str
    reason: str
    since: Time
    until: Time

    def covers(self, one: Said, alert: str, pseudonym: Callable[[str], str]) -> bool:
        """Whether it would hide `one` in `alert` (crises and grade are the caller's to look at)."""
        if self.kind == "incident":
            return self.alert == alert
        if self.kind == "author":
            return (self.platform, self.author) == (one.platform, pseudonym(one.author))
        if self.kind == "place":
            return self.place == one.place and set(one.shape.harm) <= set(self.harm)
        assert self.shape is not None
        return set(one.shape.harm) <= set(self.shape.harm) and 1 in wording.Comparison([one.shape, self.shape]).alike(0)


def open_window(
    store: Store,
    pseudonyms: Pseudonyms,
    alert_id_: str,
    actor: str,
    kind: Kind,
    reason: str,
    until: datetime,
    now: datetime,
    *,
    post: str = "",
) -> Window:
    """Open a window from an alert, which tells the author, wording or place; doing so again gives the same window.

    Args:
        store: where the alert is.
        pseudonyms: of this installation.
        alert_id_: the alert.
        actor: account name.
        kind: what to hide.
        reason: why.
        until: end of the window (UTC), at most 90 days away.
        now: the time (UTC).
        post: id of the post that tells author, wording or place; the alert's earliest one by default.

    Raises:
        NotFound: there is no such alert, or no such post in it.
        BadInput: kind, reason or time isn't right, the post lacks what is to be hidden, or it is a crisis or red alert.
    """
    if kind not in KINDS:
        raise BadInput(f"kind: {kind!r} is none; use {', '.join(KINDS)}")
    why = given("reason", reason, "say why this needs nobody's eye for a time")
    if not now < until <= now + LONGEST:
        raise BadInput(f"until: must lie after now and within {LONGEST.days} days, not at {utc_text(until)}")
    alert = resolve(store, alert_id_).value
    what = {} if kind == "incident" else _told(_of(store, alert, post), kind, pseudonyms)
    if kind == "incident" and is_urgent(alert):
        raise BadInput(f"alert {alert.id}: has a crisis label or is red, and such are never hidden; decide it")
    given_by = {"kind": kind, "alert": alert.id, "grade": alert.grade, "by": actor, "reason": why, "until": until} | what
    id = _unused(store, kind, alert.id, post, actor, why, utc_text(until))
    window = Window.model_validate(given_by | {"id": id, "since": now})
    opened = window.model_dump(mode="json", exclude={"id", "by", "shape"}) | {
        "wording": window.shape.digest if window.shape else ""
    }
    events.append_if(store, id, actor, now, lambda chain: None if is_open(chain) else (OPENED, opened))
    started = next(event for event in reversed(store.events(id)) if event.kind == OPENED)
    window = window.model_copy(update={"since": started.at})
    store.put_notes(LIVE, {id: window.model_dump_json()})
    return window


def end_window(store: Store, id: str, actor: str, reason: str, now: datetime) -> Window:
    """End a window before its time; what it hid comes back with the alert stage's next round, or by `reopening.give_back`.

    Raises:
        NotFound: there is no such window.
        Conflict: it has ended.
        BadInput: the reason is missing or too long.
    """
    why = given("reason", reason, "say why the window ends early")
    window = _window(store, id)

    def if_open(chain: list[Event]) -> events.Entry:
        if not is_open(chain) or window.until <= now:
            raise Conflict(f"window {id}: has ended already")
        return ENDED, {"reason": why}

    events.append_if(store, id, actor, now, if_open)
    return window


def active(store: Store, now: datetime) -> list[Window]:
    """The windows whose time it is at `now` (UTC); one that was just ended may be among them (`note_hidden` tells)."""
    return [one for one in live(store) if now < one.until]


def live(store: Store) -> list[Window]:
    """The windows that are open, or have not given back yet what they hid; by id."""
    return [Window.model_validate_json(note.value) for _, note in sorted(store.notes(LIVE).items())]


def past(store: Store) -> list[Window]:
    """The windows that are over; by id."""
    return [Window.model_validate_json(note.value) for _, note in sorted(store.notes(PAST).items())]


def is_open(chain: list[Event]) -> bool:
    """Whether the chain of a window says that it was opened and not ended."""
    last = next((event.kind for event in reversed(chain) if event.kind in {OPENED, ENDED}), ENDED)
    return last == OPENED


def note_hidden(store: Store, window: Window, alert: str, now: datetime) -> bool:
    """Write into the window's chain that it hides something in `alert`; False if the window has ended meanwhile."""
    ended = False

    def unless_told(chain: list[Event]) -> events.Entry | None:
        nonlocal ended
        ended = not is_open(chain)
        return None if ended or alert in hides(chain) else (HID, {"alert": alert})

    events.append_if(store, window.id, events.SYSTEM, now, unless_told)
    return not ended


def hides(chain: list[Event]) -> list[str]:
    """The alerts in which a window hid something, by its chain."""
    return list(dict.fromkeys(event.data["alert"] for event in chain if event.kind == HID))


def hidden(store: Store, window: Window) -> tuple[int, int]:
    """How many alerts and revisions of posts `window` hid."""
    alerts, items = set(), set()
    for id in hides(store.events(window.id)):
        if found := life.suppressed(store.events(id), [window.id]):
            alerts.add(id)
            items |= found
    return len(alerts), len(items)


def is_over(store: Store, window: Window, now: datetime) -> bool:
    """Whether `window` has ended at `now` (UTC); the end of its time is written into its chain."""

    def at_its_end(chain: list[Event]) -> events.Entry | None:
        return (ENDED, {"reason": "its time was over"}) if is_open(chain) and window.until <= now else None

    events.append_if(store, window.id, events.SYSTEM, now, at_its_end)
    return not is_open(store.events(window.id))


def put_away(store: Store, window: Window) -> None:
    """Move a window that has given back everything to the past ones."""
    store.put_notes(PAST, {window.id: window.model_dump_json()})
    store.drop_notes(LIVE, [window.id])


def is_urgent(alert: Alert) -> bool:
    """Whether nothing may hide the alert: it has a crisis label, or it is red."""
    return alert.grade is Grade.RED or not CRISIS.isdisjoint(alert.harm)


def _unused(store: Store, *asked: str) -> str:
    """Id of the window that was `asked` for, unless one like it has ended: then that of the next."""
    ids = (alert_id("window", *asked, str(number)) for number in count())
    return next(id for id in ids if not (chain := store.events(id)) or is_open(chain))


def _window(store: Store, id: str) -> Window:
    note = store.note(LIVE, id) or store.note(PAST, id)
    if note is None:
        raise NotFound(f"window {id}: there is none with this id; see humiao desk windows")
    return Window.model_validate_json(note.value)


def _of(store: Store, alert: Alert, post: str) -> Evidence:
    kept = [one for one in store.evidence(alert.id) if one.post.id == (post or alert.leader)]
    if not kept:
        raise NotFound(f"post {post or alert.leader}: is not kept in alert {alert.id}")
    return max(kept, key=lambda one: len(one.verdict.flags))


def _told(kept: Evidence, kind: Kind, pseudonyms: Pseudonyms) -> dict[str, object]:
    """What the window hides, as this post tells it."""
    one = said(kept.post, kept.verdict)
    if kind == "author":
        if not one.author:
            raise BadInput(f"post {kept.post.id}: names no author; hide its wording instead")
        return {"platform": one.platform, "author": pseudonyms.of(one.author)}
    harm = [harm for harm in one.shape.harm if harm not in CRISIS]
    if not harm:
        raise BadInput(f"post {kept.post.id}: has no label but crisis labels, and such are never hidden; decide the alert")
    if kind == "text":
        return {"shape": one.shape.model_copy(update={"harm": harm})}
    if not one.place:
        raise BadInput(f"post {kept.post.id}: names no place; hide its wording instead")
    return {"place": one.place, "harm": harm}
