"""Spikes: found when they are there, quiet when they are not; and the alerts on them."""

import math
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerting import desk, moods, spikes
from alerting.grades import GRADES, grace
from humiao.alert import Grade, Status, StoredPost, alert_id
from humiao.event import broken_links
from humiao.labels import Sentiment
from humiao.store import Store
from tests.alerting.stream import alerts_of
from tests.builders import NOON, make_stored

HOUR = timedelta(hours=1)
START = NOON - timedelta(days=10)
NOW = NOON + timedelta(minutes=20)


def series(counts: list[int]) -> dict[datetime, int]:
    return {START + number * HOUR: count for number, count in enumerate(counts) if count}


def find(counts: list[int]) -> list[spikes.Spike]:
    return spikes.find(series(counts), START, START + len(counts) * HOUR, HOUR)


def poisson(dice: random.Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, dice.random()
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count


@pytest.mark.parametrize(("mean", "height"), [(0.1, 10), (1, 16), (4, 30), (20, 65), (100, 250)])
@pytest.mark.parametrize("seed", range(3))
def test_an_injected_spike_is_found_where_it_is(mean: float, height: int, seed: int) -> None:
    dice = random.Random(seed)
    counts = [poisson(dice, mean) for _ in range(336)]
    counts[200] = height
    (spike,) = find(counts)
    assert (spike.start, spike.end, spike.count) == (START + 200 * HOUR, START + 201 * HOUR, height)
    assert spike.surprise >= 6
    assert spike.expected == pytest.approx(mean, rel=0.5, abs=0.2)


def test_neighbouring_intervals_are_one_spike_and_two_far_ones_two() -> None:
    counts = [1] * 336
    counts[100:104] = [20, 30, 25, 18]
    counts[300] = 40
    first, second = find(counts)
    assert (first.start, first.end, first.count) == (START + 100 * HOUR, START + 104 * HOUR, 93)
    assert second.start == START + 300 * HOUR


@pytest.mark.parametrize("mean", [0.02, 0.3, 2, 15, 200])
def test_chance_alone_raises_next_to_nothing(mean: float) -> None:
    dice = random.Random(7)
    looked_at = 20 * 336
    assert sum(len(find([poisson(dice, mean) for _ in range(336)])) for _ in range(20)) <= 3 * looked_at * spikes.UNLIKELY


def test_a_day_that_comes_every_day_is_no_spike() -> None:
    dice = random.Random(3)
    counts = [poisson(dice, 1 + 9 * (18 <= hour % 24 <= 22)) for hour in range(336)]
    assert find(counts) == []


@pytest.mark.parametrize("counts", [[], [50], [0] * 336, [5] * 336, [0] * 47 + [50], [7] + [0] * 335])
def test_flat_short_sparse_and_small_series_are_quiet(counts: list[int]) -> None:
    assert find(counts) == []


def test_eight_in_silence_is_a_spike() -> None:
    assert len(find([0] * 200 + [8] + [0] * 50)) == 1


@pytest.mark.parametrize(("mean", "variance"), [(0.5, 0.5), (3, 3), (3, 9), (40, 41), (40, 400), (200, 200)])
def test_tail_probabilities_agree_with_the_sum_of_the_distribution(mean: float, variance: float) -> None:
    def probability(k: int) -> float:
        if variance <= mean:
            return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
        size, share = mean**2 / (variance - mean), 1 - mean / variance
        return math.exp(
            math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log(1 - share) + k * math.log(share)
        )

    for count in (0, 1, 3, 10, 40, 90):
        expected = math.fsum(probability(k) for k in range(count, 3000))
        assert spikes.tail_probability(count, mean, variance) == pytest.approx(expected, rel=1e-6, abs=1e-13)


def test_tails_far_out_are_small_and_never_fail() -> None:
    assert spikes.tail_probability(5000, 0.01, 0.01) == 0.0
    assert 0 < spikes.tail_probability(500, 2.0, 300.0) < 1e-3
    assert spikes.tail_probability(0, 3.0, 3.0) == 1.0


def test_every_grade_has_hours_and_urgent_ones_fewer() -> None:
    assert list(GRADES) == list(Grade)
    hours = [rule.hours for rule in GRADES.values()]
    assert hours == sorted(hours)
    assert grace(Grade.RED) == 2 * HOUR
    assert grace(Grade.RED, 0.5) == HOUR / 2


# -- alerts on spikes ------------------------------------------------------------------------------------------------------


def post(
    number: int, ts: datetime, text: str = "", sentiment: Sentiment = Sentiment.NEGATIVE, board: str = "家长里短"
) -> StoredPost:
    words = text or f"{chr(0x4E00 + number)}{chr(0x5E00 + number)}{chr(0x6E00 + number)}真让人生气"
    return make_stored(native_id=str(number), ts=ts, text=words, sentiment=sentiment, board=board, handled_at=ts)


def calm(store: Store) -> None:
    """Ten days with a few posts a day, one in three of them negative."""
    store.put_posts(
        [post(n, START + timedelta(hours=3 * n), sentiment=(Sentiment.NEUTRAL, Sentiment.NEGATIVE)[n % 3 == 0]) for n in range(80)]
    )


def burst(store: Store, count: int, start: datetime, **over: str) -> None:
    store.put_posts([post(1000 + n, start + timedelta(seconds=90 * n), **over) for n in range(count)])


def test_a_burst_of_bad_mood_raises_one_alert_that_explains_itself(store: Store) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    (alert,) = alerts_of(store)
    assert (alert.kind, alert.grade, alert.harm, alert.status) == ("spike", Grade.YELLOW, [], Status.OPEN)
    assert alert.id == alert_id("spike", "bbs", "家长里短", "2026-03-01T23:00:00Z")
    assert alert.post_count == len(alert.posts) == 30
    assert alert.deadline == NOW + grace(Grade.YELLOW)
    assert alert.summary.startswith("负面情绪突增｜bbs 家长里短｜1小时内30帖")
    assert [event.kind for event in store.events(alert.id)] == ["raised"]


def test_looking_again_changes_nothing_unless_the_counts_did(store: Store) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    (before,) = alerts_of(store)
    for minutes in range(1, 4):
        moods.update(store, NOW + timedelta(minutes=minutes))
    assert alerts_of(store) == [before]
    assert len(store.events(before.id)) == 1
    burst(store, 35, NOON - 5 * HOUR)
    moods.update(store, NOW + timedelta(minutes=5))
    (after,) = alerts_of(store)
    assert after.post_count == 35
    assert [event.kind for event in store.events(after.id)] == ["raised", "recounted"]


@pytest.mark.parametrize("over", [{"text": "本店开业大酬宾欢迎新老顾客光临惠顾"}, {"sentiment": Sentiment.NEUTRAL}])
def test_a_repost_storm_and_a_busy_but_calm_hour_are_no_mood(store: Store, over: dict) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR, **over)
    moods.update(store, NOW)
    assert alerts_of(store) == []


