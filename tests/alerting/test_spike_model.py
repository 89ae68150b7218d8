"""The week that counts follow: hours, kinds of day, holidays, gaps, clocks, late data, and what many series tell one."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alerting import spikes
from alerting.spikes.hours import Hours

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 8, 30, 16, tzinfo=UTC)
"""Midnight of a Monday in China."""
MONTH = 28 * 24


def counts_of(mean: np.ndarray, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean)


def mapped(counts: np.ndarray, begin: datetime = BEGIN) -> dict[datetime, int]:
    return {begin + number * HOUR: int(count) for number, count in enumerate(counts) if count}


def found(counts: np.ndarray, **more) -> list[int]:
    """Hours at which spikes begin."""
    series = mapped(counts)
    return [round((one.start - BEGIN) / HOUR) for one in spikes.find(series, BEGIN, BEGIN + len(counts) * HOUR, HOUR, **more)]


def week(length: int, night: float = 2.0, evening: float = 40.0) -> np.ndarray:
    """Quiet nights and full evenings, China's time."""
    return np.array([evening if 18 <= hour % 24 <= 22 else night for hour in range(length)])


@pytest.mark.parametrize(("local", "hour", "day"), [
    ("2026-09-28 08:00", 8, 0),  # a Monday
    ("2026-10-01 08:00", 24 + 8, 7),  # National Day
    ("2026-10-05 08:00", 24 + 8, 7),  # a Monday off
    ("2026-10-10 23:59", 23, 8),  # a Saturday that is worked
    ("2026-10-11 00:00", 24, 6),  # the Sunday after
])  # fmt: skip
def test_every_hour_has_its_place_in_the_chinese_week(local: str, hour: int, day: int) -> None:
    begin = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    where = Hours.of(begin, 1, HOUR)
    assert (where.hour[0], where.day[0]) == (hour, day)


def test_an_evening_as_every_evening_is_none_and_the_same_count_at_night_is_one() -> None:
    counts = counts_of(week(MONTH))
    counts[20 * 24 + 20], counts[21 * 24 + 4] = 45, 45
    assert found(counts) == [21 * 24 + 4]


def test_three_times_the_usual_is_found_within_two_hours() -> None:
    hits = 0
    for seed in range(20):
        counts = counts_of(week(MONTH, 4, 20), seed)
        start = MONTH - 24 + 20
        counts[start : start + 2] = np.random.default_rng(100 + seed).poisson(60, 2)
        hits += any(start <= hour <= start + 1 for hour in found(counts[: start + 2]))
    assert hits >= 18


def test_own_past_spikes_hide_no_new_one() -> None:
    counts = counts_of(week(MONTH))
    for day in (3, 9, 15, 21):
        counts[day * 24 + 10 : day * 24 + 16] *= 12
    counts[26 * 24 + 12] = 20
    assert 26 * 24 + 12 in found(counts)


def test_a_holiday_is_judged_as_a_day_of_rest() -> None:
    begin = datetime(2026, 9, 6, 16, tzinfo=UTC)
    length = 28 * 24
    rest = Hours.of(begin, length, HOUR).hour >= 24
    counts = counts_of(np.where(rest, 60.0, 12.0), 4)
    end = begin + length * HOUR  # in the October week
    assert [one for one in spikes.find(mapped(counts, begin), begin, end, HOUR) if one.surprise > 6] == []
    worked = counts.copy()
    worked[24 * 9 + 15] = 60  # a Wednesday
    assert any(one.start == begin + (24 * 9 + 15) * HOUR for one in spikes.find(mapped(worked, begin), begin, end, HOUR))


def test_a_series_with_few_posts_borrows_the_week_of_the_others() -> None:
    shape = week(14 * 24, 0.3, 9.0)
    many = [mapped(counts_of(shape, seed)) for seed in range(20)]
    end = BEGIN + 14 * 24 * HOUR
    pool = spikes.baseline(many, BEGIN, end, HOUR)
    assert pool.hours[20] > 10 * pool.hours[4]
    newcomer = counts_of(week(3 * 24, 0.05, 1.5), 7)[None].astype(np.float32)  # three days, a few posts
    alone, borrowing = (spikes.find_many(newcomer, BEGIN, HOUR, pool=one).expected[0] for one in (None, pool))
    assert alone[68] < 10 * alone[52]
    assert 20 * borrowing[52] < borrowing[68] < 45 * borrowing[52]
    assert 0.7 < borrowing[68] < 3


