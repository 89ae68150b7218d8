import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.list_order import ListOrder, by_activity

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
        ([[R, R], [R, N], [N]], [False, False, False]),  # met on a walk through all pages
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
    assert order.below == 0
    wanted = max([number for number, page in enumerate(pages, 1) if any(page)], default=1)
    assert read <= wanted + 1


def walked(*pages: list[bool]) -> ListOrder:
    order = ListOrder()
    for number, page in enumerate(pages):
        order.follow(page, first_page=number == 0)
    return order


def test_the_order_of_a_list_is_judged_by_where_its_news_stood():
    assert by_activity([walked([N] * 9 + [R] * 11, [R] * 19 + [N])])  # a deletion moved one down
    assert by_activity([walked([N, R, R, N] * 5, [R, N, R, N])]) is False  # newest threads first, replies anywhere
    assert by_activity([walked([N, R, R, R]), walked([R] * 4)]) is None
