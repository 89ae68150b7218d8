"""A change of layout is seen in the second strange page in a row, though it comes on another visit."""

from datetime import UTC, datetime

import pytest
from scrapy.exceptions import CloseSpider

from crawlers.layout_guard import LayoutGuard
from crawlers.reading import ListedThread, Reading, ReadPost

NOW = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)


def thread(*, author: str = "街坊", posts: int = 5) -> Reading:
    return Reading(posts=tuple(ReadPost(str(n), author=author, text="一句话", ts=NOW) for n in range(posts)))


def board(threads: int = 10, activity: str = "1") -> Reading:
    return Reading(threads=tuple(ListedThread(f"http://x/{n}", activity) for n in range(threads)))


def guard(note: str = "", version: str = "v1") -> LayoutGuard:
    return LayoutGuard(note, version, lambda *_, **__: None)


def taught(**more) -> str:
    """What visits to a site with usual pages leave behind."""
    one = guard(**more)
    for _ in range(8):
        assert not one.holds_back(thread(), "u")
        assert not one.holds_back_list(board(), "u", first_page=True)
    return one.to_note()


def test_the_second_strange_page_ends_the_visit_also_when_each_visit_meets_but_one():
    first = guard(taught())
    assert first.holds_back(thread(author=""), "u")
    assert not first.changed
    second = guard(first.to_note())
    with pytest.raises(CloseSpider):
        second.holds_back(thread(author=""), "u")
    assert second.changed == "author: found in 0 of 5, usually in 100%"


def test_a_usual_page_in_between_begins_the_count_anew():
    one = guard(taught())
    assert one.holds_back(thread(author=""), "u")
    assert not one.holds_back(thread(), "u")
    assert one.holds_back(thread(author=""), "u")


@pytest.mark.parametrize(
    ("strange", "said"), [(board(0), "threads: found in 0 of 1"), (board(activity=""), "activity: found in 0 of 10")]
)
def test_a_list_that_lost_its_threads_or_their_activity_is_strange(strange, said):
    one = guard(taught())
    assert one.holds_back_list(strange, "u", first_page=True)
    assert not one.holds_back_list(board(0), "u", first_page=False)  # past the end of a list
    with pytest.raises(CloseSpider):
        guard(one.to_note()).holds_back_list(strange, "u", first_page=True)
    with pytest.raises(CloseSpider):
        one.holds_back_list(strange, "u", first_page=True)
    assert one.changed.startswith(said)


def test_posts_of_a_timeline_are_held_back_too():
    one = guard()
    for _ in range(8):
        assert not one.holds_back_list(thread(), "u", first_page=True)
    assert one.holds_back_list(thread(author=""), "u", first_page=True)


def test_an_empty_feed_is_no_change_of_layout():
    one = guard()
    for _ in range(8):
        assert not one.holds_back_list(thread(), "u", first_page=True)
    assert not one.holds_back_list(Reading(), "u", first_page=True)


def test_two_threads_without_posts_are_a_change_only_if_nothing_else_has_any():
    one = guard(taught())
    assert one.is_hollow("t1", "u", alone=True)
    assert one.is_hollow("t1", "u", alone=True)  # the same one again: its posts were deleted
    assert one.is_hollow("t2", "u", alone=False)
    with pytest.raises(CloseSpider):
        guard(one.to_note()).is_hollow("t3", "u", alone=True)


def test_whoever_edits_the_source_file_begins_a_new_past():
    one = guard(taught(), version="v2")
    for _ in range(3):
        assert not one.holds_back(thread(author=""), "u")
