import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.list_order import ListOrder

N, R = True, False


@pytest.mark.parametrize(
    ("pages", "goes_on"),
    [
        ([[N, N, R, R]], [False]),
        ([[N, N, N]], [True]),
        ([[N, N], [N, R]], [True, False]),
        ([[R, R, N, N]], [True]),  # pinned threads that nobody marked
        ([[R, R, N, R]], [False]),
        ([[R, R, R]], [False]),
        ([[]], [True]),
        ([[N, R, N, R]], [False]),  # pinned threads with something new
        ([[R] * 10 + [N, R, N, R]], [True]),  # not in this order: go on
        ([[R, R], [R, N]], [False, True]),  # met on a walk through all pages
    ],
)
def test_the_next_page_is_wanted_as_long_as_something_new_may_stand_there(pages, goes_on):
    order = ListOrder()
    assert [order.follow(page, first_page=number == 0) for number, page in enumerate(pages)] == goes_on


@given(st.integers(0, 5), st.integers(0, 60), st.integers(1, 60), st.integers(2, 20))
def test_in_a_list_by_activity_nothing_new_is_missed_and_at_most_one_page_too_many_is_read(pinned, new, resting, size):
    rows = [R] * min(pinned, size - 1) + [N] * new + [R] * resting
    pages = [rows[start : start + size] for start in range(0, len(rows), size)]
    order, read = ListOrder(), 0
    for number, page in enumerate(pages):
        read += 1
        if not order.follow(page, first_page=number == 0):
            break
    assert not any(any(page) for page in pages[read:])
    assert not order.broken
    wanted = max([number for number, page in enumerate(pages, 1) if any(page)], default=1)
    assert read <= wanted + 1
