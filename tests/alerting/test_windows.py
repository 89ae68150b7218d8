"""Suppression windows: they hide for a time, count what they hid, give it back, and never hide a child in danger."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerting import desk, life, windows
from alerting.handler import Handler
from alerting.pseudonyms import Pseudonyms
from alerting.reopening import Reopening
from alerting.windows import Kind, Window
from humiao.alert import Alert, Status
from humiao.errors import BadInput, Conflict, NotFound
from humiao.event import broken_links
from humiao.labels import Harm, Stance
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.alerting import test_same_result
from tests.alerting.stream import BETS, BRIDGED, SKINS, VAPES, alerts_of, check_whole, scored, shipped, twisted
from tests.alerting.test_same_result import Killed, killed_after, restore
from tests.builders import at

FRAUD = {Harm.FRAUD: 0.9}
GAMBLING = {Harm.GAMBLING: 0.9}
DAY = timedelta(days=1)


class Desk:
    """A worker, a clock and somebody who opens windows."""

    def __init__(self, store: Store, data: Path) -> None:
        self.store, self.now = store, at(days=9)
        self.pseudonyms = Pseudonyms.open(data)
        self.handler = Handler(store, data, shipped(), self.clock)
        self.reopening = Reopening(store, self.clock, self.pseudonyms.of)

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def open(self, alert: str, kind: Kind, days: float = 7, **more: str) -> Window:
        until = self.now + timedelta(days=days)
        return self.reopening.open_window(self.pseudonyms, alert, "super1", kind, "刷屏玩笑", until, **more)

    def first(self, n: int = 1, text: str = SKINS, flags: dict[Harm, float] | None = None, **over: str) -> Alert:
        self.handler.handle([scored(n, text, flags or FRAUD, **over)])
        return next(one for one in alerts_of(self.store) if one.excerpt[:6] == text[:6])

    def statuses(self) -> list[str]:
        for alert in alerts_of(self.store):
            assert broken_links(self.store.events(alert.id)) == []
        check_whole(self.store)
        return sorted(alert.status.value for alert in alerts_of(self.store))


@pytest.fixture
def here(store: Store, data: Path) -> Desk:
    return Desk(store, data)


def test_a_muted_incident_leaves_the_queue_at_once_and_comes_back_in_time(here: Desk) -> None:
    alert = here.first()
    window = here.open(alert.id, "incident")
    found = here.store.alert(alert.id).value
    assert (found.status, found.decided_by) == (Status.DISMISSED, "super1")
    here.handler.handle([scored(n, twisted(SKINS, n), FRAUD) for n in range(2, 8)])
    assert windows.hidden(here.store, window) == (1, 7)
    here.later(days=6)
    here.reopening.give_back()
    assert here.statuses() == ["dismissed"]
    here.later(days=1)
    here.reopening.give_back()
    found = here.store.alert(alert.id).value
    assert (found.status, found.decided_by, found.decided_at) == (Status.OPEN, "", None)
    assert windows.live(here.store) == []
    assert windows.past(here.store) == [window]
    assert windows.hidden(here.store, window) == (1, 7), "the count stays when the window is over"


@pytest.mark.parametrize(
    ("kind", "like", "unlike"),
    [
        ("author", {"author": "作者1", "platform": "贴吧"}, {"author": "作者2", "platform": "贴吧"}),
        ("author", {"author": "作者1", "platform": "贴吧"}, {"author": "作者1", "platform": "bbs"}),
        ("place", {"place": "坂田街道"}, {"place": "岗头社区"}),
    ],
)
def test_a_window_hides_new_alerts_that_it_covers_and_no_others(
    here: Desk, kind: Kind, like: dict[str, str], unlike: dict[str, str]
) -> None:
    first = here.first(1)  # by 作者1 on 贴吧 at 坂田街道
    here.open(first.id, kind)
    assert here.store.alert(first.id).value.status is Status.OPEN, "what is in the queue already stays there"
    hidden = here.first(2, BETS, **like)
    shown = here.first(3, VAPES, **unlike)
    assert [hidden.status, shown.status] == [Status.DISMISSED, Status.OPEN]


def test_a_place_window_hides_only_its_category(here: Desk) -> None:
    first = here.first(1)
    here.open(first.id, "place")
    assert here.first(4, BETS, GAMBLING, place="坂田街道").status is Status.OPEN
    assert here.first(7, VAPES, FRAUD, place="坂田街道").status is Status.DISMISSED


def test_a_muted_wording_hides_its_variants_but_not_with_another_harm(here: Desk) -> None:
    first = here.first(1)
    desk.decide(here.store, first.id, "patrol1", "dismiss", "误报", here.now)
    window = here.open(first.id, "text")
    here.handler.handle([scored(2, SKINS, {**FRAUD, Harm.VIOLENCE: 0.9})])
    assert here.statuses() == ["open"]
    assert windows.hidden(here.store, window) == (0, 0)


def test_news_of_a_decided_alert_wait_for_the_end_of_the_window(here: Desk) -> None:
    first = here.first(1)
    desk.decide(here.store, first.id, "patrol1", "dismiss", "误报", here.now)
    window = here.open(first.id, "author")
    new = scored(1, BETS + BRIDGED[0], FRAUD, fetched_at=at(days=8))  # the same post, edited
    here.handler.handle([new])
    assert here.statuses() == ["dismissed"]
    assert windows.hidden(here.store, window) == (1, 1)
    here.later(days=7)
    here.reopening.give_back()
    assert here.statuses() == ["open"]
    mark = desk.since_closed(here.store, first.id)
    assert mark is not None
    assert len(mark.new) == 1


@pytest.mark.parametrize(
    "crisis", [Harm.SELF_HARM, Harm.SEXUAL, Harm.DRUGS, Harm.CRIME_RECRUITMENT, Harm.TRAFFICKING, Harm.CHILD_ABUSE]
)
@pytest.mark.parametrize("kind", windows.KINDS)
def test_no_window_hides_a_crisis_label(here: Desk, kind: Kind, crisis: Harm) -> None:
    first = here.first(1)
    here.open(first.id, kind)
    same = {"author": "作者1", "platform": "贴吧", "place": "坂田街道"}
    here.handler.handle([scored(18, SKINS, {**FRAUD, crisis: 0.9}, Stance.OTHER, **same), scored(35, BETS, {crisis: 0.9}, **same)])
    assert set(here.statuses()) == {"open"}
    assert here.store.alert(desk.resolve(here.store, first.id).value.id).value.status is Status.OPEN


def test_a_crisis_or_red_alert_can_not_be_muted(here: Desk) -> None:
    here.handler.handle([scored(1, "我真的不想活了，今晚就走，谁也别拦我", {Harm.SELF_HARM: 0.9}, Stance.VICTIM)])
    (alert,) = alerts_of(here.store)
    for kind, message in (("incident", "never hidden"), ("text", "never hidden"), ("place", "never hidden")):
        with pytest.raises(BadInput, match=message):
            here.open(alert.id, kind)
    here.open(alert.id, "author")
    here.handler.handle(
        [scored(18, "明天也不想活了，再见各位同学", {Harm.SELF_HARM: 0.9}, Stance.VICTIM, author="作者1", platform="贴吧")]
    )
    assert set(here.statuses()) == {"open"}


def test_ending_a_window_early_gives_back_what_it_hid(here: Desk) -> None:
    first = here.first(1)
    window = here.open(first.id, "author")
    hidden = here.first(18, BETS, FRAUD, author="作者1", platform="贴吧")
    assert hidden.status is Status.DISMISSED
    with pytest.raises(BadInput, match="reason: is empty"):
        here.reopening.end_window(window.id, "super1", " ")
    here.reopening.end_window(window.id, "super1", "有家长反映")
    assert here.statuses() == ["open", "open"]
    assert [event.kind for event in here.store.events(window.id)] == ["opened", "hid", "ended"]
    assert broken_links(here.store.events(window.id)) == []
    with pytest.raises(Conflict, match="has ended already"):
        here.reopening.end_window(window.id, "super1", "再来")
    here.handler.handle([scored(35, BETS, FRAUD, author="作者1", platform="贴吧")])
    assert here.statuses() == ["open", "open"]


def test_a_person_may_decide_or_reopen_what_is_hidden(here: Desk) -> None:
    alert = here.first(1)
    here.open(alert.id, "incident")
    assert desk.reopen(here.store, alert.id, "patrol1", "我要看", here.now).status is Status.OPEN
    here.handler.handle([scored(2, SKINS, FRAUD)])
    assert here.statuses() == ["open"], "what a person brought back is not hidden again by the same window"
    other = here.first(3, BETS, GAMBLING)
    here.open(other.id, "incident")
    assert desk.decide(here.store, other.id, "patrol1", "dismiss", "误报", here.now).decided_by == "patrol1"
    here.later(days=8)
    here.reopening.give_back()
    assert here.store.alert(other.id).value.status is Status.DISMISSED, "a window's end undoes nobody's decision"


def test_two_windows_over_the_same_post_hide_it_as_long_as_one_is_open(here: Desk) -> None:
    first = here.first(1)
    short, long = here.open(first.id, "author", days=1), here.open(first.id, "place", days=3)
    here.first(18, BETS, FRAUD, author="作者1", platform="贴吧", place="坂田街道")
    here.later(hours=12)
    here.reopening.end_window(long.id, "super1", "换一种办法")
    assert here.statuses() == ["dismissed", "open"]
    assert windows.live(here.store) == [short]
    here.later(hours=12)
    here.reopening.give_back()
    assert here.statuses() == ["open", "open"]
    assert windows.hidden(here.store, short) == windows.hidden(here.store, long) == (1, 1)


def test_a_hidden_alert_that_an_earlier_post_renames_stays_hidden(here: Desk) -> None:
    first = here.first(1)
    here.open(first.id, "author")
    here.first(35, BETS, FRAUD, author="作者1", platform="贴吧")
    here.handler.handle([scored(18, BETS, FRAUD, author="作者1", platform="贴吧")])
    assert here.statuses() == ["dismissed", "open"]
    here.handler.handle([scored(19, BETS, FRAUD)])  # somebody else
    assert here.statuses() == ["open", "open"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "weather"}, "kind: 'weather' is none"),
        ({"reason": ""}, "reason: is empty"),
        ({"until": at(days=9)}, "until: must lie after now"),
        ({"until": at(days=100)}, "until: must lie after now and within 90 days"),
    ],
)
def test_a_window_needs_kind_reason_and_end(here: Desk, change: dict, message: str) -> None:
    alert = here.first(1)
    asked = {"kind": "author", "reason": "玩笑", "until": at(days=10)} | change
    with pytest.raises(BadInput, match=message):
        windows.open_window(
            here.store, here.pseudonyms, alert.id, "super1", asked["kind"], asked["reason"], asked["until"], here.now
        )
    with pytest.raises(NotFound):
        here.open(alert.id, "text", post="0" * 32)
    with pytest.raises(NotFound):
        here.reopening.end_window("0" * 32, "super1", "没有")
    assert windows.live(here.store) == []


def test_opening_the_same_window_again_changes_nothing(here: Desk) -> None:
    alert = here.first(1)
    until = here.now + DAY
    first = here.reopening.open_window(here.pseudonyms, alert.id, "super1", "author", "玩笑", until)
    here.later(minutes=1)
    assert here.reopening.open_window(here.pseudonyms, alert.id, "super1", "author", "玩笑", until) == first
    assert [event.kind for event in here.store.events(first.id)] == ["opened"]


def kill(store: Store, writes: int, act: Callable[[], object]) -> None:
    """Kill `act` at its write number `writes`."""
    killed_after(store, writes, None)
    with contextlib.suppress(Killed):
        act()
    restore(store)


@pytest.fixture
def every_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_same_result, "WRITES", (*test_same_result.WRITES, "put_note", "put_notes", "drop_notes"))


@pytest.mark.usefixtures("every_write")
@pytest.mark.parametrize("writes", range(16))
def test_a_kill_at_any_write_hides_once_and_gives_back_once(data: Path, writes: int) -> None:
    with open_store(Settings(data=data)) as store:
        here = Desk(store, data)
        first = here.first(1)
        kill(store, writes, lambda: here.open(first.id, "author"))
        window = here.open(first.id, "author")
        row = scored(18, BETS, FRAUD, author="作者1", platform="贴吧")
        kill(store, writes, lambda: here.handler.handle([row]))
        here.handler.handle([row])
        assert here.statuses() == ["dismissed", "open"]
        assert windows.hidden(store, window) == (1, 1)
        here.later(days=8)
        kill(store, writes, here.reopening.give_back)
        here.reopening.give_back()
        assert here.statuses() == ["open", "open"]
        assert windows.live(store) == []
        (other,) = (one for one in alerts_of(store) if one.id != first.id)
        assert [event.kind for event in store.events(other.id)] == ["raised", "suppressed", "reopened"]
        assert life.read(store.events(other.id)).hidden is None
