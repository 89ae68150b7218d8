"""Who works on an alert: a claim holds for its time, is taken over in sight of all, and of two at once one is first."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerting import claims, desk, life, second
from alerting.handler import Handler
from humiao.alert import Status
from humiao.errors import BadInput, Conflict
from humiao.event import broken_links
from humiao.labels import Harm
from humiao.store import Store
from tests.alerting.racing import at_once
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, scored
from tests.builders import at

FRAUD = {Harm.FRAUD: 0.9}
HOUR = timedelta(hours=1)


@pytest.fixture
def alert(store: Store, handler: Handler) -> str:
    handler.handle([scored(1, SKINS, FRAUD)])
    return alerts_of(store)[0].id


def told(store: Store, alert: str) -> list[tuple[str, str, dict]]:
    chain = store.events(alert)
    assert broken_links(chain) == []
    return [(event.kind, event.actor, event.data) for event in chain[1:]]


def test_a_claim_keeps_others_off_until_it_runs_out(store: Store, alert: str) -> None:
    claims.claim(store, alert, "patrol1", at(), lease=HOUR)
    for act in (
        lambda: claims.claim(store, alert, "patrol2", at(minutes=59)),
        lambda: desk.decide(store, alert, "patrol2", "confirm", "", at(minutes=59)),
        lambda: second.ask(store, alert, "patrol2", "再看", at(minutes=59)),
        lambda: claims.release(store, alert, "patrol2", at(minutes=59)),
    ):
        with pytest.raises(Conflict, match="patrol1 works on it until 2026-03-02T05:00:00"):
            act()
    claims.claim(store, alert, "patrol2", at(minutes=60))
    assert told(store, alert) == [
        ("claimed", "patrol1", {"until": "2026-03-02T05:00:00Z"}),
        ("claimed", "patrol2", {"until": "2026-03-02T05:30:00Z", "lapsed": "patrol1"}),
    ]
    desk.decide(store, alert, "patrol2", "confirm", "", at(minutes=70))
    assert life.in_force(store.events(alert), at(minutes=71)) is None


def test_claiming_again_extends_the_claim_in_the_second_half_of_its_time(store: Store, alert: str) -> None:
    first = claims.claim(store, alert, "patrol1", at(), lease=HOUR)
    assert claims.claim(store, alert, "patrol1", at(minutes=29), lease=HOUR) == first
    again = claims.claim(store, alert, "patrol1", at(minutes=31), lease=HOUR)
    assert life.until(again) == at(minutes=91)
    assert [kind for kind, _, _ in told(store, alert)] == ["claimed", "claimed"]


def test_taking_over_says_from_whom_and_why(store: Store, alert: str) -> None:
    claims.claim(store, alert, "patrol1", at(), lease=HOUR)
    with pytest.raises(BadInput, match="reason: is empty"):
        claims.claim(store, alert, "patrol2", at(minutes=5), take_over=True)
    claims.claim(store, alert, "patrol2", at(minutes=5), take_over=True, reason="他已下班")
    assert told(store, alert)[-1] == (
        "claimed",
        "patrol2",
        {"until": "2026-03-02T04:35:00Z", "from": "patrol1", "reason": "他已下班"},
    )
    with pytest.raises(Conflict, match="patrol2 works on it"):
        desk.decide(store, alert, "patrol1", "confirm", "", at(minutes=6))


def test_a_released_alert_is_anybodys(store: Store, alert: str) -> None:
    with pytest.raises(Conflict, match="nobody has claimed it"):
        claims.release(store, alert, "patrol1", at())
    claims.claim(store, alert, "patrol1", at())
    claims.release(store, alert, "patrol1", at(minutes=1))
    claims.claim(store, alert, "patrol2", at(minutes=2))
    assert told(store, alert)[-1][2] == {"until": "2026-03-02T04:32:00Z"}


def test_a_decided_alert_can_not_be_claimed(store: Store, alert: str) -> None:
    desk.decide(store, alert, "patrol1", "dismiss", "误报", at())
    with pytest.raises(Conflict, match="patrol1 decided already"):
        claims.claim(store, alert, "patrol2", at(minutes=1))


@pytest.mark.parametrize("lease", [timedelta(0), timedelta(hours=-1), timedelta(hours=13)])
def test_a_lease_has_limits(store: Store, alert: str, lease: timedelta) -> None:
    with pytest.raises(BadInput, match="lease: "):
        claims.claim(store, alert, "patrol1", at(), lease=lease)


def test_of_many_claims_at_the_same_time_one_holds(data: Path, store: Store, alert: str) -> None:
    won, lost = at_once(data, lambda own, number: claims.claim(own, alert, f"patrol{number}", at()))
    assert (len(won), len(lost)) == (1, 5)
    (holder,) = (f"patrol{number}" for number in won)
    assert all(holder in message for message in lost)
    assert [actor for _, actor, _ in told(store, alert)] == [holder]


def test_a_claim_and_the_wish_for_a_second_view_outlive_a_merge(store: Store, handler: Handler) -> None:
    one, bridge, other = (scored(n, text, FRAUD) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second_alert = sorted(alerts_of(store), key=lambda found: found.leader_ts)
    second.ask(store, second_alert.id, "patrol1", "像是群聊截图", at(days=8))
    claims.claim(store, second_alert.id, "patrol2", at(days=9), lease=HOUR)
    handler.handle([bridge])
    stands = life.read(store.events(first.id))
    assert (stands.second_view.actor, stands.claim.actor, stands.claim.data["taken_from"]) == (
        "patrol1",
        "patrol2",
        second_alert.id,
    )
    with pytest.raises(Conflict, match="patrol1 asked for a second view"):
        desk.decide(store, first.id, "patrol1", "dismiss", "误报", at(days=9, hours=2))
    assert desk.decide(store, first.id, "patrol2", "dismiss", "误报", at(days=9, hours=2)).status is Status.DISMISSED