def test_hours_in_a_gap_are_neither_usual_nor_a_spike() -> None:
    counts = counts_of(week(MONTH))
    gap = slice(10 * 24, 25 * 24)
    silent = counts.copy()
    silent[gap] = 0
    told = [(BEGIN + gap.start * HOUR, BEGIN + gap.stop * HOUR)]
    assert found(silent, gaps=told) == found(counts) == []
    assert found(silent) != []  # fifteen days of silence pull the level down when nobody says that they were a gap
    silent[gap.start + 3] = 500  # what came in of it all the same says nothing
    assert found(silent, gaps=told) == []


def test_an_hour_that_a_gap_touches_is_unknown() -> None:
    counts = counts_of(week(MONTH))
    counts[500] = 300
    half = BEGIN + 500 * HOUR + timedelta(minutes=50)
    assert found(counts) == [500]
    assert found(counts, gaps=[(half, half + timedelta(minutes=1))]) == []
    assert found(counts, gaps=[(half + timedelta(minutes=10), half + HOUR)]) == [500]
    assert found(counts, gaps=[(BEGIN - 9 * HOUR, BEGIN), (BEGIN + 9000 * HOUR, BEGIN + 9001 * HOUR)]) == [500]


def test_a_day_that_comes_a_day_late_is_no_spike_before_nor_after() -> None:
    counts = counts_of(week(MONTH))
    late = counts.copy()
    late[-48:-24] = 0
    assert found(late) == []
    assert found(counts) == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai"])
def test_a_change_of_clocks_where_the_machine_stands_changes_nothing(zone: str) -> None:
    begin = datetime(2026, 10, 11, 16, tzinfo=UTC)  # clocks go back on 25 October and 1 November
    counts = counts_of(week(MONTH), 2)
    counts[600] = 200
    series = mapped(counts, begin)
    end = begin + MONTH * HOUR
    expected = spikes.find(series, begin, end, HOUR)
    assert [one.start for one in expected] == [begin + 600 * HOUR]
    assert spikes.find(series, begin.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone)), HOUR) == expected


def test_posts_from_the_future_are_not_counted_yet() -> None:
    counts = counts_of(week(MONTH))
    series = mapped(counts) | {BEGIN + (MONTH + ahead) * HOUR: 900 for ahead in range(3)}
    assert spikes.find(series, BEGIN, BEGIN + MONTH * HOUR, HOUR) == []


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-09-01T00:00:00 has no offset from UTC"):
        spikes.find({}, datetime(2026, 9, 1), BEGIN, HOUR)  # noqa: DTZ001


def test_many_series_at_once_are_judged_as_each_alone() -> None:
    dice = random.Random(5)
    counts = np.array([counts_of(week(MONTH) * dice.uniform(0.02, 3), seed) for seed in range(30)]).astype(np.float32)
    counts[7, -1] = 400
    pool = spikes.pooled(counts, np.ones(counts.shape, bool), Hours.of(BEGIN, MONTH, HOUR))
    together = spikes.find_many(counts, BEGIN, HOUR, pool=pool)
    for row in range(30):
        alone = spikes.find_many(counts[row : row + 1], BEGIN, HOUR, pool=pool)
        assert alone.surprise[0] == pytest.approx(together.surprise[row], abs=1e-3)
    newest = spikes.find_many(counts, BEGIN, HOUR, pool=pool, newest=2)
    assert newest.surprise == pytest.approx(together.surprise[:, -2:], abs=1e-6)
    assert np.argwhere(newest.surprise > 50).tolist() == [[7, 1]]


def test_quarter_hours_need_two_days_too() -> None:
    quarter = timedelta(minutes=15)
    short, long = np.ones(100, np.float32), np.ones(200, np.float32)
    short[-1] = long[-1] = 60
    assert spikes.find_many(short[None], BEGIN, quarter, newest=1).surprise[0, 0] == 0
    assert spikes.find_many(long[None], BEGIN, quarter, newest=1).surprise[0, 0] > 20


def test_nothing_known_gives_the_assumptions_for_one_alone() -> None:
    pool = spikes.baseline([], BEGIN, BEGIN + 100 * HOUR, HOUR)
    assert pool.rate_weight == 0
    assert set(pool.hours) == {1.0}
    silent = spikes.baseline([{}, {}], BEGIN, BEGIN + 100 * HOUR, HOUR)
    assert np.isfinite([silent.rate, silent.linear, silent.square, *silent.hours, *silent.days]).all()


def test_a_source_that_was_never_read_says_nothing() -> None:
    never = np.zeros((3, MONTH), bool)
    counts = np.full((3, MONTH), 50, np.float32)
    pool = spikes.pooled(counts, never, Hours.of(BEGIN, MONTH, HOUR))
    assert pool.rate_weight == 0
    assert not spikes.find_many(counts, BEGIN, HOUR, known=never, pool=pool).surprise.any()
