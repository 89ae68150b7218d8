"""What is looked at before a page is parsed, and what is cut off a reading; each by itself."""

import re
import threading
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.bounded_reading import MOST_POSTS, TooLong, at_most, read_bounded
from crawlers.families.base import Family
from crawlers.polite.markup_limits import MOST_ATTRIBUTES, MOST_TAGS, _look_closely, too_many_values, too_much_markup
from crawlers.reading import ListedThread, Reading, ReadPost
from crawlers.web_address import absolute, absolute_id
from tests.crawlers.families.pages import page, source

NOW = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)
MANY = " ".join(f"a{number}='>'" for number in range(20_000))


@pytest.mark.parametrize(
    "body",
    [
        "<p>" * (MOST_TAGS + 1),
        f"<div {' '.join(f'a{n}=1' for n in range(MOST_ATTRIBUTES + 1))}>",
        f"<div {MANY}>",
        f"</div {MANY}>",
        f'<!-- x --><script>"<a b="</script><div {MANY}>',
        f'<!-- " --><div {MANY}>',
        f'<title><a b="</title><div {MANY}>',
        f"<textarea><a b='</textarea><div {MANY}>",
        f"<script {MANY}></script>",
        f'<a b="<div {MANY}>',
        f"<x y=\"\" z='><div {MANY}>",
        "<a b=" * 2000,
    ],
)  # fmt: skip
def test_pages_that_would_stop_the_parser_are_known_before(body):
    assert too_much_markup(body.encode())
    assert too_much_markup(body.encode("utf-16"))


@pytest.mark.parametrize(
    "body",
    [
        "", "<", "a < b > c" * 100, '<p title="a > b">' * 5000, "<img src='data:image/png;base64," + "A" * 3_000_000 + "'>",
        "<script>" + "if (a<b && c>d) {x='y'};\n" * 20_000 + "</script>", "<div data-page='" + '{"a": "b"},' * 2000 + "'></div>",
        "<!--" + "<a b c d>" * 5000 + "-->", "<p>" + "word " * 200_000, "<style>a>b{c:d}\n" * 5000 + "</style>", "<p>x &gt; y = z\n" * 30_000,
    ],
)  # fmt: skip
def test_honest_pages_pass(body):
    assert too_much_markup(body.encode()) == ""


@given(st.text(alphabet="<>ab=/'\" !-sctyle", max_size=400))
def test_any_bytes_are_looked_at(body):
    assert isinstance(too_much_markup(body.encode() * 20), str)


@given(st.lists(st.tuples(st.text(alphabet="<>ab=/'\" !-sctyle", max_size=12), st.integers(1, 900)), max_size=6))
def test_the_quick_look_lets_no_long_tag_pass(parts):
    body = "".join(piece * times for piece, times in parts).encode()
    if _look_closely(body).startswith(("a tag", "an attribute")):
        assert too_much_markup(body)


@pytest.mark.parametrize(
    "piece", ["<a b=", '<a b="', "<a b='\"", "<!--", "<script ", "<script>", "</", "<a\n", "=\"'", "<a b=<", "<style><a '"]
)  # fmt: skip
def test_looking_takes_time_by_the_length_and_not_its_square(piece):
    body = piece.encode() * (900_000 // len(piece))
    began = time.perf_counter()
    too_much_markup(body)
    assert time.perf_counter() - began < 3


def test_json_is_counted_too():
    assert too_many_values(b"[" + b"0," * 500_000 + b"0]")
    assert too_many_values(b'[{"a":1},' * 300_000)
    assert too_many_values(b'{"posts": [' + b'{"id": 1, "cooked": "<p>x, y</p>"},' * 2000) == ""


def test_runaway_reading_is_ended():
    began = time.perf_counter()
    with pytest.raises(TooLong), at_most(0.2):
        re.match(r"(?:a|aa)+$", "a" * 60 + "b")
    assert time.perf_counter() - began < 3
    with at_most(5):
        pass


def test_other_threads_are_left_alone():
    done = []

    def work() -> None:
        with at_most(0.0001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


class Fixed(Family):
    name = "fixed"

    def __init__(self, reading: Reading | BaseException) -> None:
        self._reading = reading

    def recognises(self, page) -> bool:
        return True

    def read_list(self, page, source, now):
        if isinstance(self._reading, BaseException):
            raise self._reading
        return self._reading

    def read_thread(self, page, source, now, *, first):
        return self.read_list(page, source, now)


def cut(reading: Reading | BaseException) -> Reading:
    return read_bounded(
        Fixed(reading), page("<p>x</p>", "https://bbs.example.cn/"), source("feed", "https://bbs.example.cn/"), NOW, None
    )


def test_what_no_address_or_post_can_hold_is_replaced():
    found = cut(
        Reading(
            posts=(ReadPost("1\ud800", title="a\0b", author="\udfff", text="x", images=("http://[", "https://a.example/i.png")),)
        )
    )
    assert found.posts == (ReadPost("1\ufffd", title="a\ufffdb", author="\ufffd", text="x", images=("https://a.example/i.png",)),)


def test_addresses_that_lead_nowhere_are_left_out():
    threads = (
        ListedThread("https://a.example/t"),
        ListedThread(""),
        ListedThread("javascript:x"),
        ListedThread("https://a.example/" + "x" * 9000),
    )
    found = cut(
        Reading(threads=threads, boards=("http://[::1", "https://a.example/b", "https://a.example/b"), more=("mailto:a@b",))
    )
    assert (found.threads, found.boards, found.more) == ((threads[0],), ("https://a.example/b",), ())


def test_of_posts_with_one_id_the_first_counts_and_those_without_stay():
    posts = tuple(ReadPost(id, text=text) for id, text in (("a", "1"), ("", "2"), ("a", "3"), ("", "4"), ("b", "5")))
    assert [one.text for one in cut(Reading(posts=posts)).posts] == ["1", "2", "4", "5"]


def test_more_than_a_page_may_hold_is_cut_and_said():
    found = cut(Reading(posts=tuple(ReadPost(str(n)) for n in range(MOST_POSTS + 5))))
    assert len(found.posts) == MOST_POSTS
    assert found.trouble


@pytest.mark.parametrize("error", [RecursionError(), MemoryError()])
def test_what_python_can_not_hold_is_a_trouble(error):
    assert cut(error).trouble


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/t/1", "https://a.example/t/1"), (" t?x=1 ", "https://a.example/b/t?x=1"), ("//b.example/x", "https://b.example/x"), ("", "https://a.example/b/"),
        ("http://[::1", ""), ("http://[x]/", ""), ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("mailto:a@b", ""), ("http://a:99999/", ""),
        ("http:///x", ""), ("http://a:0/", ""), ("ftp://a/", ""),
    ],
)  # fmt: skip
def test_links_become_addresses_or_nothing(link, expected):
    assert absolute("https://a.example/b/", link) == expected


def test_an_identifier_may_lead_nowhere():
    assert absolute_id("https://a.example/b", "urn:x:1") == "urn:x:1"
    assert absolute_id("https://a.example/b", "http://[") == "http://["
