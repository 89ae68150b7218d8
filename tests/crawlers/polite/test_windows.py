from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.windows import is_open, opens_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("windows", "open_now"),
    [
        ((), True),
        (("08:00-22:30",), True),
        (("22:00-06:00",), False),
        (("22:00-12:01",), True),
        (("12:00-12:01",), True),
        (("11:00-12:00",), False),
        (("01:00-02:00", "11:30-12:30"), True),
    ],
)
def test_a_window_is_open_from_its_first_minute_to_before_its_last(windows, open_now):
    assert is_open(windows, SHANGHAI, NOON) is open_now


CLOCK = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.lists(st.builds(lambda a, b: f"{a}-{b}", CLOCK, CLOCK).filter(lambda one: one[:5] != one[6:]), min_size=1, max_size=3)
MOMENTS = st.integers(0, 366 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(WINDOWS, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]).map(ZoneInfo), MOMENTS)
def test_it_opens_at_the_first_minute_that_lies_in_a_window(windows, zone, now):
    opens = opens_at(windows, zone, now)
    assert is_open(windows, zone, opens)
    assert now <= opens <= now + timedelta(days=2)
    minute = now
    for _ in range(int((opens - now).total_seconds()) // 60 // 7):
        assert minute >= opens or not is_open(windows, zone, minute) or minute == now
        minute += timedelta(minutes=7)