def test_boards_are_looked_at_apart(store: Store) -> None:
    calm(store)
    for board in range(10):
        store.put_posts([post(2000 + board * 10 + n, NOON - 5 * HOUR, board=f"板{board}") for n in range(4)])
    moods.update(store, NOW)
    assert alerts_of(store) == []


def test_a_board_seen_for_less_than_two_days_has_no_usual(store: Store) -> None:
    store.put_posts([post(n, NOON - timedelta(hours=40 - n)) for n in range(30)])
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    assert alerts_of(store) == []


def explain_away(store: Store) -> None:
    """The posts turn out to be of neutral mood: a newer revision of each."""
    gone = [post(1000 + n, NOON - 5 * HOUR + timedelta(seconds=90 * n), sentiment=Sentiment.NEUTRAL) for n in range(30)]
    store.put_posts(gone)


def test_an_explained_spike_is_withdrawn_and_comes_back(store: Store) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    (alert,) = alerts_of(store)
    explain_away(store)
    moods.update(store, NOW)
    assert alerts_of(store) == []
    assert store.alert(alert.id).value.status is Status.WITHDRAWN
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    assert [found.id for found in alerts_of(store)] == [alert.id]
    assert [event.kind for event in store.events(alert.id)] == ["raised", "withdrawn", "found_again"]
    assert broken_links(store.events(alert.id)) == []


def test_a_decided_spike_is_left_alone(store: Store) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    (alert,) = alerts_of(store)
    decided = desk.decide(store, alert.id, "patrol1", "confirm", "", NOW)
    burst(store, 40, NOON - 5 * HOUR)
    moods.update(store, NOW + HOUR)
    explain_away(store)
    moods.update(store, NOW + 2 * HOUR)
    assert store.alert(alert.id).value == decided


def test_a_spike_that_slides_out_of_sight_is_not_withdrawn(store: Store) -> None:
    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    moods.update(store, NOW)
    (alert,) = alerts_of(store)
    moods.update(store, NOW + timedelta(days=20))
    assert store.alert(alert.id).value.status is Status.OPEN


def test_two_workers_that_look_at_once_raise_one_alert(store: Store, data: Path) -> None:
    import threading

    from humiao.settings import Settings
    from humiao.store import open_store

    calm(store)
    burst(store, 30, NOON - 5 * HOUR)
    ready = threading.Barrier(3)

    def look() -> None:
        with open_store(Settings(data=data)) as other:
            ready.wait()
            moods.update(other, NOW)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (alert,) = alerts_of(store)
    assert broken_links(store.events(alert.id)) == []
    assert [event.kind for event in store.events(alert.id)].count("raised") == 1
