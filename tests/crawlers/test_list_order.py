import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.list_order import ListOrder, by_activity

N, R = True, False


def rows(news: list[bool], page: int = 0) -> list[tuple[str, bool]]:
    return [(f"t{page}-{place}", new) for place, new in enumerate(news)]


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
    assert [order.follow(rows(page, number), first_page=number == 0) for number, page in enumerate(pages)] == goes_on


@given(st.integers(0, 5), st.integers(0, 60), st.integers(1, 60), st.integers(2, 20))
def test_in_a_list_by_activity_nothing_new_is_missed_and_at_most_one_page_too_many_is_read(pinned, new, resting, size):
    whole = [R] * min(pinned, size - 1) + [N] * new + [R] * resting
    pages = [whole[start : start + size] for start in range(0, len(whole), size)]
    order, read = ListOrder(), 0
    for number, page in enumerate(pages):
        read += 1
        if not order.follow(rows(page, number), first_page=number == 0):
            break
    assert not any(any(page) for page in pages[read:])
    assert not order.below
    wanted = max([number for number, page in enumerate(pages, 1) if any(page)], default=1)
    assert read <= wanted + 1


def walked(*pages: list[bool]) -> ListOrder:
    order = ListOrder()
    for number, page in enumerate(pages):
        order.follow(rows(page, number), first_page=number == 0)
    return order


def grown(order: ListOrder) -> set[str]:
    return set(order.rows) - order.still


def test_the_order_of_a_list_is_judged_by_where_threads_with_new_posts_stood():
    by_last_post = walked([N] * 9 + [R] * 11, [R] * 19 + [N])
    assert by_activity([by_last_post], grown(by_last_post))
    by_age = walked([N, R, R, N] * 5, [R, N, R, N])
    assert by_activity([by_age], grown(by_age)) is False
    few = walked([N, R, R, R], [R] * 4)
    assert by_activity([few], grown(few)) is None


def test_deletions_in_old_threads_do_not_make_a_list_look_disordered():
    order = walked([N] * 6 + [R] * 14, [R, N, N, N] * 5)
    assert by_activity([order], {thread for thread in grown(order) if thread.startswith("t0-")})


def test_a_thread_that_left_the_place_it_should_have_is_missing():
    before = ["a", "b", "c", "d", "e"]
    order = ListOrder()
    order.follow([("n", N), ("d", N), ("a", R), ("c", R)], first_page=True)
    assert order.missing(before) == ["b"]
    assert order.missing([]) == []


def test_threads_pushed_off_the_page_by_livelier_ones_are_not_missing():
    order = ListOrder()
    order.follow([("t", N), ("n1", N), ("n2", N), ("a", R)], first_page=True)
    assert order.missing(["a", "b", "c", "t"]) == []


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)), st.integers(1, 12))
def test_missing_is_only_what_was_removed(order, bumped, removed, shown):
    before = [str(n) for n in order]
    lively = [n for n in before if int(n) in bumped and int(n) not in removed]
    rest = [n for n in before if int(n) not in bumped and int(n) not in removed]
    now = ListOrder()
    now.follow([(n, n in lively) for n in [*lively, *rest][:shown]], first_page=True)
    missing = set(now.missing(before))
    assert missing <= {str(n) for n in removed}
    still = [before.index(n) for n in now.still]
    assert missing == {n for place, n in enumerate(before) if int(n) in removed and place < max(still, default=0)}
